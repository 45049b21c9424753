// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The curves of key agreement (NIST SP 800-186) and of SM2 (GB/T 32918.5).
public enum EllipticCurve: String, Sendable, CaseIterable {
    case p256 = "P-256"
    case p384 = "P-384"
    case p521 = "P-521"
    case sm2 = "SM2"

    /// The bytes of a coordinate and of a private scalar.
    public var coordinateCount: Int {
        switch self {
        case .p256, .sm2: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// The bytes of a point: 04, then both coordinates.
    public var pointCount: Int { 1 + 2 * coordinateCount }

    var keyType: String { self == .sm2 ? "SM2" : "EC" }
    /// libcrypto's name of the group.
    var groupName: StaticString {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        case .sm2: "SM2"
        }
    }
    private var identifier: Int32 {
        switch self {
        case .p256: NID_X9_62_prime256v1
        case .p384: NID_secp384r1
        case .p521: NID_secp521r1
        case .sm2: NID_sm2
        }
    }

    /// Lends `body` the group.
    func withGroup<R: ~Copyable>(_ body: (OpaquePointer) -> R) -> R {
        let group = LibCrypto.require(EC_GROUP_new_by_curve_name(identifier), "EC_GROUP_new_by_curve_name")
        defer { EC_GROUP_free(group) }
        return body(group)
    }

    /// The point times the scalar, or the generator times it; uncompressed.
    ///
    /// - Returns: nil when the point is not on the curve, or the scalar not between 1 and the order.
    func multiply(_ scalar: UnsafeRawBufferPointer, point: [UInt8]? = nil) -> [UInt8]? {
        guard scalar.count == coordinateCount else { return nil }
        return withGroup { group in
            let number = BigNumber(scalar, secret: true)
            guard BN_is_zero(number.handle) == 0, BN_cmp(number.handle, EC_GROUP_get0_order(group)) < 0 else {
                return nil
            }
            let result = LibCrypto.require(EC_POINT_new(group), "EC_POINT_new")
            defer { EC_POINT_clear_free(result) }
            if let point {
                let base = LibCrypto.require(EC_POINT_new(group), "EC_POINT_new")
                defer { EC_POINT_free(base) }
                guard point.count == pointCount, EC_POINT_oct2point(group, base, point, point.count, nil) > 0 else {
                    ERR_clear_error()
                    return nil
                }
                LibCrypto.require(EC_POINT_mul(group, result, nil, base, number.handle, nil), "EC_POINT_mul")
            } else {
                LibCrypto.require(EC_POINT_mul(group, result, number.handle, nil, nil, nil), "EC_POINT_mul")
            }
            return encoded(result, group)
        }
    }

    /// A point `04 ‖ x ‖ y` or `02 or 03 ‖ x` (SEC 1 2.3.4) as `04 ‖ x ‖ y`.
    ///
    /// - Returns: nil for another form, and for what is not on the curve.
    func uncompressed(_ bytes: [UInt8]) -> [UInt8]? {
        switch (bytes.first, bytes.count) {
        case (4, pointCount), (2, 1 + coordinateCount), (3, 1 + coordinateCount): break
        default: return nil
        }
        return withGroup { group in
            let point = LibCrypto.require(EC_POINT_new(group), "EC_POINT_new")
            defer { EC_POINT_free(point) }
            guard EC_POINT_oct2point(group, point, bytes, bytes.count, nil) > 0 else {
                ERR_clear_error()
                return nil
            }
            return encoded(point, group)
        }
    }

    private func encoded(_ point: OpaquePointer, _ group: OpaquePointer) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: pointCount)
        let count = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &output, output.count, nil)
        return count == pointCount ? output : nil
    }

    /// A random scalar between 1 and the order minus 2, which suits SM2 too (GB/T 32918.2 5.1).
    func randomScalar() -> SecretKey {
        withGroup { group in
            let limit = LibCrypto.require(BN_dup(EC_GROUP_get0_order(group)), "BN_dup")
            defer { BN_free(limit) }
            LibCrypto.require(BN_sub_word(limit, 2), "BN_sub_word")
            let number = BigNumber()
            LibCrypto.require(BN_priv_rand_range(number.handle, limit), "BN_priv_rand_range")
            LibCrypto.require(BN_add_word(number.handle, 1), "BN_add_word")
            return SecretKey(count: coordinateCount) { number.write(into: $0) }
        }
    }
}

/// A BIGNUM that is wiped when it goes.
struct BigNumber: ~Copyable {
    let handle: OpaquePointer

    init() { handle = LibCrypto.require(BN_secure_new(), "BN_secure_new") }

    /// From big-endian bytes.
    init(_ bytes: UnsafeRawBufferPointer, secret: Bool = false) {
        self.init()
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        _ = LibCrypto.require(BN_bin2bn(start, Int32(bytes.count), handle), "BN_bin2bn")
        if secret { BN_set_flags(handle, BN_FLG_CONSTTIME) }
    }

    init(_ bytes: [UInt8], secret: Bool = false) {
        self.init()
        _ = LibCrypto.require(BN_bin2bn(bytes, Int32(bytes.count), handle), "BN_bin2bn")
        if secret { BN_set_flags(handle, BN_FLG_CONSTTIME) }
    }

    deinit { BN_clear_free(handle) }

    /// Big-endian, filled with zeros on the left.
    borrowing func write(into output: UnsafeMutableRawBufferPointer) {
        let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        precondition(BN_bn2binpad(handle, start, Int32(output.count)) >= 0, "libcrypto call failed: BN_bn2binpad")
    }
}
