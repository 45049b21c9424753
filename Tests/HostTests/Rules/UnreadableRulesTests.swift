// SPDX-License-Identifier: Apache-2.0
import Catalogue
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// A journal whose rules this version cannot read: nothing is authorised by other rules in their place.
@Suite("Unreadable rules")
struct UnreadableRulesTests {
    private static let unreadable = "tillguard-rules 1\nrule later { when phase_of_moon > 3 then decline }\n"

    /// A bench whose journal has rules of a later version.
    private func bench() throws -> (Bench, Till, TestCard) {
        let bench = try Bench()
        let (till, card) = (try bench.till(), try bench.card())
        try bench.write(.rulesReplaced(text: Self.unreadable, by: Samples.alice))
        return (bench, till, card)
    }

    @Test("the text is kept, the version and the mistake are named, and no transaction is authorised")
    func refused() throws {
        let (bench, till, card) = try bench()
        let found = try require(bench.engine.host.unreadableRules)
        #expect(found.version == 1 && found.text == Self.unreadable && found.error.line == 2)
        #expect(bench.engine.host.rulesText == Self.unreadable)
        #expect(try till.sell(SaleSpec(card)).code == "96")
        #expect(try bench.available(card) == 100_000_00)
        try bench.check()
    }

    @Test("recovered from its journal or a snapshot the host is the same, and refuses too")
    func recovered() throws {
        let (bench, till, card) = try bench()
        let snapshot = bench.engine.host.snapshot()
        let read = try Host(snapshot: snapshot)
        #expect(read.unreadableRules == bench.engine.host.unreadableRules && read.snapshot() == snapshot)
        try bench.restart()
        #expect(bench.engine.host.unreadableRules?.version == 1)
        #expect(try till.sell(SaleSpec(card)).code == "96")
    }

    @Test("what gives money back still goes, and rules that can be read heal it")
    func healed() throws {
        let bench = try Bench()
        let (till, card) = (try bench.till(), try bench.card())
        let (stan, at) = (till.stan, bench.now)
        #expect(try till.sell(SaleSpec(card)).code == "00")
        try bench.write(.rulesReplaced(text: Self.unreadable, by: Samples.alice))
        #expect(try bench.send(till.reversal(of: stan, at: at, amount: 12_50, card: card)).code == "00")
        #expect(try bench.available(card) == 100_000_00)
        try bench.submit(.loadRules("tillguard-rules 1\n"), by: Bench.system)
        #expect(bench.engine.host.unreadableRules == nil)
        #expect(try till.sell(SaleSpec(card)).code == "00")
        try bench.check()
    }

    @Test("rules that cannot be read are neither watched nor approved nor put back")
    func neverInForce() throws {
        let bench = try Bench()
        try bench.write(
            .rules(.proposed(version: 1, text: Self.unreadable, base: 0, by: Samples.alice)))
        for command in [Command.shadowRules(1), .approveRules(1)] {
            #expect(bench.refusal(command, by: Bench.carol) == .ruleLife(.unreadable))
        }
        try bench.write(.rules(.shadowed(version: 1, by: Samples.alice)))
        #expect(bench.engine.host.watchedRules == nil && bench.engine.host.unreadableRules == nil)
        let (till, card) = (try bench.till(), try bench.card())
        #expect(try till.sell(SaleSpec(card)).code == "00")
        try bench.submit(.withdrawRules(1), by: Bench.carol)
        try bench.check()
    }
}
