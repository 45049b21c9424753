// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Transactions as lines of JSON")
struct LineTests {
    private func line(_ members: String) throws(TransactionLineError) -> TransactionLine {
        let base = #""card":"A","at":"2026-08-14T09:30:00Z","amount":"500.00","currency":"EUR","terminal":"T0000001""#
        return try TransactionLine(parsing: Array("{\(base)\(members.isEmpty ? "" : ",")\(members)}".utf8))
    }

    private func refusal(_ text: String) -> String? {
        do { _ = try TransactionLine(parsing: Array(text.utf8)) } catch { return error.member }
        return nil
    }

    @Test("every member reaches the facts; what is left out is missing")
    func members() throws {
        let full = try line(
            #""id":"7","merchant":"123","mcc":5993,"goods":["TOBACCO"],"pin":"wrong","kind":"cash","status":"lost","#
                + #""notice":true,"outcome":"declined""#)
        let facts = full.facts
        #expect(full.id == "7" && full.card == "A" && full.outcome == .declined)
        #expect(facts.at == morning && facts.amount == euros(50_000) && facts.terminal == terminal(1))
        #expect(facts.merchant == MerchantID(number: 123) && facts.mcc == MCC(5_993) && facts.goods.count == 1)
        #expect(facts.pin == .wrong && facts.kind == .cash && facts.hotList == .lost && facts.noticeCovers)
        let short = try line("").facts
        #expect(short.merchant == nil && short.mcc == nil && short.goods == [] && short.pin == .absent)
        #expect(short.kind == .purchase && short.hotList == nil && !short.noticeCovers)
    }

    @Test(
        "what is wrong is named by its member",
        arguments: [
            ("\"card\":\"\"", "card"), ("\"mcc\":10000", "mcc"), ("\"mcc\":\"1\"", "mcc"), ("\"pin\":\"bad\"", "pin"),
            ("\"goods\":[1]", "goods"), ("\"notice\":1", "notice"), ("\"outcome\":\"?\"", "outcome"),
            ("\"merchant\":\"x\"", "merchant"), ("\"colour\":\"red\"", "colour"),
        ])
    func refusals(member: String, name: String) {
        let others =
            #""at":"2026-08-14T09:30:00Z","amount":"1.00","currency":"EUR","terminal":"T1","#
            + (name == "card" ? "" : #""card":"A","#)
        #expect(refusal("{\(others)\(member)}") == name)
    }

    @Test("times, amounts and lines that are none")
    func none() {
        #expect(refusal("") == "" && refusal("[]") == "" && refusal("{") == "")
        let rest = #""card":"A","currency":"EUR","terminal":"T1""#
        for at in ["2026-02-30T00:00:00Z", "2026-08-14", "2026-13-01T00:00:00Z"] {
            #expect(refusal(#"{"at":"\#(at)","amount":"1.00",\#(rest)}"#) == "at", "\(at)")
        }
        for amount in ["1.001", "x", ""] {
            #expect(refusal(#"{"at":"2026-08-14T09:30:00Z","amount":"\#(amount)",\#(rest)}"#) == "amount")
        }
        #expect(Instant(iso8601: "2026-08-14T09:30:00.25Z") == morning + .milliseconds(250))
        #expect(Instant(iso8601: "2026-08-14T09:30:00.000001") == morning + Interval(microseconds: 1))
        for text in ["2026-08-14T09:30:00.Z", "2026-08-14T09:30:00.1234567Z", "2026-08-14T25:30:00Z"] {
            #expect(Instant(iso8601: text) == nil)
        }
    }

    @Test("decisions follow one another as the windows fill; two cards know nothing of each other")
    func decides() throws {
        var evaluator = LineEvaluator(rules: try RuleSet(parsing: try ShippedRules.text()))
        var decisions: [String?] = []
        for index in 0..<4 {
            let text =
                #"{"id":"\#(index)","card":"\#(index == 3 ? "B" : "A")","at":"2026-08-14T09:3\#(index):00Z","#
                + #""amount":"400.00","currency":"EUR","terminal":"T000000\#(index)","mcc":5411}"#
            let decision = evaluator.evaluate(try TransactionLine(parsing: Array(text.utf8)))
            #expect(decision["id"]?.string == "\(index)")
            decisions.append(decision["decision"]?.string)
        }
        #expect(decisions == ["approve", "approve", "refer", "approve"])
    }
}
