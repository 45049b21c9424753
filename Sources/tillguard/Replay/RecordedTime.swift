// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// When a recorded message was sent: its DE 7, in the year that brings it nearest to the replay's clock.
///
/// In a replay, and there alone, a terminal's own time stands for the host's (rule R13): many purchases are under way
/// at once, and each is judged at its own recorded moment, not at that of the latest one sent.
enum RecordedTime {
    static func instant(of message: [UInt8], near now: Instant) -> Instant? {
        guard let view = try? MessageView(message, spec: .iso8583_1987), let time = view[.transmissionTime] else {
            return nil
        }
        func part(_ divisor: UInt64) -> Int { Int(time / divisor % 100) }
        let year = CalendarTime(now).year
        var nearest: Instant?
        for candidate in year - 1...year + 1 {
            let instant = CalendarTime(
                year: candidate, month: part(100_000_000), day: part(1_000_000), hour: part(10_000),
                minute: part(100), second: part(1)
            ).instant
            if let known = nearest, distance(known, now) <= distance(instant, now) { continue }
            nearest = instant
        }
        return nearest
    }

    private static func distance(_ left: Instant, _ right: Instant) -> UInt64 { (left - right).microseconds.magnitude }
}
