// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Vocabulary

@Suite("Calendar and instants")
struct CalendarTimeTests {
    /// Seconds since the epoch as `date -u -d TEXT +%s` gives them.
    static let known: [(String, Int64)] = [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:01Z", 1), ("1969-12-31T23:59:59Z", -1),
        ("2000-02-29T12:34:56Z", 951_827_696), ("2001-09-09T01:46:40Z", 1_000_000_000),
        ("1900-03-01T00:00:00Z", -2_203_891_200), ("2016-12-31T23:59:59Z", 1_483_228_799),
        ("2038-01-19T03:14:08Z", 2_147_483_648), ("2100-02-28T23:59:59Z", 4_107_542_399),
        ("2100-03-01T00:00:00Z", 4_107_542_400), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ("0000-01-01T00:00:00Z", -62_167_219_200), ("1600-02-29T00:00:00Z", -11_670_998_400),
    ]

    @Test("known dates have their seconds and read back", arguments: known)
    func knownDates(text: String, seconds: Int64) throws {
        #expect(try #require(Instant(iso8601: text)).seconds == seconds)
        #expect(Instant(seconds: seconds).iso8601 == text)
    }

    @Test("every day of 800 years follows the one before, by a calendar counted by hand")
    func everyDay() {
        var (year, month, day) = (1600, 1, 1)
        let first = CalendarTime(year: 1600, month: 1, day: 1).instant
        for index in 0..<292_194 {
            let instant = first + .days(Int64(index))
            let time = CalendarTime(instant)
            guard (time.year, time.month, time.day) == (year, month, day), time.hour == 0, time.instant == instant
            else {
                Issue.record("day \(index): \(time) instead of \(year)-\(month)-\(day)")
                return
            }
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            day += 1
            if day > length { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (2400, 1, 1))
    }

    @Test("random instants survive the round trip to the second")
    func roundTrip() {
        var random = SeededRandom(seed: 20_260_814)
        for _ in 0..<20_000 {
            let instant = Instant(microseconds: Int64(bitPattern: random.next()) >> 3)
            #expect(CalendarTime(instant).instant == Instant(seconds: instant.seconds))
        }
    }

    @Test("text round trips for instants of four-digit years")
    func textRoundTrip() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let seconds = Int64(random.below(315_569_520_000)) - 62_167_219_200
            #expect(Instant(iso8601: Instant(seconds: seconds).iso8601)?.seconds == seconds)
        }
    }

    @Test("both forms are read, and a leap second is the next minute's first")
    func forms() {
        #expect(Instant(iso8601: "2018-06-01 00:00:31")?.seconds == 1_527_811_231)
        #expect(Instant(iso8601: "2018-06-01T00:00:31")?.seconds == 1_527_811_231)
        #expect(Instant(iso8601: "2016-12-31T23:59:60Z")?.seconds == 1_483_228_800)
    }

    @Test(
        "what is not a date and time is refused",
        arguments: [
            "", "2018-06-01", "2018-06-01T00:00:3", "2018-06-01T00:00:311", "2018-06-01T00:00:31z",
            "2018-06-01T00:00:31+", "2018/06/01T00:00:31Z", "2018-06-01X00:00:31Z", "2018-06-01T00.00:31Z",
            "2018-06-01T00:00.31Z", "2018-13-01T00:00:00Z", "2018-00-01T00:00:00Z", "2018-01-00T00:00:00Z",
            "2018-01-32T00:00:00Z", "2018-01-01T24:00:00Z", "2018-01-01T00:60:00Z", "2018-01-01T00:00:61Z",
            "-018-06-01T00:00:31Z", "+018-06-01T00:00:31Z", "2018-6-011T00:00:31Z", "２018-06-01T00:00:31Z",
            "2018-02-29T00:00:00Z", "2016-02-30T00:00:00Z", "2100-02-29T00:00:00Z", "2018-04-31T00:00:00Z",
            "2018-06-31T00:00:00Z", "2018-09-31T00:00:00Z", "2018-11-31T00:00:00Z",
        ])
    func refused(text: String) { #expect(Instant(iso8601: text) == nil) }

    @Test("DE 7 is ten digits of month, day and time")
    func transmission() {
        #expect(CalendarTime(year: 2026, month: 8, day: 4, hour: 9, minute: 3, second: 0).transmission == "0804090300")
        #expect(
            CalendarTime(year: 2026, month: 12, day: 31, hour: 23, minute: 59, second: 59).transmission == "1231235959")
    }

    @Test(
        "whole seconds round towards the past on both sides of the epoch",
        arguments: [
            (0, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-999_999, -1), (-1_000_000, -1), (-1_000_001, -2),
        ] as [(Int64, Int64)])
    func floor(microseconds: Int64, seconds: Int64) {
        #expect(Instant(microseconds: microseconds).seconds == seconds)
    }

    @Test("intervals add up")
    func intervals() {
        #expect(
            Interval.days(1) == .hours(24) && Interval.hours(1) == .minutes(60) && Interval.minutes(1) == .seconds(60))
        #expect(Interval.seconds(1) == .milliseconds(1_000) && Interval.milliseconds(1).microseconds == 1_000)
        #expect(Interval.seconds(2) * 3 + .seconds(-1) == .seconds(5))
        let instant = Instant(seconds: 100)
        #expect(instant + .seconds(5) - .seconds(7) == Instant(seconds: 98))
        #expect(Instant(seconds: 98) - instant == .seconds(-2))
        #expect(Instant(seconds: 98) < instant && Interval.seconds(-2) < .zero)
    }
}
