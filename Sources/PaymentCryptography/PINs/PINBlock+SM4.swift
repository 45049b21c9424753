// SPDX-License-Identifier: Apache-2.0

/// The PIN block of UnionPay's SM4 terminals: format 0 with 16 bytes. The PIN's field is filled with F to the end, and the
/// PAN's twelve digits are XORed to the last six bytes.
extension PINBlock {
    /// The bytes of a block under SM4.
    public static let sm4Count = SM4.blockCount

    /// A PIN encrypted in a block of 16 bytes.
    ///
    /// - Parameter key: 16 bytes.
    public static func encryptSM4(
        _ pin: borrowing ClearPIN, pan: PANDigits, key: borrowing SecretKey
    ) -> [UInt8] {
        let field = pin.withWord { PINWord.field($0, format: .format0, random: 0) }
        var block = SecretKey(count: sm4Count) { block in
            block.setWord(field, at: 0)
            block.setWord(~pan.rightmost(12), at: 8)
        }
        block.withMutableBytes { SM4.transformECB($0, key: key, encrypting: true) }
        return block.withBytes { Array($0) }
    }

    /// The PIN of an encrypted block of 16 bytes.
    public static func decryptSM4(
        _ block: [UInt8], pan: PANDigits, key: borrowing SecretKey
    ) throws(PINBlockError) -> ClearPIN {
        guard block.count == sm4Count else { throw PINBlockError() }
        var clear = SecretKey(count: sm4Count) { $0.copyBytes(from: block) }
        clear.withMutableBytes { SM4.transformECB($0, key: key, encrypting: false) }
        let (field, fill) = clear.withBytes { ($0.word(at: 0), $0.word(at: 8)) }
        var bad = Mask.differs(fill, ~pan.rightmost(12))
        let pin = ClearPIN(word: PINWord.read(field, format: .format0, bad: &bad))
        guard bad == 0 else { throw PINBlockError() }
        return pin
    }
}
