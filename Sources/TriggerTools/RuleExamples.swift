// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// Why a file of examples was not accepted: the line, and what was expected there.
public struct RuleExamplesError: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    public var sentence: String
    public var description: String { "\(line): \(sentence)" }
}

/// Examples beside a rule file: transactions, and what the rules are to say of them.
///
///     tillguard-tests 1
///     default {"at": "2026-08-14T09:30:00Z", "card": "A", "amount": "20.00", "currency": "EUR", "terminal": "T1"}
///
///     test three wrong PINs stop the card
///     {"pin": "wrong"}
///     {"after": "1m", "pin": "wrong", "expect": "approve"}
///     {"after": "1m", "pin": "wrong", "expect": "decline", "rules": ["wrong_pin_burst"]}
///
/// A test begins with empty windows. A line is a transaction as `rules eval` reads it; `default` gives the members that it does
/// not have. `docs/rules.md` lists what an example has besides.
public struct RuleExamples: Sendable {
    /// Longer files, and longer lines, are refused.
    public static let fileBytesMax = 4 << 20
    public static let transactionsMax = 20_000

    struct Example: Sendable {
        var line: Int
        /// Of the test that it belongs to.
        var test: Int
        var transaction: TransactionLine
        var expected: ExpectedOutcome
        var isFraud: Bool
        var isReversed: Bool
    }

    /// The names of the tests, in their order.
    public let tests: [String]
    let examples: [Example]

    /// - Throws: the first mistake.
    public init(parsing text: String) throws(RuleExamplesError) {
        guard text.utf8.count <= Self.fileBytesMax else {
            throw RuleExamplesError(line: 1, sentence: "expected a file of at most \(Self.fileBytesMax) bytes")
        }
        var reader = ExampleReader()
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            do throws(TransactionLineError) { try reader.take(trimmed, number) } catch {
                throw RuleExamplesError(line: number, sentence: "\(error)")
            }
        }
        guard reader.hasHeader else { throw RuleExamplesError(line: 1, sentence: ExampleReader.headerExpected) }
        (tests, examples) = (reader.tests, reader.examples)
    }

    /// Judges all transactions by a rule set.
    public func run(_ rules: RuleSet) -> RuleExamplesReport {
        var report = RuleExamplesReport()
        report.tests = tests.count
        var evaluator = LineEvaluator(rules: rules)
        var test = -1
        var hits = [Bool](repeating: false, count: rules.ruleIDs.count)
        for example in examples {
            if example.test != test { (evaluator, test) = (LineEvaluator(rules: rules), example.test) }
            let (evaluation, facts) = evaluator.judge(example.transaction)
            if example.isFraud { evaluator.makeFraud(facts) }
            if example.isReversed { evaluator.reverse(facts) }
            report.transactions += 1
            for result in evaluation.results where result.outcome == .hit { hits[result.rule] = true }
            let differences = example.expected.differences(from: evaluation, rules)
            if !example.expected.isEmpty { report.checked += 1 }
            for difference in differences {
                report.failures.append(
                    RuleExamplesReport.Failure(test: tests[example.test], line: example.line, sentence: difference))
            }
        }
        report.neverHit = zip(rules.ruleIDs, hits).filter { !$0.1 }.map(\.0)
        return report
    }
}

/// What came of the examples.
public struct RuleExamplesReport: Equatable, Sendable {
    /// A transaction of which the rules said something else.
    public struct Failure: Equatable, Sendable, CustomStringConvertible {
        public var test: String
        public var line: Int
        public var sentence: String
        public var description: String { "\(line): \(test): \(sentence)" }
    }

    public var tests = 0
    public var transactions = 0
    /// Transactions of which something was expected.
    public var checked = 0
    public var failures: [Failure] = []
    /// The rules that hit in no example, watched ones among them.
    public var neverHit: [String] = []
}
