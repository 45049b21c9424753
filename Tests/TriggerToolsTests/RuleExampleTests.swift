// SPDX-License-Identifier: Apache-2.0
import Foundation
import SecurityTriggers
import Testing
import Vocabulary

@testable import TriggerTools

@Suite("Examples beside a rule file")
struct RuleExampleTests {
    private static let header = """
        tillguard-tests 1
        default {"at":"2026-08-14T09:30:00Z","card":"A","amount":"20.00","currency":"EUR","terminal":"T1"}

        """

    private func shipped(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Rules/\(name)"), encoding: .utf8)
    }

    private func run(_ rules: String, _ examples: String) throws -> RuleExamplesReport {
        try RuleExamples(parsing: Self.header + examples).run(RuleSet(parsing: "tillguard-rules 1\n" + rules))
    }

    @Test("the shipped examples hold, and every shipped rule hits in one")
    func shippedRules() throws {
        let examples = try RuleExamples(parsing: try shipped("default.tests"))
        let report = examples.run(try RuleSet(parsing: try shipped("default.rules")))
        #expect(report.failures == [])
        #expect(report.neverHit == [])
        #expect(report.tests == 19 && report.checked > 30)
    }

    @Test("what the rules say otherwise is named by its test and line")
    func failures() throws {
        let rules = """
            velocity n = count(attempts) by card over 1h
            rule many { when n >= 2 unless notice covers tx then decline, case high }
            rule watched shadow { when n >= 2 then decline }
            rule odd { when merchant == 1 then decline }
            """
        let report = try run(
            rules,
            """
            test first
            {"expect": "decline", "rules": ["many"], "case": "low"}
            {"expect": "approve", "rules": [], "shadow": [], "suppressed": ["many"], "unknown": []}
            test second
            {"merchant": "2", "expect": "approve", "rules": [], "shadow": [], "unknown": [], "suppressed": []}
            {"notice": true, "expect": "approve", "suppressed": ["many"], "shadow": ["watched"], "unknown": ["odd"]}
            """)
        #expect(report.tests == 2 && report.transactions == 4 && report.checked == 4)
        #expect(report.neverHit == ["odd"])
        let wanted = [
            "4: first: expected decline, found approve", "4: first: expected case low, found no case",
            "4: first: expected rules many, found none", "5: first: expected approve, found decline",
            "5: first: expected rules none, found many", "5: first: expected shadow none, found watched",
            "5: first: expected suppressed many, found none", "5: first: expected unknown none, found odd",
        ]
        #expect(report.failures.map(\.description) == wanted)
    }

    @Test("a test begins with empty windows; times, fraud and reversed change what follows")
    func changes() throws {
        let rules = """
            velocity spent = sum(amount where approved) by card over 1h before
            velocity odd = count(confirmed) by terminal over 7d before
            rule much { when spent >= 100.00 EUR then refer }
            rule bad { when odd >= 1 then decline }
            """
        let report = try run(
            rules,
            """
            test repeated
            {"times": 5, "after": "1m"}
            {"expect": "refer", "rules": ["much"]}
            test taken back
            {"times": 5, "reversed": true}
            {"expect": "approve"}
            test not what came an hour before
            {"times": 5}
            {"after": "1h", "expect": "approve"}
            test known as fraud
            {"fraud": true, "expect": "approve"}
            {"card": "B", "expect": "decline", "rules": ["bad"]}
            """)
        #expect(report.failures == [] && report.transactions == 20)
    }

    @Test(
        "a line that cannot be read is named, and what was expected there",
        arguments: [
            ("{\"expect\":\"approve\"}", 3, "test"), ("test", 3, "test"), ("test  ", 3, "a name"),
            ("example x", 3, "`default`"), ("default 7", 3, "an object"), ("test x\n{", 4, "byte"),
            ("test x\n{\"expect\":\"maybe\"}", 4, "expect"), ("test x\n{\"expect\":1}", 4, "expect"),
            ("test x\n{\"rules\":\"r\"}", 4, "rules"), ("test x\n{\"rules\":[1]}", 4, "rules"),
            ("test x\n{\"after\":\"1w\"}", 4, "after"), ("test x\n{\"after\":\"-1m\"}", 4, "after"),
            ("test x\n{\"after\":\"401d\"}", 4, "after"), ("test x\n{\"after\":1}", 4, "after"),
            ("test x\n{\"times\":0}", 4, "times"), ("test x\n{\"times\":1001}", 4, "times"),
            ("test x\n{\"fraud\":1}", 4, "fraud"), ("test x\n{\"case\":\"none\"}", 4, "case"),
            ("test x\n{\"colour\":\"red\"}", 4, "colour"), ("test x\n{\"amount\":\"-1.00\"}", 4, "amount"),
        ])
    func mistakes(text: String, line: Int, word: String) {
        do throws(RuleExamplesError) {
            _ = try RuleExamples(parsing: Self.header + text)
            Issue.record("it was read")
        } catch {
            #expect(error.line == line && error.sentence.contains(word), "\(error)")
        }
    }

    @Test("a file without its first line, and one with too many transactions, are refused")
    func limits() throws {
        #expect(throws: RuleExamplesError.self) { try RuleExamples(parsing: "") }
        #expect(throws: RuleExamplesError.self) { try RuleExamples(parsing: "# only\ntest x\n") }
        let many = Self.header + "test x\n" + String(repeating: "{\"times\":1000}\n", count: 20)
        #expect(try RuleExamples(parsing: many).examples.count == RuleExamples.transactionsMax)
        #expect(throws: RuleExamplesError.self) { try RuleExamples(parsing: many + "{}\n") }
        #expect(throws: RuleExamplesError.self) {
            try RuleExamples(parsing: Self.header + String(repeating: "#", count: RuleExamples.fileBytesMax))
        }
    }
}
