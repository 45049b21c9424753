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

    /// The clear block of eight bytes. For format 1, 3: `fill` gives the nibbles after the PIN, lowest for the last.
    static func field(
        _ pin: borrowing ClearPIN, pan: PANDigits, format: PINBlockFormat, fill: UInt64 = RandomBytes.word()
    ) -> UInt64 {
        precondition(format != .format4, "format 4 has sixteen bytes")
        let count = UInt64(pin.count)
        var field = UInt64(format.rawValue) << 60 | count << 56
        for index in 0..<14 {
            let shift = UInt64(52 - 4 * index)
            let random = (fill >> shift) & 15
            let filler: UInt64 =
                switch format {
                case .format1: random
                case .format3: 10 + lettersFill(fill, index)
                default: 15
                }
            let digit = index < ClearPIN.countMax ? pin.digit(index) : 0
            let isDigit = Mask.less(UInt64(index), count)
            field |= ((digit & isDigit) | (filler & ~isDigit)) << shift
        }
        return format == .format0 || format == .format3 ? field ^ pan.rightmost(12) : field
    }

    /// A value of 0 to 5 for a place, from a random word mixed with the place (SplitMix64's finaliser).
    private static func lettersFill(_ fill: UInt64, _ index: Int) -> UInt64 {
        var word = fill &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return (word ^ (word >> 31)).multipliedFullWidth(by: 6).high
    }

    /// The PIN of a clear block.
    static func pin(_ block: UInt64, pan: PANDigits, format: PINBlockFormat) throws(PINBlockError) -> ClearPIN {
        let bound = format == .format0 || format == .format3
        let field = bound ? block ^ pan.rightmost(12) : block
        var bad = Mask.differs(field >> 60, UInt64(format.rawValue))
        let pin = read(field, places: 14, bad: &bad) { nibble in
            switch format {
            case .format0, .format2: Mask.differs(nibble, 15)
            case .format3: Mask.less(nibble, 10)
            case .format1, .format4: 0
            }
        }
        guard bad == 0 else { throw PINBlockError() }
        return pin
    }

    /// Reads count and digits of a field in full, whatever it holds, and gathers what is wrong in `bad`.
    @inline(__always)
    static func read(
        _ field: UInt64, places: Int, bad: inout UInt64, _ wrongFill: (UInt64) -> UInt64
    ) -> ClearPIN {
        let count = (field >> 56) & 15
        var wrong = Mask.less(count, UInt64(ClearPIN.countMin)) | Mask.less(UInt64(ClearPIN.countMax), count)
        let pin = ClearPIN { block in
            block[0] = UInt8(truncatingIfNeeded: count)
            for index in 0..<places {
                let nibble = (field >> UInt64(52 - 4 * index)) & 15
                let isDigit = Mask.less(UInt64(index), count)
                wrong |= (Mask.less(9, nibble) & isDigit) | (wrongFill(nibble) & ~isDigit)
                if index < ClearPIN.countMax { block[index + 1] = UInt8(truncatingIfNeeded: nibble & isDigit) }
            }
        }
        bad |= wrong
        return pin
    }
}
