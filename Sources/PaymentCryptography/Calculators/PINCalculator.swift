// SPDX-License-Identifier: Apache-2.0

/// The clear fields of PIN blocks and the digits of a PIN: for known answers and calculators with test keys.
package enum PINCalculator {
    /// The clear block of formats 0 to 3, eight bytes.
    ///
    /// - Parameter fill: the random nibbles of format 1, lowest last; format 3 draws its own from it.
    package static func clearBlock(
        _ pin: borrowing ClearPIN, pan: PANDigits, format: PINBlockFormat, fill: UInt64 = RandomBytes.word()
    ) -> SecretKey {
        let field = PINBlock.field(pin, pan: pan, format: format, fill: fill)
        return SecretKey(count: 8) { $0.setWord(field, at: 0) }
    }

    /// The PIN of a clear block of formats 0 to 3.
    package static func pin(
        clearBlock block: borrowing SecretKey, pan: PANDigits, format: PINBlockFormat
    ) throws(PINBlockError) -> ClearPIN {
        guard block.count == 8, format != .format4 else { throw PINBlockError() }
        return try PINBlock.pin(block.withBytes { $0.word(at: 0) }, pan: pan, format: format)
    }

    /// The PIN field of format 4.
    package static func pinField(_ pin: borrowing ClearPIN, random: UInt64) -> SecretKey {
        let block = PINBlock.pinField4(pin, random: random)
        return SecretKey(count: 16) { $0.storeBytes(of: block, as: Block.self) }
    }

    /// The PAN field of format 4.
    package static func panField(_ pan: PANDigits) -> SecretKey {
        let block = PINBlock.panField4(pan)
        return SecretKey(count: 16) { $0.storeBytes(of: block, as: Block.self) }
    }

    /// What an encrypted block of format 4 holds before the second encryption (block B of ISO 9564-1 9.4.2).
    package static func intermediate(_ block: [UInt8], key: borrowing SecretKey) -> SecretKey? {
        guard block.count == 16, [16, 24, 32].contains(key.count) else { return nil }
        let cipher = key.withBytes { AESBlockCipher(key: $0, encrypting: false) }
        let clear = cipher.transform(block.withUnsafeBytes { $0.loadUnaligned(as: Block.self) })
        return SecretKey(count: 16) { $0.storeBytes(of: clear, as: Block.self) }
    }

    /// The PIN field inside an encrypted block of format 4.
    package static func pinField(_ block: [UInt8], pan: PANDigits, key: borrowing SecretKey) -> SecretKey? {
        guard let intermediate = intermediate(block, key: key) else { return nil }
        let cipher = key.withBytes { AESBlockCipher(key: $0, encrypting: false) }
        let field = intermediate.withBytes { $0.loadUnaligned(as: Block.self) } ^ PINBlock.panField4(pan)
        return SecretKey(count: 16) { $0.storeBytes(of: cipher.transform(field), as: Block.self) }
    }

    /// Format 4 with its random field given.
    package static func encryptFormat4(
        _ pin: borrowing ClearPIN, pan: PANDigits, key: borrowing SecretKey, random: UInt64
    ) -> [UInt8] {
        let cipher = AESBlockCipher()
        return key.withBytes {
            PINBlock.encryptFormat4(pin, pan: pan, key: $0, cipher: cipher, random: random)
        }.bytes
    }

    /// The digits in ASCII, lent: a calculator shows them.
    package static func withDigits<R>(_ pin: borrowing ClearPIN, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let count = pin.count
        let digits = pin.block.withBytes { block in
            SecretKey(count: count) { for index in 0..<count { $0[index] = 0x30 | block[index + 1] } }
        }
        return digits.withBytes(body)
    }
}
