// SPDX-License-Identifier: Apache-2.0

/// A primary account number (ISO/IEC 7812-1): 12–19 digits with a correct Luhn digit. It prints masked.
///
/// Not `Codable` and never written to a record: the journal keeps its keyed hash and its ciphertext (rule R6).
public struct PAN: Hashable, Sendable, CustomStringConvertible {
    /// The digits as one number; leading zeros are restored by `count`.
    public let number: UInt64
    public let count: Int

    /// - Returns: nil for anything but 12–19 ASCII digits that satisfy the Luhn formula.
    public init?(ascii digits: some Collection<UInt8>) {
        guard (12...19).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        var sum = 0
        var doubled = digits.count % 2 == 0
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let digit = Int(byte - 0x30)
            number = number &* 10 &+ UInt64(digit)
            sum += doubled ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
            doubled.toggle()
        }
        guard sum % 10 == 0 else { return nil }
        self.number = number
        count = digits.count
    }

    public init?(_ text: some StringProtocol) { self.init(ascii: Array(text.utf8)) }

    /// The account digits with the Luhn digit appended.
    public init?(accountDigits text: some StringProtocol) {
        for check in 0...9 {
            if let pan = PAN(text + String(check)) {
                self = pan
                return
            }
        }
        return nil
    }

    /// The digits in ASCII. For the message, the module and the keyed hash; nothing else.
    public var ascii: [UInt8] {
        var output = [UInt8](repeating: 0x30, count: count)
        var rest = number
        for index in stride(from: count - 1, through: 0, by: -1) {
            output[index] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
        return output
    }

    /// First six and last four, the rest as stars (PCI DSS 3.4.1).
    public var description: String {
        let digits = ascii
        return String(decoding: digits.prefix(6), as: UTF8.self) + String(repeating: "*", count: count - 10)
            + String(decoding: digits.suffix(4), as: UTF8.self)
    }
}
