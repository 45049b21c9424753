// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Whether two authentication codes are the same bytes, in a time that depends on their lengths alone.
///
/// - Returns: false for different lengths, and for two empty codes: an absent code never matches.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { left in right.withUnsafeBytes { constantTimeEquals(left, $0) } }
}

/// As `constantTimeEquals(_:_:)`, for bytes that are not in an array.
public func constantTimeEquals(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    left.count == right.count && !left.isEmpty && CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
}

/// Masks instead of branches, for decoding what an attacker may try to learn from timing.
enum Mask {
    /// All ones when `left < right`, else zero. Both below 2^63.
    @inline(__always)
    static func less(_ left: UInt64, _ right: UInt64) -> UInt64 { 0 &- ((left &- right) >> 63) }

    /// All ones when the values differ, else zero.
    @inline(__always)
    static func differs(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let difference = left ^ right
        return 0 &- ((difference | (0 &- difference)) >> 63)
    }

    /// `(left + right) mod 10` for two digits, without a division.
    @inline(__always)
    static func sumOfDigits(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let sum = left &+ right
        return sum &- (10 & ~less(sum, 10))
    }
}
