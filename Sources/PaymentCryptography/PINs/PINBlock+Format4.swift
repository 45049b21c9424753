// SPDX-License-Identifier: Apache-2.0

/// Format 4 (ISO 9564-1:2017 9.4.2): the PIN field is encrypted, XORed with the PAN field and encrypted again.
extension PINBlock {
    /// `4 N P…P A…A` and eight random bytes.
    static func pinField4(_ pin: borrowing ClearPIN, random: UInt64) -> Block {
        Block(high: pin.withWord { PINWord.field($0, format: .format4, random: 0) }, low: random)
    }

    /// `M`, the digits, zeros. M is the number of digits beyond twelve; a shorter PAN is filled on the left.
    static func panField4(_ pan: PANDigits) -> Block {
        let length = max(pan.count, 12)
        let field = UInt128(length - 12) << 124 | pan.packed << UInt128(124 - 4 * length)
        return Block(high: UInt64(truncatingIfNeeded: field >> 64), low: UInt64(truncatingIfNeeded: field))
    }

    static func encryptFormat4(
        _ pin: borrowing ClearPIN, pan: PANDigits, key: UnsafeRawBufferPointer, cipher: borrowing AESBlockCipher,
        random: UInt64 = RandomBytes.word()
    ) -> Block {
        cipher.setKey(key)
        let intermediate = cipher.transform(pinField4(pin, random: random))
        return cipher.transform(intermediate ^ panField4(pan))
    }

    static func decryptFormat4(
        _ block: [UInt8], pan: PANDigits, key: UnsafeRawBufferPointer, cipher: borrowing AESBlockCipher
    ) throws(PINBlockError) -> ClearPIN {
        guard block.count == 16 else { throw PINBlockError() }
        let encrypted = block.withUnsafeBytes { $0.loadUnaligned(as: Block.self) }
        cipher.setKey(key, encrypting: false)
        let field = cipher.transform(cipher.transform(encrypted) ^ panField4(pan))
        var bad: UInt64 = 0
        let pin = ClearPIN(word: PINWord.read(field.high, format: .format4, bad: &bad))
        guard bad == 0 else { throw PINBlockError() }
        return pin
    }
}
