// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Host
import Scenarios
import SecurityTriggers
import Storage
import TriggerTools
import Vocabulary

struct GenerateTransactionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make up transactions: honest customers, attacks for each trigger, and honest look-alikes.",
        discussion: """
            CSV: the seven columns of the Fraud Detection Handbook, then merchant, place, entry, PIN, goods and \
            what the row is. `tillguard replay` sends such a file to a host. The same seed gives the same file.

            With --into they go to a host on that data directory at once, as purchases that `tillguard replay` would \
            send; what it decided is printed, then how the rules stand up to the attacks with all that the rows say.
            """)
    @Option(help: "tillguard, or handbook for the Handbook's own simulator.")
    var like = ScenarioPlan.Kind.tillguard
    @Option(help: "Any number.")
    var seed: UInt64 = 1
    @Option(help: "How many cards.")
    var customers = 5_000
    @Option(help: "How many terminals.")
    var terminals = 10_000
    @Option(help: "How many days.")
    var days = 183
    @Option(help: "The first day, such as 2018-04-01.")
    var start = "2018-04-01"
    @Option(help: "Attacks of each kind in a hundred days.")
    var attacks = 100
    @Option(help: "Look-alikes of each kind in a hundred days.")
    var lookAlikes = 300
    @Option(help: "The file to write; the standard output if not given.")
    var out: String?
    @Option(help: "A data directory, new or of an earlier run: its host gets the transactions.")
    var into: String?
    @Option(help: "With --into: a rule file; the shipped rules if not given.")
    var rules: String?

    func validate() throws {
        guard rules == nil || into != nil else { throw ValidationError("--rules goes with --into") }
    }

    func run() async throws {
        let plan: ScenarioPlan
        do throws(ScenarioPlanError) {
            plan = try ScenarioPlan(
                kind: like, seed: seed, customers: customers, terminals: terminals, days: days,
                start: try Self.midnight(start), attacks: attacks, lookAlikes: lookAlikes)
        } catch { throw ValidationError("\(error)") }
        guard let into else { return try Self.write(plan, to: out) }
        let file = out ?? NSTemporaryDirectory() + "/tillguard-generate-" + UUID().uuidString + ".csv"
        defer { if out == nil { try? FileManager.default.removeItem(atPath: file) } }
        try Self.write(plan, to: file)
        var options = ReplayRun.Options(file: file, data: into)
        options.rulesFile = rules
        let summary = try await ReplayCommand.replay(options).get()
        print(summary.text)
        guard summary.isComplete else {
            ReplayProgress.write("Stopped. The same command goes on with it.\n")
            throw ExitCode(130)
        }
        var scorecard = TriggerScorecard(try Self.rules(of: into))
        try TransactionLines(path: file).forEach { scorecard.add($0) }
        print(ScorecardTable.text(scorecard))
    }

    /// The rules in force at the end of a data directory's journal.
    private static func rules(of data: String) throws -> RuleSet {
        var text = RuleFiles.shipped
        try JournalReader(path: data).readRecords { _, bytes in
            if case .rulesReplaced(let newer, _) = try HostRecord(decoding: bytes).body { text = newer }
        }
        return try RuleSet(parsing: text)
    }

    /// - Parameter path: nil for the standard output.
    private static func write(_ plan: ScenarioPlan, to path: String?) throws {
        var output = FileHandle.standardOutput
        if let path {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            guard descriptor >= 0 else {
                throw DeploymentError.refused("\(path): \(String(cString: strerror(errno)))")
            }
            output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }
        var generator = ScenarioGenerator(plan)
        try output.write(contentsOf: Data((ScenarioRow.header + "\n").utf8))
        while let rows = generator.nextDay() {
            try output.write(contentsOf: Data(rows.map { $0.line + "\n" }.joined().utf8))
        }
    }

    private static func midnight(_ day: String) throws(ScenarioPlanError) -> Int64 {
        let parts = day.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { throw .start }
        let time = CalendarTime(year: parts[0], month: parts[1], day: parts[2])
        guard CalendarTime(time.instant) == time else { throw .start }
        return time.instant.seconds
    }
}

extension ScenarioPlan.Kind: ExpressibleByArgument {}
