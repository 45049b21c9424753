// SPDX-License-Identifier: Apache-2.0

/// The proleptic Gregorian calendar in UTC, without Foundation.
///
/// The day arithmetic is Howard Hinnant's `days_from_civil` (public domain), in the usual era-of-400-years form.
public struct CalendarTime: Hashable, Sendable {
    public var year: Int
    /// 1–12.
    public var month: Int
    /// 1–31.
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int

    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    public init(_ instant: Instant) {
        let total = instant.seconds
        let days = total.floorDivided(by: 86_400)
        let rest = Int(total - days * 86_400)
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = Int(shifted - era * 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + Int(era) * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
    }

    public var instant: Instant {
        let marchYear = Int64(month <= 2 ? year - 1 : year)
        let era = marchYear.floorDivided(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return Instant(seconds: days * 86_400 + Int64(hour * 3_600 + minute * 60 + second))
    }

    /// `MMDDhhmmss`, as DE 7 carries it.
    public var transmission: String {
        digits2(month) + digits2(day) + digits2(hour) + digits2(minute) + digits2(second)
    }
}

extension Instant {
    /// `2026-08-14T09:30:00Z`.
    public var iso8601: String {
        let time = CalendarTime(self)
        return "\(digits4(time.year))-\(digits2(time.month))-\(digits2(time.day))"
            + "T\(digits2(time.hour)):\(digits2(time.minute)):\(digits2(time.second))Z"
    }

    /// Reads `2018-06-01 00:00:31` or `2018-06-01T00:00:31Z`, always as UTC, with up to six decimals of a second.
    public init?(iso8601 text: some StringProtocol) {
        var bytes = Array(text.utf8)
        guard bytes.count >= 19 else { return nil }
        if bytes.count > 19, bytes.last == 0x5A { bytes.removeLast() }
        var fraction: Int64 = 0
        if bytes.count > 19 {
            guard bytes[19] == 0x2E, (21...26).contains(bytes.count) else { return nil }
            for byte in bytes[20...] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                fraction = fraction * 10 + Int64(byte - 0x30)
            }
            for _ in bytes.count..<26 { fraction *= 10 }
        }
        func number(_ from: Int, _ count: Int) -> Int? {
            var value = 0
            for byte in bytes[from..<from + count] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x20 || bytes[10] == 0x54, bytes[13] == 0x3A,
            bytes[16] == 0x3A, let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
            let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        // A day the month does not have comes back as one of the next month.
        guard CalendarTime(CalendarTime(year: year, month: month, day: day).instant).day == day else { return nil }
        let whole = CalendarTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        self = whole.instant + Interval(microseconds: fraction)
    }
}

func digits2(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
func digits4(_ value: Int) -> String { String(repeating: "0", count: max(0, 4 - "\(value)".count)) + "\(value)" }
