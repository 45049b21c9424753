// SPDX-License-Identifier: Apache-2.0
import Scenarios
import SecurityTriggers
import Testing
import Vocabulary

@testable import TriggerTools

/// Large amounts are refused, restricted goods without a notice ask for a proof, and one rule only watches.
let testRules = """
    tillguard-rules 1
    ruleset test version 2
    rule large { when amount >= 100.00 EUR then decline }
    rule tobacco { when goods in [TOBACCO] unless notice covers tx then require password }
    rule watched shadow { when amount >= 50.00 EUR then decline }
    """

@Suite("Tables, back-tests and scorecards")
struct ToolsTests {
    private static let header = "tx_id,datetime,customer_id,terminal_id,amount,fraud,goods,notice,attack,look_alike"

    private func transactions(_ lines: [String]) throws -> [LabelledTransaction] {
        var table = try TransactionTable(header: Self.header.utf8)
        var transactions: [LabelledTransaction] = []
        for line in lines {
            if let transaction = try table.transaction(of: line.utf8) { transactions.append(transaction) }
        }
        return transactions
    }

    private func backTest(_ lines: [String]) throws -> BackTest {
        var test = BackTest(try RuleSet(parsing: testRules))
        for transaction in try transactions(lines) { test.add(transaction) }
        return test
    }

    @Test("columns are found by their names; what is not there is missing, and what is not known is passed over")
    func table() throws {
        var table = try TransactionTable(header: "amount,colour,terminal_id,datetime,customer_id\r".utf8)
        let row = try #require(try table.transaction(of: "12.05,red,7,2018-04-01T10:00:00Z,A\r".utf8))
        #expect(row.facts.amount == Money(minorUnits: 1_205, .eur) && row.facts.terminal == TerminalID("00000007"))
        #expect(row.facts.at == CalendarTime(year: 2018, month: 4, day: 1, hour: 10).instant)
        #expect(!row.isFraud && row.outcome == nil && row.facts.mcc == nil && row.attack.isEmpty)
        #expect(try table.transaction(of: "".utf8) == nil)
        let same = try #require(try table.transaction(of: "1.00,x,8,2018-04-01 10:00:01,A".utf8))
        #expect(same.facts.card == row.facts.card)
    }

    @Test(
        "a table that is none, and lines that are wrong, are named with line and column",
        arguments: [
            ("1,2018-04-01 10:00:00,A,7,1.00,2,,0,,", "fraud"), ("1,2018-04-31 10:00:00,A,7,1.00,0,,0,,", "datetime"),
            ("1,2018-04-01 10:00:00,A,7,1.001,0,,0,,", "amount"),
            ("1,2018-04-01 10:00:00,A,TOOLONGNAME,1.00,0,,0,,", "terminal_id"),
            ("1,2018-04-01 10:00:00,A,7,1.00,0,,maybe,,", "notice"), ("1,2", ""),
        ])
    func refusals(line: String, column: String) throws {
        var table = try TransactionTable(header: Self.header.utf8)
        let error = #expect(throws: TransactionTableError.self) { try table.transaction(of: line.utf8) }
        #expect(error?.line == 2 && error?.column == column)
        #expect(throws: TransactionTableError.self) { try TransactionTable(header: "amount,datetime".utf8) }
    }

