// SPDX-License-Identifier: Apache-2.0

/// A PIN block could not be read. One error for every cause: an answer that told them apart would be an oracle.
public struct PINBlockError: Error, Equatable, Sendable {
    public init() {}
}

/// The formats of ISO 9564-1:2017 clause 9.
public enum PINBlockFormat: UInt8, Sendable, CaseIterable {
    /// PIN and PAN, filled with F.
    case format0 = 0
    /// PIN and a random transaction field, no PAN.
    case format1 = 1
    /// For a card offline, no PAN.
    case format2 = 2
    /// PIN and PAN, filled with random A–F.
    case format3 = 3
    /// Sixteen bytes, for AES.
    case format4 = 4
}

/// ISO 9564-1 PIN blocks. Decoding takes the same steps for every block and decides at the end.
public enum PINBlock {
    /// A PIN encrypted in a block: 8 bytes under a TDES key of 16 or 24 bytes, 16 bytes in format 4 under an AES key of
    /// 16, 24 or 32 bytes.
    public static func encrypt(
        _ pin: borrowing ClearPIN, pan: PANDigits, format: PINBlockFormat, key: borrowing SecretKey
    ) -> [UInt8] {
        if format == .format4 {
            let cipher = AESBlockCipher()
            return key.withBytes { encryptFormat4(pin, pan: pan, key: $0, cipher: cipher).bytes }
        }
        let clear = field(pin, pan: pan, format: format)
        return bytes(of: key.withBytes { key in TripleDES.with(key: key) { $0.encrypt(clear) } })
    }

    /// The PIN of an encrypted block.
    public static func decrypt(
        _ block: [UInt8], pan: PANDigits, format: PINBlockFormat, key: borrowing SecretKey
    ) throws(PINBlockError) -> ClearPIN {
        if format == .format4 {
            let cipher = AESBlockCipher()
            return try key.withBytes { key throws(PINBlockError) in
                try decryptFormat4(block, pan: pan, key: key, cipher: cipher)
            }
        }
        return try key.withBytes { key throws(PINBlockError) in
            try TripleDES.with(key: key) { des throws(PINBlockError) in
                try decrypt(block, pan: pan, format: format, des: des)
            }
        }
    }

    static func decrypt(
        _ block: [UInt8], pan: PANDigits, format: PINBlockFormat, des: TripleDES
    ) throws(PINBlockError) -> ClearPIN {
        guard block.count == 8 else { throw PINBlockError() }
        let clear = des.decrypt(block.withUnsafeBytes { $0.word(at: 0) })
        return try pin(clear, pan: pan, format: format)
    }

    // MARK: Formats 0 to 3 (ISO 9564-1 9.3.1–9.3.4)

    /// The clear block of eight bytes, with random nibbles behind the PIN in formats 1 and 3.
    static func field(_ pin: borrowing ClearPIN, pan: PANDigits, format: PINBlockFormat) -> UInt64 {
        field(pin, pan: pan, format: format, fill: format.isRandomised ? RandomBytes.word() : 0)
    }

    /// The clear block of eight bytes. For format 1, 3: `fill` gives the nibbles after the PIN, lowest for the last.
    static func field(_ pin: borrowing ClearPIN, pan: PANDigits, format: PINBlockFormat, fill: UInt64) -> UInt64 {
        precondition(format != .format4, "format 4 has sixteen bytes")
        let field = pin.withWord { PINWord.field($0, format: format, random: fill) }
        return format.bindsPAN ? field ^ pan.rightmost(12) : field
    }

    /// The PIN of a clear block.
    static func pin(_ block: UInt64, pan: PANDigits, format: PINBlockFormat) throws(PINBlockError) -> ClearPIN {
        var bad: UInt64 = 0
        let pin = ClearPIN(word: word(block, pan: pan, format: format, bad: &bad))
        guard bad == 0 else { throw PINBlockError() }
        return pin
    }

    /// The PIN of a clear block as a word; worth something only if `bad` stays zero.
    @inline(__always)
    static func word(_ block: UInt64, pan: PANDigits, format: PINBlockFormat, bad: inout UInt64) -> UInt64 {
        PINWord.read(format.bindsPAN ? block ^ pan.rightmost(12) : block, format: format, bad: &bad)
    }
}
