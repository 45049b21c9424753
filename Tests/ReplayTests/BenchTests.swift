// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import tillguard

@Suite("Benchmark")
struct BenchTests {
    /// The program itself, which the build puts beside the tests.
    private static func executable() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "tillguard").path
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path)")
        return path
    }

    private func options(_ data: String) -> BenchOptions {
        var options = BenchOptions(data: data)
        options.terminals = 12
        options.cards = 40
        options.seconds = 1
        options.inFlight = 6
        options.connections = 3
        options.allowsTmpfs = true
        return options
    }

    @Test("the journal holds as many authorisations as answers were received")
    func recordsAreAnswers() async throws {
        let scratch = try Scratch()
        let report = try await BenchRun.run(
            options(scratch.directory("data")), executable: Self.executable(), logger: quiet
        ) { _ in }
        #expect(report.client.answers > 0)
        #expect(report.journal.authorisations == report.client.answers)
        #expect(report.client.approved > 0)
        #expect(report.journal.commits.reduce(0, +) == report.journal.records)
        #expect(report.serverEach > 0 && report.clientEach > 0 && report.bytesEach > 0)

        let json = try JSON(parsing: Array(report.json.text.utf8))
        #expect(json["answers"]?.integer == Int64(report.client.answers))
        #expect(LatencyFigures(json["latencyMicroseconds"]) == report.client.latency)
        #expect(json["journal"]?["authorisations"]?.integer == Int64(report.client.answers))
        #expect(report.text.contains("durable authorisations a second"))
    }

    @Test("a thousand terminals are connected at once, each on a line of its own, and all of them trade")
    func thousandLines() async throws {
        OpenFiles.raiseLimit()
        let scratch = try Scratch()
        var options = options(scratch.directory("data"))
        (options.terminals, options.connections) = (1_000, 1_000)
        (options.cards, options.inFlight) = (1_000, 1_000)
        let report = try await BenchRun.run(options, executable: Self.executable(), logger: quiet) { _ in }
        // Every terminal has been asked at least once, since a thousand are under way at a time.
        #expect(report.client.answers >= 1_000)
        #expect(report.client.approved == report.client.answers)
        #expect(report.journal.authorisations == report.client.answers)
    }

    @Test("round trips are each answered with their own answer, and nothing is journalled for them")
    func echo() async throws {
        let scratch = try Scratch()
        var options = options(scratch.directory("data"))
        options.inFlight = 32
        let report = try await EchoBench.run(options, executable: Self.executable(), logger: quiet)
        #expect(report.client.answers > 32 && report.perSecond > 0)
        #expect(report.text.contains("round trips a second"))
        let journal = try BenchJournal.read(options.data, after: 0)
        // The rule set that every new journal begins with.
        #expect(journal.records == 1)
    }

    @Test("a benchmark starts on an empty directory")
    func emptyDirectory() async throws {
        let scratch = try Scratch()
        let data = scratch.directory("data")
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: data + "/journal.db"))
        await #expect(throws: BenchError.notEmpty(data)) {
            _ = try await BenchRun.run(options(data), executable: "/nowhere", logger: quiet) { _ in }
        }
    }

    @Test("a client that dies is told")
    func deadClient() async throws {
        let scratch = try Scratch()
        await #expect(throws: BenchError.clientFailed("exit code 1")) {
            _ = try await BenchRun.run(
                options(scratch.directory("data")), executable: "/bin/false", logger: quiet
            ) { _ in }
        }
    }
}