    @Test("a back-test counts what each rule would have done, and what all of them would have stopped")
    func counts() throws {
        let test = try backTest([
            "1,2018-04-01 10:00:00,A,7,150.00,1,,0,,", "2,2018-04-01 11:00:00,B,7,120.00,0,TOBACCO,0,,",
            "3,2018-04-02 10:00:00,A,7,20.00,0,TOBACCO,1,,", "4,2018-04-02 11:00:00,C,7,60.00,1,,0,,",
            "5,2018-04-02 12:00:00,C,7,5.00,0,,0,,",
        ])
        #expect(test.rules.ruleIDs == ["large", "tobacco", "watched"])
        #expect(test.byRule[0] == BackTest.Tally(fired: 2, frauds: 1, fraudAmount: 15_000))
        #expect(test.byRule[1] == BackTest.Tally(fired: 1, suppressed: 1))
        #expect(test.byRule[2] == BackTest.Tally(fired: 3, frauds: 2, fraudAmount: 21_000))
        // A rule that only watches stops nothing.
        #expect(test.stopped == BackTest.Tally(fired: 2, frauds: 1, fraudAmount: 15_000))
        #expect(test.transactions == 5 && test.frauds == 2 && test.fraudAmount == 21_000)
        #expect(test.together == [2, 1, 2, 1, 1, 1, 2, 1, 3])
        #expect(test.days.map(\.tally.transactions) == [2, 3] && test.days.map(\.tally.fraudsStopped) == [1, 0])
        // One of three honest ones.
        #expect(test.falseAlarmsPerTenThousand > 3_333 && test.falseAlarmsPerTenThousand < 3_334)
    }

    @Test("a transaction that is taken back counts in no window of approved ones")
    func reversal() throws {
        let rules = """
            tillguard-rules 1
            velocity spent = count(approved) by card over 1h
            rule often { when spent >= 2 then decline }
            """
        let rows = try transactions([
            "1,2018-04-01 10:00:00,A,7,50.00,0,,0,,", "2,2018-04-01 10:10:00,A,7,50.00,0,,0,,",
        ])
        var kept = BackTest(try RuleSet(parsing: rules))
        var reversed = kept
        for (index, row) in rows.enumerated() {
            kept.add(row)
            reversed.add(row)
            let facts = row.facts
            if index == 0 {
                reversed.reverse(card: facts.card, at: facts.at, terminal: facts.terminal, amount: facts.amount)
            }
        }
        #expect(kept.byRule[0].fired == 1 && reversed.byRule[0].fired == 0)
    }

