// SPDX-License-Identifier: Apache-2.0
import Foundation
import ISO8583
import PaymentCryptography
import Testing
import Vocabulary

@testable import tillguard

@Suite("Load")
struct LoadTests {
    @Test("terminals are numbered both ways", arguments: [0, 1, 9, 10, 1_234_567, 9_999_999])
    func terminalNumbers(_ number: Int) {
        let id = LoadEstate.terminal(number)
        #expect(id.description.count == 8 && TerminalID(id.description) == id)
        #expect(LoadEstate.index(of: id) == number)
    }

    @Test("no other terminal has a number", arguments: ["TILL0001", "L", "L000001", "L00000A1"])
    func otherTerminals(_ text: String) throws {
        #expect(LoadEstate.index(of: try #require(TerminalID(text))) == nil)
    }

    @Test("cards are valid and differ")
    func cards() throws {
        let pans = try (0..<200).map { try #require(LoadEstate.pan($0)) }
        #expect(pans.allSatisfy { $0.count == 16 })
        #expect(Set(pans).count == pans.count)
        #expect(LoadEstate.pin(0)?.count == 4)
        #expect(LoadEstate.pin(3)?.count == 6)
    }

    @Test(
        "a message's time falls into the year nearest the clock",
        arguments: [
            ("2018-06-15 12:00:00", "2018-06-15 12:00:00"), ("2018-12-31 23:59:59", "2019-01-01 00:10:00"),
            ("2019-01-01 00:00:01", "2018-12-31 23:50:00"), ("2020-02-29 08:00:00", "2020-03-01 08:00:00"),
        ])
    func recordedTime(_ sent: String, _ clock: String) throws {
        let at = try #require(Instant(iso8601: sent))
        let time = CalendarTime(at)
        var builder = MessageBuilder(.networkRequest, spec: .iso8583_1987)
        builder.set(
            .transmissionTime,
            UInt64(time.month * 100 + time.day) * 1_000_000
                + UInt64(time.hour * 10_000 + time.minute * 100 + time.second))
        builder.set(.stan, STAN(1))
        let message = try builder.encode().bytes
        #expect(RecordedTime.instant(of: message, near: try #require(Instant(iso8601: clock))) == at)
        #expect(RecordedTime.instant(of: Array(message.dropLast()), near: at) == nil)
    }

    @Test("a file system in memory is told by its mount")
    func fileSystems() {
        let mounts = """
            24 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            30 24 0:26 / /dev/shm rw,nosuid - tmpfs tmpfs rw
            """
        #expect(FileSystem.kind(ofDevice: "0:26", in: mounts) == "tmpfs")
        #expect(FileSystem.kind(ofDevice: "254:0", in: mounts) == "ext4")
        #expect(FileSystem.kind(ofDevice: "9:9", in: mounts) == nil)
    }

    @Test(
        "figures are written for people",
        arguments: [
            (Figures.grouped(718_601), "718,601"), (Figures.grouped(42), "42"), (Figures.grouped(1_000), "1,000"),
            (Figures.decimal(0.056, 2), "0.06"), (Figures.decimal(-1.25, 1), "-1.3"), (Figures.decimal(7, 0), "7"),
            (Figures.milliseconds(12_345), "12.35 ms"), (Figures.duration(187), "3:07"),
            (Figures.duration(3_723), "1:02:03"),
        ])
    func figures(_ written: String, _ expected: String) { #expect(written == expected) }

    @Test("the progress line shows how far, how fast and how long")
    func progressLine() {
        #expect(
            ReplayProgress.line(answered: 5_000, passed: 1_000, total: 12_000, seconds: 2)
                == "replay [############............] 6,000/12,000  50.0 %  2,500/s  ETA 0:02")
        #expect(
            ReplayProgress.line(answered: 0, passed: 0, total: 0, seconds: 0)
                == "replay [........................] 0/0  0.0 %  0/s  ETA -")
    }
}
