// SPDX-License-Identifier: Apache-2.0

/// The key of one transaction's PIN block: a device encrypts with it, a host decrypts, and nothing else.
public struct DUKPTPINKey: ~Copyable, Sendable {
    /// TDES for formats 0, 1 and 3, AES for format 4.
    public let type: DUKPTKeyType
    /// Who holds it.
    public let party: DUKPTParty
    private let key: SecretKey

    init(_ key: consuming SecretKey, type: DUKPTKeyType, party: DUKPTParty) {
        self.key = key
        self.type = type
        self.party = party
    }

    /// The PIN in an encrypted block: 8 bytes, or 16 in format 4.
    ///
    /// - Throws: `notPermitted` at a host, and for a format that is not of the key's type.
    public borrowing func encrypt(
        _ pin: borrowing ClearPIN, pan: PANDigits, format: PINBlockFormat
    ) throws(DUKPTError) -> [UInt8] {
        guard party == .device, admits(format) else { throw .notPermitted }
        return PINBlock.encrypt(pin, pan: pan, format: format, key: key)
    }

    /// The PIN of an encrypted block; one error for whatever is wrong, also at a device or with a format that is not of
    /// the key's type.
    public borrowing func decrypt(
        _ block: [UInt8], pan: PANDigits, format: PINBlockFormat
    ) throws(PINBlockError) -> ClearPIN {
        guard party == .host, admits(format) else { throw PINBlockError() }
        return try PINBlock.decrypt(block, pan: pan, format: format, key: key)
    }

    /// Format 2 is for cards alone (ISO 9564-1 9.3.3).
    private func admits(_ format: PINBlockFormat) -> Bool {
        format != .format2 && (format == .format4) == type.isAES
    }
}
