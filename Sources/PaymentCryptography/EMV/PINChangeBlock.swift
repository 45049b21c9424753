// SPDX-License-Identifier: Apache-2.0

/// The block that carries a new PIN to a card, before it is enciphered. Only commands to the card are made of it.
package enum PINChangeBlock {
    /// ISO 9564-1 format 2: `2`, the count, the digits, then `F`. 8 bytes.
    package static func format2(_ pin: borrowing ClearPIN) -> SecretKey {
        let field = digits(pin, fill: 0xF) >> 8 | UInt64(0x20 | pin.count) << 56
        return SecretKey(count: 8) { $0.setWord(field, at: 0) }
    }

    /// Visa's: the count, the digits, then `F`, with the last four bytes of the left half of the card's key for
    /// application cryptograms in the last four (VIS, PIN CHANGE/UNBLOCK with P2 02). 8 bytes.
    package static func visa(_ pin: borrowing ClearPIN, master: borrowing ICCMasterKey) -> SecretKey {
        let field = visaField(pin, master)
        return SecretKey(count: 8) { $0.setWord(field, at: 0) }
    }

    /// Visa's with the PIN that the card has, from the left and filled up with zeros, as well (P2 01). 8 bytes.
    package static func visa(
        _ pin: borrowing ClearPIN, current: borrowing ClearPIN, master: borrowing ICCMasterKey
    ) -> SecretKey {
        let field = visaField(pin, master) ^ digits(current, fill: 0)
        return SecretKey(count: 8) { $0.setWord(field, at: 0) }
    }

    private static func visaField(_ pin: borrowing ClearPIN, _ master: borrowing ICCMasterKey) -> UInt64 {
        let field = digits(pin, fill: 0xF) >> 8 | UInt64(pin.count) << 56
        return field ^ (master.key.withBytes { $0.word(at: 0) } & 0xFFFF_FFFF)
    }

    /// Sixteen nibbles: the digits from the left, then `fill`.
    private static func digits(_ pin: borrowing ClearPIN, fill: UInt64) -> UInt64 {
        var field: UInt64 = 0
        for index in 0..<16 {
            let digit = index < ClearPIN.countMax ? pin.digit(index) : 0
            let isDigit = Mask.less(UInt64(index), UInt64(pin.count))
            field = field << 4 | (digit & isDigit) | (fill & ~isDigit)
        }
        return field
    }
}

/// Which block carries a new PIN to a card, and what stands behind the command's header.
public enum PINChangeFormat: Hashable, Sendable {
    /// Visa's block, with the card's own key in it, with and without the current PIN.
    case visa
    /// Format 2 for the new PIN alone, Visa's block with the current one (Visa CVN 22).
    case format2OrVisa
    /// Format 2 for the new PIN alone; the current one is not asked for.
    case format2
}
