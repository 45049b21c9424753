// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import tillguard

/// How long a soak is to take; nil: there is none.
private let soakMinutes = ProcessInfo.processInfo.environment["SOAK_MINUTES"].flatMap { Double($0) }

/// As long as one likes, and so outside the suite: `make soak MINUTES=60`. The server is killed at random moments while
/// tills sell as fast as they can; each time everything answered must be in its journal, and in the end money, snapshot and
/// journal must agree. A line for each life of the server says how it fared.
@Suite("Soak", .enabled(if: soakMinutes != nil))
struct SoakTests {
    private struct Life {
        var answers: Int
        var seconds: Double
        var startMilliseconds: Int
        var residentKiB: Int
        var openFiles: Int
        var journalKiB: Int
    }

    @Test("Days at the till, with the power cut again and again")
    func soak() async throws {
        let minutes = try #require(soakMinutes)
        let kills = KillTests()
        let directory = try TemporaryDirectory()
        try await SpareEstate.prepare(directory, KillTests.tillCount)
        let tills = try SpareEstate.tills(directory, KillTests.tillCount)
        var books = [KillTests.Book](repeating: .init(), count: tills.count)
        var random = SeededRandom(seed: UInt64(Date().timeIntervalSince1970))
        var lives: [Life] = []
        let end = Date().addingTimeInterval(minutes * 60)
        while Date() < end {
            let before = books.reduce(0) { $0 + $1.answered.count }
            let start = Date()
            let (child, port) = try await Child.serve(directory)
            let started = Date()
            books = try await kills.resume(tills, books, port, signingOn: lives.isEmpty)
            let isLong = random.chance(perMille: 200)
            let target = isLong ? 5_000 + random.below(20_000) : 20 + random.below(2_000)
            let seen = Shared((resident: 0, files: 0))
            books = try await kills.trade(tills, books, port, killing: child, after: target) {
                seen.change { $0 = (child.residentKiB, child.openFiles) }
            }
            #expect(try await child.exit() == nil)
            try kills.check(directory, tills, books)
            let size = try FileManager.default.attributesOfItem(atPath: directory.file("journal.db"))[.size]
            let (resident, files) = seen.read { ($0.resident, $0.files) }
            lives.append(
                Life(
                    answers: books.reduce(0) { $0 + $1.answered.count } - before,
                    seconds: Date().timeIntervalSince(started),
                    startMilliseconds: Int(started.timeIntervalSince(start) * 1_000), residentKiB: resident,
                    openFiles: files, journalKiB: (size as? Int ?? 0) / 1_024))
        }
        let (child, port) = try await Child.serve(directory)
        books = try await kills.resume(tills, books, port, signingOn: false)
        child.interrupt()
        #expect(try await child.exit() == 0)
        try kills.check(directory, tills, books)
        try kills.checkBalances(directory, books)
        let live = try KillTests.recovered(directory)
        let copy = try TemporaryDirectory()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasPrefix("journal.db") {
            try FileManager.default.copyItem(atPath: directory.file(name), toPath: copy.file(name))
        }
        #expect(try KillTests.recovered(copy).digest == live.digest)
        // Every life holds as many files as any other: nothing is left open as time goes by.
        let files = lives.map(\.openFiles).filter { $0 > 0 }
        #expect((files.max() ?? 0) - (files.min() ?? 0) <= 8)
        report(lives, minutes)
    }

    private func report(_ lives: [Life], _ minutes: Double) {
        let answers = lives.reduce(0) { $0 + $1.answers }
        var text =
            "Soak of \(minutes) minutes: \(lives.count) lives of the server, each ended by a kill, \(answers) answers, "
        text += "every one in the journal.\n\n"
        text += "| life | answers | s | start, ms | memory, MiB | open files | journal, MiB |\n"
        text += "| --- | --- | --- | --- | --- | --- | --- |\n"
        for (index, life) in lives.enumerated() {
            text += "| \(index + 1) | \(life.answers) | \(Int(life.seconds)) | \(life.startMilliseconds) "
            text += "| \(life.residentKiB / 1_024) | \(life.openFiles) | \(life.journalKiB / 1_024) |\n"
        }
        print(text)
        if let path = ProcessInfo.processInfo.environment["SOAK_REPORT"] {
            try? text.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}
