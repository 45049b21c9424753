// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import Host
import HostServer
import Testing
import Vocabulary

@testable import tillguard

@Suite("Replay over sockets", .serialized)
struct ReplayTests {
    private func replay(
        _ file: String, data: String, inFlight: Int = 64, limit: Int? = nil, rules: String? = nil, stopAfter: Int? = nil
    ) async throws -> ReplaySummary {
        var options = ReplayRun.Options(file: file, data: data)
        options.inFlight = inFlight
        options.limit = limit
        options.rulesFile = rules
        let stop = Stop()
        let progress = ReplayProgress { answered in
            if let stopAfter, answered >= stopAfter { stop.progress?.stop() }
        }
        stop.progress = progress
        return try await ReplayRun.run(options, progress: progress, logger: quiet)
    }

    /// Ties the progress to what it reports to; set before anything runs.
    private final class Stop: @unchecked Sendable { weak var progress: ReplayProgress? }

    @Test("every purchase is decided at its recorded time, and the shipped rules catch the thief")
    func replays() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("r.csv", Generated.csv())
        let data = scratch.directory("data")
        let summary = try await replay(file, data: data)

        #expect(summary.isComplete)
        #expect(summary.replayed == Generated.rows - 1 && summary.withoutAmount == 1)
        #expect(summary.answered == summary.replayed && summary.earlier == 0)
        #expect(summary.frauds == 10 && summary.caught == Generated.caught)
        #expect(summary.honest == Generated.honest && summary.falseAlarms == 0)
        #expect(summary.rules.map(\.rule) == ["large_amounts_spread"])
        #expect(summary.rules.map(\.count) == [Generated.caught])
        #expect(summary.decisions.map(\.intent) == [.approved, .callIssuer])
        #expect(summary.decisions.map(\.count) == [Generated.honest + 4, Generated.caught])
        // The second day's suspicion joins the first day's open case.
        #expect(summary.cases == 1)
        // Three days are more than one lease.
        #expect(summary.signOns > summary.terminals)

