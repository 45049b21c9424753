// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// How a card's master key comes from the issuer's (EMV Book 2 A1.4).
public enum MasterKeyOption: Hashable, Sendable, CaseIterable {
    /// From the last sixteen digits of PAN and sequence number.
    case a
    /// As option A for a PAN of up to sixteen digits; for a longer one from the hash of all its digits.
    case b
}

/// A card's master key for one purpose: application cryptograms, secure messaging, dynamic CVVs. 16 bytes, with odd
/// parity where it was derived.
public struct ICCMasterKey: ~Copyable, Sendable {
    /// The key itself.
    public let key: SecretKey

    /// A key that was derived elsewhere.
    ///
    /// - Parameter key: 16 bytes.
    public init(key: consuming SecretKey) throws(CardCryptographyError) {
        try key.requireDoubleLength()
        self.key = key
    }

    /// The card's key out of the issuer's.
    ///
    /// - Parameter issuerMasterKey: 16 bytes.
    public init(
        issuerMasterKey: borrowing SecretKey, pan: PANDigits, sequence: PANSequenceNumber = .zero,
        option: MasterKeyOption
    ) throws(CardCryptographyError) {
        try issuerMasterKey.requireDoubleLength()
        let digits = option == .b && pan.count > 16 ? Self.hashed(pan, sequence) : Self.rightmost(pan, sequence)
        key = issuerMasterKey.encrypted(digits, ~digits)
    }

    /// The last sixteen digits of PAN and sequence number, zeros before them.
    private static func rightmost(_ pan: PANDigits, _ sequence: PANSequenceNumber) -> UInt64 {
        UInt64(truncatingIfNeeded: pan.packed << 8 | UInt128(sequence.packed))
    }

    /// Sixteen digits out of the SHA-1 of PAN and sequence number, a zero before an odd PAN.
    private static func hashed(_ pan: PANDigits, _ sequence: PANSequenceNumber) -> UInt64 {
        let count = (pan.count + 3) / 2
        let digits = pan.packed << 8 | UInt128(sequence.packed)
        let input = (0..<count).map { UInt8(truncatingIfNeeded: digits >> UInt128(8 * (count - 1 - $0))) }
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        precondition(SHA1(input, input.count, &digest) != nil, "libcrypto call failed: SHA1")
        return TwoPassDecimalization.packed(
            digest.flatMap { [UInt64($0 >> 4), UInt64($0 & 15)] }, count: 16)
    }
}

extension SecretKey {
    /// Two blocks encrypted under this double-length key, as a key of odd parity.
    borrowing func encrypted(_ left: UInt64, _ right: UInt64) -> SecretKey {
        withBytes { key in
            TripleDES.with(key: key) { des in
                SecretKey(count: 16) { block in
                    block.setWord(des.encrypt(left), at: 0)
                    block.setWord(des.encrypt(right), at: 8)
                }
            }
        }.withOddParity()
    }
}
