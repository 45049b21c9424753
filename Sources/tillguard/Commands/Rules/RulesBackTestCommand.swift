// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Host
import SecurityTriggers
import Storage
import TriggerTools
import Vocabulary

struct RulesBackTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest", abstract: "What a rule file would have done with transactions of the past.",
        discussion: """
            The transactions are CSV, plain or gzip: datetime, customer_id, terminal_id, amount and, if known, fraud, \
            currency, merchant_id, mcc, pin, kind, goods, status, notice, outcome. With --journal they are those \
            of a data directory, which a server may be writing. Nothing that is live is touched. Lists are \
            those of the data directory as they are now, and those of --list in place of them. A score without its \
            --model is unknown.
            """)
    @Option(help: "The rule file to try; the shipped one if not given.")
    var rules: String?
    @Option(help: "The rule file in force, to stand beside it.")
    var present: String?
    @Option(help: "Write the report as a page.")
    var html: String?
    @Option(help: "Write the report as a table.")
    var csv: String?
    @Flag(help: "Print the report as JSON.")
    var json = false
    @Option(help: "A data directory, whose journal is read in place of a file.")
    var journal: String?
    @Option(help: "Days until a fraud is known, as terminals' figures and scores need it; 0 to 365.")
    var knownAfter = 7
    @OptionGroup var outside: OutsideOptions
    @Argument(help: "The transactions.")
    var file: String?

    func validate() throws {
        guard (0...365).contains(knownAfter) else { throw ValidationError("--known-after is 0 to 365 days") }
        guard (journal == nil) != (file == nil) else {
            throw ValidationError("either a file of transactions or --journal")
        }
    }

    func run() throws {
        let past = try journal.map { try JournalTransactions(data: $0) }
        let lists = try past?.lists() ?? ListStore()
        func test(_ rules: RuleSet) throws -> BackTest {
            BackTest(try outside.bound(rules, over: lists), knownAfter: .days(Int64(knownAfter)))
        }
        var candidate = try test(try RuleFiles.orShipped(rules))
        var present = try present.map { try test(try RuleFiles.read($0).rules) }
        let clock = ContinuousClock()
        let start = clock.now
        if let past {
            try past.forEach { step in
                switch step {
                case .transaction(let transaction):
                    candidate.add(transaction)
                    present?.add(transaction)
                case .reversal(let card, let at, let terminal, let amount):
                    candidate.reverse(card: card, at: at, terminal: terminal, amount: amount)
                    present?.reverse(card: card, at: at, terminal: terminal, amount: amount)
                }
            }
        } else if let file {
            try TransactionLines(path: file).forEach { transaction in
                candidate.add(transaction)
                present?.add(transaction)
            }
        }
        let elapsed = (clock.now - start).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
        let report = BackTestReport(candidate, beside: present)
        if let csv { try report.csv.write(toFile: csv, atomically: true, encoding: .utf8) }
        if let html { try report.html.write(toFile: html, atomically: true, encoding: .utf8) }
        if json {
            print(report.json.text)
        } else if csv == nil {
            print(report.csv, terminator: "")
        }
        let rate = Int(Double(candidate.transactions) / max(seconds, 1e-9))
        let line = "\(candidate.transactions) transactions in \(Int(seconds * 1_000)) ms, \(rate) a second\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}

struct RulesScorecardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scorecard", abstract: "How a rule file stands up to attacks and their honest look-alikes.",
        discussion: "The transactions are what `tillguard generate` writes: CSV with attack and look_alike.")
    @Option(help: "The rule file; the shipped one if not given.")
    var rules: String?
    @OptionGroup var outside: OutsideOptions
    @Argument(help: "The transactions.")
    var file: String

    func run() throws {
        var scorecard = TriggerScorecard(try outside.bound(try RuleFiles.orShipped(rules)))
        try TransactionLines(path: file).forEach { scorecard.add($0) }
        print(ScorecardTable.text(scorecard))
    }
}
