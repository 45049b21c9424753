// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Signatures without a random number (RFC 6979; FIPS 186-5 6.3.2): a noise source that is broken cannot give the key
/// away, and what is signed twice has one signature.
extension P256PrivateKey {
    /// As `signature(ofDigest:)`, with the secret number of RFC 6979 3.2 under HMAC-SHA-256.
    ///
    /// - Returns: `r ‖ s`, 64 bytes; the same for the same digest.
    /// - Throws: `CurveError.wrongLength` for a digest that has not 32 bytes.
    public borrowing func deterministicSignature(ofDigest digest: [UInt8]) throws(CurveError) -> [UInt8] {
        guard digest.count == P256PublicKey.digestCount else { throw .wrongLength(digest.count) }
        return scalar.withBytes { scalar in
            EllipticCurve.p256.withGroup { DeterministicSigner(group: $0, scalar: scalar, digest: digest).sign() }
        }
    }
}

/// One signature in the making. Its numbers are wiped when it goes.
private struct DeterministicSigner: ~Copyable {
    private static let count = SHA256.digestCount
    /// Of HMAC's state: K, then V, a byte between, scalar and digest.
    private static let (valueStart, markStart) = (count, 2 * count)
    private static let workCount = 4 * count + 1

    private let group: OpaquePointer
    private let context: OpaquePointer
    private let digest: [UInt8]
    private let scalar: UnsafeRawBufferPointer

    init(group: OpaquePointer, scalar: UnsafeRawBufferPointer, digest: [UInt8]) {
        (self.group, self.scalar, self.digest) = (group, scalar, digest)
        context = LibCrypto.require(BN_CTX_secure_new(), "BN_CTX_secure_new")
    }

    deinit { BN_CTX_free(context) }

    borrowing func sign() -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: Self.workCount, alignment: 16) { work in
            defer { OPENSSL_cleanse(work.baseAddress, work.count) }
            begin(work)
            while true {
                Self.renewValue(work)
                let value = UnsafeRawBufferPointer(rebasing: work[Self.valueStart..<Self.markStart])
                let number = BigNumber(value, secret: true)
                if let signature = signature(with: number) { return signature }
                // Of 2^32 numbers one is beyond the curve's order.
                Self.renewKey(work, upTo: Self.markStart + 1, mark: 0)
            }
        }
    }

    // MARK: RFC 6979 3.2

    private borrowing func begin(_ work: UnsafeMutableRawBufferPointer) {
        for index in work.indices { work[index] = index < Self.valueStart ? 0 : 1 }
        let secret = UnsafeMutableRawBufferPointer(rebasing: work[(Self.markStart + 1)...])
        UnsafeMutableRawBufferPointer(rebasing: secret[..<Self.count]).copyMemory(from: scalar)
        let reduced = BigNumber(digest)
        LibCrypto.require(BN_nnmod(reduced.handle, reduced.handle, order, context), "BN_nnmod")
        reduced.write(into: UnsafeMutableRawBufferPointer(rebasing: secret[Self.count...]))
        for mark in [0, 1] as [UInt8] {
            Self.renewKey(work, upTo: work.count, mark: mark)
            Self.renewValue(work)
        }
    }

    /// K = HMAC(K, V ‖ mark …), then V = HMAC(K, V) by whoever calls.
    private static func renewKey(_ work: UnsafeMutableRawBufferPointer, upTo end: Int, mark: UInt8) {
        work[markStart] = mark
        code(work, valueStart..<end, into: 0)
    }

    private static func renewValue(_ work: UnsafeMutableRawBufferPointer) {
        code(work, valueStart..<markStart, into: valueStart)
    }

    private static func code(_ work: UnsafeMutableRawBufferPointer, _ range: Range<Int>, into start: Int) {
        guard let base = work.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { output in
            defer { OPENSSL_cleanse(output.baseAddress, output.count) }
            _ = LibCrypto.require(
                HMAC(
                    EVP_sha256(), base, Int32(count), base + range.lowerBound, range.count,
                    output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil), "HMAC")
            UnsafeMutableRawBufferPointer(rebasing: work[start..<start + count])
                .copyMemory(from: UnsafeRawBufferPointer(output))
        }
    }

    // MARK: ECDSA

    private var order: OpaquePointer { LibCrypto.require(EC_GROUP_get0_order(group), "EC_GROUP_get0_order") }

    /// - Returns: nil for a number that makes no signature.
    private borrowing func signature(with number: borrowing BigNumber) -> [UInt8]? {
        guard BN_is_zero(number.handle) == 0, BN_cmp(number.handle, order) < 0 else { return nil }
        let first = BigNumber()
        let inverse = BigNumber()
        let point = LibCrypto.require(EC_POINT_new(group), "EC_POINT_new")
        defer { EC_POINT_clear_free(point) }
        LibCrypto.require(EC_POINT_mul(group, point, number.handle, nil, nil, context), "EC_POINT_mul")
        LibCrypto.require(
            EC_POINT_get_affine_coordinates(group, point, first.handle, nil, context), "EC_POINT_get_affine_coordinates"
        )
        LibCrypto.require(BN_nnmod(first.handle, first.handle, order, context), "BN_nnmod")
        guard BN_is_zero(first.handle) == 0 else { return nil }
        // The order is prime: k^(n - 2) is the inverse of k, and takes the same time for every k.
        let exponent = BigNumber()
        _ = LibCrypto.require(BN_copy(exponent.handle, order), "BN_copy")
        LibCrypto.require(BN_sub_word(exponent.handle, 2), "BN_sub_word")
        LibCrypto.require(
            BN_mod_exp_mont_consttime(inverse.handle, number.handle, exponent.handle, order, context, nil),
            "BN_mod_exp_mont_consttime")
        return ended(first, inverse)
    }

    /// libcrypto makes `s` from what was made here, behind its own blinding.
    private borrowing func ended(_ first: borrowing BigNumber, _ inverse: borrowing BigNumber) -> [UInt8]? {
        let key = LibCrypto.require(EC_KEY_new(), "EC_KEY_new")
        defer { EC_KEY_free(key) }
        LibCrypto.require(EC_KEY_set_group(key, group), "EC_KEY_set_group")
        let secret = BigNumber(scalar, secret: true)
        LibCrypto.require(EC_KEY_set_private_key(key, secret.handle), "EC_KEY_set_private_key")
        guard let made = ECDSA_do_sign_ex(digest, Int32(digest.count), inverse.handle, first.handle, key) else {
            ERR_clear_error()
            return nil
        }
        defer { ECDSA_SIG_free(made) }
        var signature = [UInt8](repeating: 0, count: P256PublicKey.signatureCount)
        let half = P256PublicKey.signatureCount / 2
        let isWhole = signature.withUnsafeMutableBufferPointer { output in
            guard let start = output.baseAddress else { return false }
            return BN_bn2binpad(ECDSA_SIG_get0_r(made), start, Int32(half)) == Int32(half)
                && BN_bn2binpad(ECDSA_SIG_get0_s(made), start + half, Int32(half)) == Int32(half)
        }
        return isWhole ? signature : nil
    }
}
