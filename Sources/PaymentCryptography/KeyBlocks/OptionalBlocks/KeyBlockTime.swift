// SPDX-License-Identifier: Apache-2.0

/// A time stamp of a key block (X9.143:2021 tables 21 and 22): ISO 8601, in UTC, as one of four forms.
///
/// `YYYYMMDDhhmmssZ`, `YYYYMMDDhhmmssssZ`, `YYYY-MM-DDThh:mm:ssZ`, `YYYY-MM-DDThh:mm:ss.ssZ`.
public struct KeyBlockTime: Equatable, Sendable {
    /// As it is written.
    public let text: String
    public let year: Int
    public let month: Int
    public let day: Int
    public let hour: Int
    public let minute: Int
    public let second: Int
    /// Of a second; 0 in the forms without.
    public let hundredths: Int

    /// - Returns: nil for another form, and for a time that no calendar has.
    public init?(_ text: String) {
        guard let fields = Self.fields(text.utf8) else { return nil }
        self.text = text
        (year, month, day) = (fields.year, fields.month, fields.day)
        (hour, minute, second, hundredths) = (fields.hour, fields.minute, fields.second, fields.hundredths)
    }

    private struct Fields {
        var year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, hundredths = 0

        /// A minute may have a leap second at the end of a day.
        var isTime: Bool {
            guard (1...12).contains(month), (1...days).contains(day), hour < 24, minute < 60 else { return false }
            return second < 60 || (second == 60 && hour == 23 && minute == 59)
        }

        private var days: Int {
            switch month {
            case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }
    }

    static func isWellFormed(_ text: String) -> Bool { fields(text.utf8) != nil }

    private static func fields(_ text: String.UTF8View) -> Fields? {
        let count = text.count
        guard [15, 17, 20, 23].contains(count) else { return nil }
        let isPlain = count < 20
        var rest = text[...]
        var isRight = true
        func number(_ digits: Int) -> Int {
            var value = 0
            for _ in 0..<digits {
                guard let digit = rest.popFirst(), (0x30...0x39).contains(digit) else {
                    isRight = false
                    return 0
                }
                value = value * 10 + Int(digit - 0x30)
            }
            return value
        }
        func mark(_ mark: UInt8) { if !isPlain, rest.popFirst() != mark { isRight = false } }
        var fields = Fields()
        fields.year = number(4)
        mark(0x2D)
        fields.month = number(2)
        mark(0x2D)
        fields.day = number(2)
        mark(0x54)
        fields.hour = number(2)
        mark(0x3A)
        fields.minute = number(2)
        mark(0x3A)
        fields.second = number(2)
        if count == 17 || count == 23 {
            mark(0x2E)
            fields.hundredths = number(2)
        }
        guard rest.popFirst() == 0x5A, rest.isEmpty, isRight, fields.isTime else { return nil }
        return fields
    }
}
