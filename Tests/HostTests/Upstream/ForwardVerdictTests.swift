// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Interchange
import Issuer
import ModuleProtocol
import SecurityTriggers
import Testing
import Vocabulary

/// A transaction that another host decides keeps what the triggers here said, and what they ordered is done.
@Suite("Verdicts of forwarded transactions")
struct ForwardVerdictTests {
    private static let rules = """
        rule watch { when amount >= 20.00 EUR then approve, case high, notify issuer, freeze card 1h }
        rule seen shadow { when amount >= 10.00 EUR then decline }
        """

    /// A world whose foreign card has an account here too, as after a portfolio has moved.
    private func world(standIn: StandInLimits = .none) throws -> UpstreamBench {
        let world = try UpstreamBench(standIn: standIn, rules: Self.rules)
        let account = AccountID(77)
        try world.bench.submit(
            .addAccount(account, Account(holder: "Moved", available: 0, currency: .eur)), by: Bench.system)
        try world.bench.submit(
            .addCard(
                world.card.key,
                Card(
                    account: account, masked: "510000******0001", sealedPAN: [1], expiry: 3012,
                    pin: .pvv(1, keyIndex: 1), password: nil)), by: Bench.system)
        return world
    }

    private func forward(_ world: UpstreamBench) throws -> Forward {
        for record in world.bench.records.reversed() {
            switch record.body {
            case .upstream(.forwarded(let forward)), .upstream(.stoodIn(let forward, _)): return forward
            default: continue
            }
        }
        throw Missing()
    }

    @Test("a forwarded purchase records what was said; case and freeze come with its answer")
    func forwarded() throws {
        let world = try world()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 30_00)))
        let verdict = try require(try forward(world).verdict)
        #expect(verdict.evaluation.results.count == 2 && verdict.evaluation.openCase == .high)
        #expect(verdict.effects == nil && world.bench.engine.host.issuer.cases.count == 0)
        try world.bench.check()
        try world.exchange()
        #expect(world.lastReply?.code == "00", "what rules only order stops nothing")
        let opened = try require(world.bench.engine.host.issuer.cases.values.first)
        #expect(opened.rules == ["watch"] && !opened.stopped && opened.orders?.notifiesIssuer == true)
        #expect(opened.rrn.description == world.lastReply?.rrn)
        #expect(try world.bench.card(world.card).frozenUntil == world.bench.now + .hours(1))
        world.send(try world.till.message(SaleSpec(world.card, 5_00)))
        #expect(world.bench.lastIntent == .frozenCard)
        try world.bench.check()
    }

    @Test("what is stood in for records it too, with what follows")
    func stoodIn() throws {
        let world = try world(standIn: StandInLimits(transaction: 50_00, cardAndDay: 100_00))
        #expect(world.send(try world.till.message(SaleSpec(world.card, 30_00)))?.code == "00")
        let verdict = try require(try forward(world).verdict)
        #expect(verdict.effects?.openCase?.1.rules == ["watch"] && verdict.rulesVersion == 0)
        #expect(world.bench.engine.host.issuer.cases.count == 1)
        try world.bench.check()
    }

    @Test("a purchase that no rule speaks of keeps the form it always had")
    func silent() throws {
        let world = try world()
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 5_00)))
        #expect(try forward(world).verdict == nil)
        world.send(try world.till.message(SaleSpec(world.card, 12_00)))
        #expect(try forward(world).verdict?.evaluation.results.map(\.isShadow) == [true])
        try world.exchange()
        guard case .upstream(.ended(let end))? = world.bench.records.last?.body else { throw Missing() }
        #expect(end.verdict == nil && world.bench.engine.host.issuer.cases.count == 0)
        try world.bench.check()
    }

    @Test("a card that is not known here has its verdict recorded, and no case")
    func foreign() throws {
        let world = try UpstreamBench(rules: Self.rules)
        try world.connect()
        world.send(try world.till.message(SaleSpec(world.card, 30_00)))
        #expect(try forward(world).verdict?.evaluation.openCase == .high)
        try world.exchange()
        #expect(world.lastReply?.code == "00" && world.bench.engine.host.issuer.cases.count == 0)
        try world.bench.check()
    }
}
