// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Storage
import Testing
import Vocabulary

@testable import Host

/// The life of rule sets in the tables: states, steps, who and when; and what watched rules would have done.
@Suite("Rule sets in the tables")
struct RuleLifeProjectionTests {
    private static let second = """
        tillguard-rules 1
        ruleset small version 4
        rule all { when amount > 1.00 EUR then decline }

        """
    private let carol = Principal(staff: staff("desk1"), role: .analyst)
    private let dave = Principal(staff: staff("desk2"), role: .analyst)

    private func bank() throws -> Bank {
        let bank = try Bank()
        try bank.open()
        return bank
    }

    @Test("every step is kept with its person and its time, and the states are the host's")
    func steps() async throws {
        let bank = try bank()
        try await bank.submit(.proposeRules(Self.second), by: carol)
        bank.advance(.minutes(1))
        try await bank.submit(.shadowRules(1), by: carol)
        bank.advance(.minutes(1))
        try await bank.submit(.approveRules(1), by: dave)
        try await bank.submit(.activateRules(1), by: carol)
        try await bank.submit(.proposeRules(Self.second.replacing("version 4", with: "version 5")), by: dave)
        try await bank.submit(.withdrawRules(2), by: carol)
        let rows = try await bank.reader.rules()
        #expect(rows.map(\.version) == [1, 2, 0])
        #expect(rows.map(\.state) == [.live, .withdrawn, .retired])
        let live = try #require(rows.first)
        #expect(live.steps.map(\.kind) == [.proposed, .shadowed, .approved, .activated])
        #expect(live.steps.map(\.by) == ["desk1", "desk1", "desk2", "desk1"])
        #expect(live.steps[1].at - live.steps[0].at == .minutes(1) && live.base == 0 && !live.isWatched)
        #expect(live.text == Self.second && bank.rulesVersion == 1)
        #expect(try await bank.reader.rules(version: 2)?.by == "desk2")
        #expect(try await bank.reader.rules(version: 77) == nil)
    }

    @Test("a roll-back explains by the text that is in force again")
    func rollBack() async throws {
        let bank = try bank()
        let system = Principal(staff: staff("system"), role: .system)
        try await bank.submit(.replaceRules(Bank.rules), by: system)
        try await bank.submit(.loadRules(Self.second), by: system)
        try await bank.submit(.rollBackRules(1), by: carol)
        try await bank.submit(.rollBackRules(1), by: dave)
        try bank.openCase()
        let row = try #require(try await bank.reader.decisions(DecisionQuery()).first)
        #expect(row.rules == ["large_spread"])
        #expect(try await bank.reader.rules().first?.steps.map(\.kind) == [.loaded, .rollBackAsked, .rolledBack])
        // A projector that was not there before goes on from the tables.
        let rules = try RuleSet(parsing: Self.second)
        let other = try RecordsProjector(
            store: bank.store, rules: rules, links: bank.links, origin: "https://bank.example")
        let sale = try #require(bank.records.last { if case .authorisation = $0.body { true } else { false } })
        try other.project([(bank.sequence + 1, sale)])
        #expect(try await bank.reader.decisions(DecisionQuery()).first?.rules == ["large_spread"])
    }

    @Test("what watched rules would have done stands beside the decision")
    func watched() async throws {
        let bank = try bank()
        try await bank.submit(.proposeRules(Self.second), by: carol)
        try await bank.submit(.shadowRules(1), by: carol)
        #expect(try await bank.reader.rules(version: 1)?.isWatched == true)
        var sale = try bank.sale(5_00, at: "T1")
        let facts = try #require(sale.facts(at: bank.now))
        let said = Triggers(rules: try RuleSet(parsing: Self.second)).evaluate(facts)
        sale.shadow = ShadowVerdict(version: 1, evaluation: said)
        sale.names.key.stan = STAN(900)
        try bank.commit(.authorisation(sale))
        let rows = try await bank.reader.decisions(DecisionQuery())
        #expect(rows.first?.shadowVersion == 1 && rows.first?.shadowRules == ["all"])
        #expect(rows.last?.shadowVersion == nil)
    }
}
