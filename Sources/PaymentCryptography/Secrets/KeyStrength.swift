// SPDX-License-Identifier: Apache-2.0

/// How strong a key is, in bits (NIST SP 800-57 part 1 revision 5 table 2): the one measure of the library.
///
/// The rule everywhere: a key never protects, carries or derives a stronger one.
public struct KeyStrength: Comparable, Hashable, Sendable {
    /// Of security; 0 for what is no longer counted.
    public let bits: Int

    public init(bits: Int) { self.bits = bits }

    /// Of a symmetric key: Triple DES 80 with two keys and 112 with three, AES its length, HMAC its length up to the
    /// 256 bits beyond which the table counts nothing.
    ///
    /// - Returns: nil for algorithms whose strength does not follow from a number of bytes.
    public init?(_ algorithm: KeyAlgorithm, byteCount: Int) {
        switch algorithm {
        case .tdes: bits = byteCount >= 24 ? 112 : byteCount >= 16 ? 80 : 0
        case .des: bits = 0
        case .aes: bits = byteCount * 8
        case .hmac, .hmacSHA2, .hmacSHA3: bits = min(byteCount * 8, 256)
        default: return nil
        }
    }

    /// Of RSA (4096 bits by FIPS 140-2 implementation guidance 7.5).
    public init(rsaModulusBits: Int) {
        switch rsaModulusBits {
        case ..<2_048: bits = 0
        case ..<3_072: bits = 112
        case ..<4_096: bits = 128
        case ..<7_680: bits = 152
        case ..<15_360: bits = 192
        default: bits = 256
        }
    }

    /// Whether a key of this strength may protect or derive one of the other.
    public func mayProtect(_ other: KeyStrength) -> Bool { other <= self }

    public static func < (left: KeyStrength, right: KeyStrength) -> Bool { left.bits < right.bits }
}
