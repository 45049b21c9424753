// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// An EVP key of a curve: a point, with or without the scalar that it belongs to.
struct CurveKey: ~Copyable {
    let handle: OpaquePointer

    /// - Returns: nil when the point is not on the curve.
    init?(curve: EllipticCurve, point: [UInt8], scalar: UnsafeRawBufferPointer? = nil) {
        guard point.count == curve.pointCount else { return nil }
        let context = LibCrypto.require(
            EVP_PKEY_CTX_new_from_name(nil, curve.keyType, nil), "EVP_PKEY_CTX_new_from_name")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_fromdata_init(context), "EVP_PKEY_fromdata_init")

        // libcrypto takes numbers in the order of the machine.
        let native = SecretKey(count: curve.coordinateCount) { output in
            guard let scalar, scalar.count == output.count else { return }
            for index in 0..<output.count { output[index] = scalar[output.count - 1 - index] }
        }
        var name = curve.groupName.withUTF8Buffer { $0.map { CChar(bitPattern: $0) } } + [0]
        var bytes = point
        var key: OpaquePointer?
        let result = name.withUnsafeMutableBufferPointer { name in
            bytes.withUnsafeMutableBytes { bytes in
                var parameters = [
                    OSSL_PARAM_construct_utf8_string(Self.key("group"), name.baseAddress, 0),
                    OSSL_PARAM_construct_octet_string(Self.key("pub"), bytes.baseAddress, bytes.count),
                ]
                if scalar != nil {
                    let start = native.base.assumingMemoryBound(to: UInt8.self)
                    parameters.append(OSSL_PARAM_construct_BN(Self.key("priv"), start, native.count))
                }
                parameters.append(OSSL_PARAM_construct_end())
                return EVP_PKEY_fromdata(
                    context, &key, scalar == nil ? Self.publicSelection : Self.pairSelection, &parameters)
            }
        }
        guard result > 0, let key else {
            ERR_clear_error()
            EVP_PKEY_free(key)
            return nil
        }
        handle = key
    }

    deinit { EVP_PKEY_free(handle) }

    /// The secret that both sides of a key agreement have (NIST SP 800-56A 5.7.1.2): the x coordinate, of `count` bytes.
    ///
    /// - Returns: nil for a peer of another curve.
    borrowing func sharedSecret(with peer: borrowing CurveKey, count: Int) -> SecretKey? {
        let context = LibCrypto.require(EVP_PKEY_CTX_new_from_pkey(nil, handle, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        LibCrypto.require(EVP_PKEY_derive_init(context), "EVP_PKEY_derive_init")
        guard EVP_PKEY_derive_set_peer(context, peer.handle) > 0 else {
            ERR_clear_error()
            return nil
        }
        return SecretKey(count: count) { output in
            var written = output.count
            let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            LibCrypto.require(EVP_PKEY_derive(context, start, &written), "EVP_PKEY_derive")
            precondition(written == output.count, "a shared secret is as long as a coordinate")
        }
    }

    private static let publicSelection = OSSL_KEYMGMT_SELECT_ALL_PARAMETERS | OSSL_KEYMGMT_SELECT_PUBLIC_KEY
    private static let pairSelection = publicSelection | OSSL_KEYMGMT_SELECT_PRIVATE_KEY

    /// A parameter keeps the pointer to its name, which therefore has to be one into the program.
    private static func key(_ name: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
