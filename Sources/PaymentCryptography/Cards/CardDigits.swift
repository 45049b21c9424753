// SPDX-License-Identifier: Apache-2.0

/// The expiry date as four digits in the order in which the value is computed: YYMM as on the stripe, MMYY with some
/// issuers for the printed value. Not checked against the calendar: a wrong date gives a wrong value.
public struct ExpiryDigits: Hashable, Sendable {
    let packed: UInt64

    /// - Returns: nil unless four digits.
    public init?(_ text: some StringProtocol) {
        guard let packed = packedDigits(text, count: 4) else { return nil }
        self.packed = packed
    }
}

/// The service code (ISO/IEC 7813): three digits, of which two values stand for another medium than the stripe.
public struct ServiceCode: Hashable, Sendable {
    let packed: UInt64

    /// 000: for the value printed on the card (CVV2, CVC2).
    public static let printed = ServiceCode(packed: 0)
    /// 999: for the value in the chip's track 2 equivalent data (iCVV, Chip CVC).
    public static let chip = ServiceCode(packed: 0x999)

    private init(packed: UInt64) { self.packed = packed }

    /// - Returns: nil unless three digits.
    public init?(_ text: some StringProtocol) {
        guard let packed = packedDigits(text, count: 3) else { return nil }
        self.packed = packed
    }
}

/// The application PAN sequence number (tag 5F34): two digits.
public struct PANSequenceNumber: Hashable, Sendable {
    let packed: UInt64

    /// 00: what a card without one counts as (EMV Book 2 A1.4).
    public static let zero = PANSequenceNumber(packed: 0)

    private init(packed: UInt64) { self.packed = packed }

    /// - Returns: nil unless two digits.
    public init?(_ text: some StringProtocol) {
        guard let packed = packedDigits(text, count: 2) else { return nil }
        self.packed = packed
    }
}

/// One digit a nibble, the last lowest; nil unless exactly `count` digits.
private func packedDigits(_ text: some StringProtocol, count: Int) -> UInt64? {
    guard text.utf8.count == count else { return nil }
    var packed: UInt64 = 0
    for digit in text.utf8 {
        guard (0x30...0x39).contains(digit) else { return nil }
        packed = packed << 4 | UInt64(digit - 0x30)
    }
    return packed
}

/// How sixteen hexadecimal digits become decimal ones for CVV and for ICC master keys: the decimal digits from the
/// left; when there are fewer, the letters A to F follow as 0 to 5.
enum TwoPassDecimalization {
    /// The first `count` (1–16) digits, a nibble each, the first of them highest.
    static func packed(_ nibbles: some Collection<UInt64>, count: Int) -> UInt64 {
        var digits: UInt64 = 0
        var found: UInt64 = 0
        let wantedCount = UInt64(count)
        for pass in 0..<2 {
            for nibble in nibbles {
                let decimal = Mask.less(nibble, 10)
                let wanted = (pass == 0 ? decimal : ~decimal) & Mask.less(found, wantedCount)
                let digit = nibble &- (10 & ~decimal)
                digits = (digits << (4 & wanted)) | (digit & wanted)
                found &+= wanted & 1
            }
        }
        return digits
    }

    static func digits(_ word: UInt64, count: Int) -> [UInt8] {
        let packed = packed((0..<16).map { word >> UInt64(60 - 4 * $0) & 15 }, count: count)
        return (0..<count).map { UInt8(truncatingIfNeeded: packed >> UInt64(4 * (count - 1 - $0))) & 15 }
    }
}
