// SPDX-License-Identifier: Apache-2.0

/// The card security codes of American Express: of five digits in the stripe, four on the face, three on the back.
///
/// American Express publishes no description. This is what one public simulator of a payShield does at its command RY
/// (nickntg/thalessimulatorlibrary); the inputs, the key, and the order five, four, three agree with the public layout of
/// that command and with IBM's CCA (Transaction Validation, CSC-345, versions 1 and 2). **No published answer was found
/// that the values could be checked against**, so they are to be compared with the issuer's own before they are relied on.
public struct CardSecurityCode: Equatable, Sendable {
    /// All twelve digits, each 0–9.
    private let digits: [UInt8]

    /// The code of the stripe, each digit 0–9.
    public var five: [UInt8] { Array(digits[..<5]) }
    /// The code on the face.
    public var four: [UInt8] { Array(digits[5..<9]) }
    /// The code on the back.
    public var three: [UInt8] { Array(digits[9...]) }

    /// The codes of a card.
    ///
    /// - Parameter key: the card security code key (CSCK), 16 bytes.
    /// - Parameter pan: fifteen digits that begin with 34 or 37; the last one, the check digit, does not count.
    /// - Parameter expiry: YYMM.
    /// - Parameter serviceCode: for version 2; nil for version 1, the classic one.
    public init(
        key: borrowing SecretKey, pan: PANDigits, expiry: ExpiryDigits, serviceCode: ServiceCode? = nil
    ) throws(CardCryptographyError) {
        try key.requireDoubleLength()
        let number = UInt64(truncatingIfNeeded: pan.packed >> 4)
        guard pan.count == 15, number >> 48 == 0x34 || number >> 48 == 0x37 else { throw .notAmericanExpress }
        // Of a number with 37 the date goes first, of one with 34 last: what tells them apart is in no other digit.
        let account = number & 0xFFFF_FFFF_FFFF
        let block = number >> 48 == 0x37 ? expiry.packed << 48 | account : account << 16 | expiry.packed
        let cipher = key.withBytes { key in
            TripleDES.with(key: key) { cipher in
                let first = cipher.encrypt(block)
                return serviceCode.map { cipher.encrypt(first ^ $0.packed << 52) } ?? first
            }
        }
        digits = Self.decimal(cipher)
    }

    /// Whether three, four or five digits are the card's; in constant time. False for anything that has no codes at all.
    public static func verify(
        _ code: [UInt8], key: borrowing SecretKey, pan: PANDigits, expiry: ExpiryDigits,
        serviceCode: ServiceCode? = nil
    ) -> Bool {
        guard let codes = try? CardSecurityCode(key: key, pan: pan, expiry: expiry, serviceCode: serviceCode) else {
            return false
        }
        switch code.count {
        case 3: return constantTimeEquals(codes.three, code)
        case 4: return constantTimeEquals(codes.four, code)
        case 5: return constantTimeEquals(codes.five, code)
        default: return false
        }
    }

    /// The first twelve of: the decimal digits from the left; then the letters from the left, of which A to F are 1 to 6
    /// among the first five places and 6, 7, 8, 9, 0, 1 behind them.
    static func decimal(_ word: UInt64) -> [UInt8] {
        var digits: UInt64 = 0
        var found: UInt64 = 0
        for pass in 0..<2 {
            for place in 0..<16 {
                let nibble = word >> UInt64(60 - 4 * place) & 15
                let decimal = Mask.less(nibble, 10)
                let wanted = (pass == 0 ? decimal : ~decimal) & Mask.less(found, 12)
                let letter = Mask.sumOfDigits(nibble &- 9 & ~decimal, place < 5 ? 0 : 5)
                let digit = (nibble & decimal) | (letter & ~decimal)
                digits = (digits << (4 & wanted)) | (digit & wanted)
                found &+= wanted & 1
            }
        }
        return (0..<12).map { UInt8(truncatingIfNeeded: digits >> UInt64(44 - 4 * $0)) & 15 }
    }
}