        let rows = try Recording(path: file).next(1_000).filter { $0.amount > 0 }
        let written = try Written.all(in: data)
        #expect(written.map(\.at).sorted() == rows.map(\.at).sorted())
        #expect(written.map(\.amount).sorted() == rows.map(\.amount).sorted())
    }

    @Test("how many are under way at a time changes no decision")
    func windowChangesNothing() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("r.csv", Generated.csv())
        _ = try await replay(file, data: scratch.directory("one"), inFlight: 1, limit: 180)
        _ = try await replay(file, data: scratch.directory("many"), inFlight: 64, limit: 180)
        let one = try Written.all(in: scratch.directory("one"))
        #expect(one.count >= 179)
        #expect(try Written.all(in: scratch.directory("many")) == one)
    }

    @Test("a replay that was stopped goes on: nothing is sent twice and nothing is left out")
    func resumes() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("r.csv", Generated.csv())
        _ = try await replay(file, data: scratch.directory("whole"))
        let whole = try Written.all(in: scratch.directory("whole"))

        let data = scratch.directory("halves")
        let first = try await replay(file, data: data, inFlight: 4, stopAfter: 20)
        #expect(!first.isComplete)
        #expect(first.answered >= 20 && first.answered < whole.count)
        #expect(try Written.all(in: data).count == first.answered)

        let second = try await replay(file, data: data)
        #expect(second.isComplete)
        #expect(second.earlier == first.answered && second.answered == whole.count - first.answered)
        #expect(second.frauds == 10 && second.caught == Generated.caught && second.cases == 1)
        #expect(try Written.all(in: data) == whole)

        let third = try await replay(file, data: data)
        #expect(third.isComplete && third.answered == 0 && third.earlier == whole.count)
        #expect(try Written.all(in: data) == whole)
    }

    @Test("a directory goes on only with the recording and the rules it was begun with")
    func otherRecordingIsRefused() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("r.csv", Generated.csv())
        let data = scratch.directory("data")
        _ = try await replay(file, data: data, limit: 20)
        let before = try Written.all(in: data)

        // Another terminal, another customer, another amount, another time.
        for (column, value) in [(3, "u1"), (2, "d1"), (4, "0.01"), (1, "2018-12-30 00:58:41")] {
            var lines = Generated.csv().split(separator: "\n").map(String.init)
            var columns = lines[5].split(separator: ",").map(String.init)
            columns[column] = value
            lines[5] = columns.joined(separator: ",")
            let other = try scratch.file("other.csv", lines.joined(separator: "\n"))
            await #expect("\(lines[5])") {
                try await replay(other, data: data)
            } throws: { error in
                guard case .otherRecording(other, _, data) = error as? ReplayError else { return false }
                return true
            }
        }
        let rules = try scratch.file("other.rules", RuleFiles.shipped + "\n# Changed.\n")
        await #expect(throws: ReplayError.otherRules(data: data)) {
            try await replay(file, data: data, rules: rules)
        }
        let written = try Written.all(in: data)
        #expect(before.allSatisfy { written.contains($0) })
    }

    @Test("a directory of something else is left alone")
    func foreignDirectoryIsRefused() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("r.csv", Generated.csv())
        let data = scratch.directory("data")
        let deployment = try await Deployment.start(Deployment.Options(data: data, projects: false), logger: quiet)
        try await deployment.server.submit(LoadEstate.commands(terminal: 0, name: "Shop"))
        try await deployment.shutdown()
        await #expect(throws: ReplayError.notAReplay(data: data)) { try await replay(file, data: data) }
    }

    @Test("an error in the file shows after what came before it was finished")
    func badRowLater() async throws {
        let scratch = try Scratch()
        var lines = Generated.csv().split(separator: "\n").map(String.init)
        lines[290] = "nonsense"
        let file = try scratch.file("r.csv", lines.joined(separator: "\n"))
        let data = scratch.directory("data")
        await #expect(throws: ReplayError.badRow(file, line: 291, why: "1 columns where the header has 7")) {
            try await replay(file, data: data)
        }
        #expect(try Written.all(in: data).count >= 200)
    }

    @Test("rules of one's own take the place of the shipped ones")
    func ownRules() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("r.csv", Generated.csv())
        let rules = try scratch.file(
            "own.rules",
            """
            tillguard-rules 1
            ruleset own version 1
            rule large {
                when amount > 400.00 EUR
                then decline as suspectedFraud, case high
                say en "Large: {amount}."
                say zh "大额：{amount}。"
            }
            """)
        let summary = try await replay(file, data: scratch.directory("data"), rules: rules)
        #expect(summary.rules.map(\.rule) == ["large"])
        #expect(summary.caught == 10)
        #expect(summary.falseAlarms == 0)
    }

    @Test("the summary for programs has every figure")
    func jsonShape() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("r.csv", Generated.csv())
        let text = try await replay(file, data: scratch.directory("data"), limit: 40).json.text
        let json = try JSON(parsing: Array(text.utf8))
        #expect(
            json.members?.map(\.name) == [
                "complete", "rows", "replayed", "earlier", "withoutAmount", "terminals", "cards", "decisions", "rules",
                "cases", "fraud", "falseAlarms", "run", "data",
            ])
        #expect(json["complete"]?.bool == true)
        #expect(json["rows"]?.integer == 40)
        #expect(json["decisions"]?["approved"]?.integer == json["replayed"]?.integer)
        #expect(json["fraud"]?.members?.map(\.name) == ["rows", "caught", "missed", "scenarios"])
        #expect(json["falseAlarms"]?.members?.map(\.name) == ["rows", "stopped", "per10000"])
        #expect(
            json["run"]?.members?.map(\.name) == [
                "seconds", "answered", "perSecond", "signOns", "latencyMicroseconds",
            ])
        let latency = try #require(LatencyFigures(json["run"]?["latencyMicroseconds"]))
        #expect(latency.p50 > 0 && latency.p50 <= latency.p99 && latency.p999 <= latency.max)
    }
}