    @Test("a fraud counts for its terminal from when it is known, and never before", arguments: [0, 7])
    func knownFrauds(days: Int64) throws {
        let rules = """
            tillguard-rules 1
            velocity frauds = count(confirmed) by terminal over 30d
            rule compromised { when frauds >= 2 then decline }
            """
        let rows = try transactions(
            ["1,2018-04-01 10:00:00,A,7,50.00,1,,0,,", "2,2018-04-01 11:00:00,B,7,50.00,1,,0,,"]
                // The second one comes late, and is known before.
                + ["3,2018-03-31 11:00:00,C,8,50.00,1,,0,,", "4,2018-04-01 11:30:00,D,8,50.00,1,,0,,"]
                + (1...12).map { "5,2018-04-\($0 < 10 ? "0" : "")\($0) 12:00:00,X,\(7 + $0 % 2),9.00,0,,0,," })
        var test = BackTest(try RuleSet(parsing: rules), knownAfter: .days(days))
        let fired = rows.dropFirst(4).map { test.add($0).action == .decline }
        #expect(fired == (1...12).map { _ in false }, "nobody knows of frauds that were not added")
        test = BackTest(try RuleSet(parsing: rules), knownAfter: .days(days))
        for row in rows.prefix(4) { #expect(test.add(row).action == .approve) }
        #expect(rows.dropFirst(4).map { test.add($0).action == .decline } == (1...12).map { $0 >= 1 + days })
    }

    @Test("the report is a table with a line a rule, and a page that shows the present rules beside")
    func report() throws {
        let lines = ["1,2018-04-01 10:00:00,A,7,150.00,1,,0,,", "2,2018-04-03 10:00:00,A,7,1.00,0,,0,,"]
        var present = BackTest(try RuleSet(parsing: "tillguard-rules 1\nruleset now version 1"))
        for transaction in try transactions(lines) { present.add(transaction) }
        let report = BackTestReport(try backTest(lines), beside: present)
        let csv = report.csv.split(separator: "\n")
        #expect(csv.count == 6 && csv[1] == "large,1,1,150.00,0.00,0,0" && csv[5] == "present,0,0,0.00,0.00,0,0")
        let html = report.html
        #expect(html.contains("test@2") && html.contains("now@1") && html.contains("2018-04-01 to 2018-04-03"))
        #expect(html.components(separatedBy: "class=\"fraud\"") == 3)
    }

    @Test("the report for programs says what each set stops and saves, each rule, and which rules fire together")
    func reportForPrograms() throws {
        let lines = [
            "1,2018-04-01 10:00:00,A,7,150.00,1,,0,,", "2,2018-04-01 11:00:00,B,7,120.00,0,TOBACCO,0,,",
            "3,2018-04-02 11:00:00,C,7,60.00,1,,0,,",
        ]
        var present = BackTest(try RuleSet(parsing: "tillguard-rules 1\nruleset now version 1"))
        for transaction in try transactions(lines) { present.add(transaction) }
        let json = try JSON(parsing: Array(BackTestReport(try backTest(lines), beside: present).json.text.utf8))
        #expect(json["transactions"] == 3 && json["frauds"] == 2 && json["fraudAmount"] == "210.00")
        let candidate: JSON = [
            "rules": "test@2", "stopped": 2, "frauds": 1, "saved": "150.00", "falseAlarmsPer10000": "10000.00",
        ]
        #expect(json["candidate"] == candidate)
        #expect(json["present"]?["stopped"] == 0 && json["present"]?["saved"] == "0.00")
        #expect(json["byRule"]?.array?.map { $0["fired"] } == [2, 1, 3])
        let pairs = json["together"]?.array?.map { $0.text }
        #expect(pairs?.first == #"{"rules":["large","watched"],"fired":2}"#)
        #expect(pairs?.count == 3)
        #expect(BackTestReport(try backTest(lines)).json["present"] == .null)
    }

    @Test("an attack is stopped from its first refused payment on; what went through before is lost")
    func scorecard() throws {
        var scorecard = TriggerScorecard(try RuleSet(parsing: testRules))
        let rows = try transactions([
            "1,2018-04-01 10:00:00,A,7,30.00,1,,0,clone,", "2,2018-04-01 10:10:00,A,7,40.00,1,,0,clone,",
            "3,2018-04-01 10:20:00,A,7,150.00,1,,0,clone,", "4,2018-04-01 10:30:00,A,7,20.00,1,,0,clone,",
            "5,2018-04-09 10:00:00,A,7,30.00,1,,0,clone,", "6,2018-04-09 11:00:00,B,7,130.00,0,,0,,clone",
            "7,2018-04-09 12:00:00,B,7,30.00,0,,0,,clone",
        ])
        for row in rows { scorecard.add(row) }
        #expect(
            scorecard.lines == [
                TriggerScorecard.Line(
                    attack: "clone", episodes: 2, stopped: 1, noticed: 1, seconds: 1_200, lost: 10_000, lookAlikes: 2,
                    lookAlikesStopped: 1)
            ])
    }

    @Test("what is generated can be read, and every attack is in the scorecard")
    func generated() throws {
        var generator = ScenarioGenerator(
            try ScenarioPlan(seed: 5, customers: 200, terminals: 300, days: 30, attacks: 30, lookAlikes: 30))
        var table = try TransactionTable(header: ScenarioRow.header.utf8)
        var scorecard = TriggerScorecard(try RuleSet(parsing: testRules))
        var count = 0
        while let rows = generator.nextDay() {
            for row in rows {
                scorecard.add(try #require(try table.transaction(of: row.line.utf8)))
                count += 1
            }
        }
        #expect(scorecard.transactions == count)
        #expect(scorecard.lines.map(\.attack) == Attack.allCases.map(\.rawValue).sorted())
    }
}

extension String {
    /// Pieces, as Foundation counts them.
    fileprivate func components(separatedBy separator: String) -> Int {
        var (count, rest) = (1, self[...])
        while let range = rest.firstRange(of: separator) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
