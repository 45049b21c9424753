// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Issuer
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

/// The host's module does not answer: nothing is decided, nothing is recorded, and afterwards everything goes on.
@Suite("Host without its module")
struct ModuleAbsenceTests {
    @Test(
        "a sale gets a system error without a MAC and leaves no trace; with the module back the same bytes are approved",
        arguments: [LooseModule.Question.open, .cardKeys])
    func sale(question: LooseModule.Question) throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let module = LooseModule(bench.module)
        try bench.restart(module)
        let (before, records) = (bench.digest, bench.records.count)
        module.silent = [question]
        let bytes = try till.message(SaleSpec(card, pin: card.pin))
        let reply = try bench.send(bytes)
        #expect(reply.code == "96" && !reply.isSealed)
        #expect(bench.digest == before && bench.records.count == records)
        #expect(bench.engine.counters.withoutModule == 1)
        module.silent = []
        #expect(try bench.send(bytes).code == "00")
        #expect(try bench.available(card) == 100_000_00 - 12_50)
        try bench.check()
    }

    @Test("a wrong PIN that the module was not there for is no try, and tells nobody that it was wrong")
    func wrongPIN() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let module = LooseModule(bench.module)
        try bench.restart(module)
        module.silent = [.open]
        for pin in ["0000", card.pin] { #expect(try till.sell(SaleSpec(card, pin: pin)).code == "96") }
        #expect(try bench.card(card).wrongPINs == 0)
    }

    @Test("of a batch, each message that needs the module gets a system error, those asked again among them")
    func batch() throws {
        let bench = try Bench(rules: "")
        let tills = try (1...5).map { try bench.till("TILL\($0)") }
        let card = try bench.card()
        let module = LooseModule(bench.module)
        try bench.restart(module)
        module.silent = [.open]
        let replies = try bench.send(batch: tills.map { try $0.message(SaleSpec(card, 1_00, pin: card.pin)) })
        #expect(replies.map(\.code) == [String?](repeating: "96", count: 5))
        #expect(bench.engine.counters.withoutModule == 5)
        try bench.check()
    }

    @Test(
        "an answer that nobody can seal leaves with a MAC that is none; the repeat gets it sealed, and no second debit")
    func unsealed() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        let module = LooseModule(bench.module)
        try bench.restart(module)
        module.silent = [.seal]
        let bytes = try till.message(SaleSpec(card, pin: card.pin))
        let first = try bench.send(bytes)
        #expect(first.code == "00")
        #expect(try !till.isAuthentic(first))
        let mac = try require(first.view.macField.flatMap { first.view.range(of: $0) })
        #expect(first.view.bytes[mac].allSatisfy { $0 == 0 })
        module.silent = []
        let again = try bench.send(bytes)
        #expect(again.code == "00")
        #expect(try till.isAuthentic(again))
        #expect(try bench.available(card) == 100_000_00 - 12_50)
        try bench.check()
    }

    @Test("nobody signs on without a nonce, and everybody does with the module back")
    func nonce() throws {
        let bench = try Bench()
        let till = try bench.till()
        let module = LooseModule(bench.module)
        try bench.restart(module)
        module.silent = [.nonce]
        #expect(try bench.send(try till.hello()).code == "96")
        #expect(bench.engine.counters.withoutModule == 1)
        module.silent = []
        #expect(try till.signOn().code == "00")
        try bench.check()
    }
}

@Suite("Lines to other hosts without the module")
struct UpstreamAbsenceTests {
    private func world() throws -> (UpstreamBench, LooseModule) {
        let world = try UpstreamBench()
        let module = LooseModule(world.bench.module)
        try world.restart(with: module)
        try world.connect()
        return (world, module)
    }

    @Test("a card whose number cannot be sealed goes nowhere", arguments: [LooseModule.Question.sealPAN, .open])
    func notForwarded(question: LooseModule.Question) throws {
        let (world, module) = try world()
        let before = world.bench.digest
        module.silent = [question]
        let bytes = try world.till.message(SaleSpec(world.card, 20_00, pin: "1234"))
        #expect(world.send(bytes)?.code == "96")
        #expect(world.sent.isEmpty && world.bench.digest == before)
        module.silent = []
        #expect(world.send(bytes) == nil)
        try world.exchange()
        #expect(world.lastReply?.code == "00")
        try world.bench.check()
    }

    @Test("a stored reversal waits for the module, costs no attempt, and is delivered once")
    func storedWaits() throws {
        let (world, module) = try world()
        world.send(try world.till.message(SaleSpec(world.card, 20_00, pin: "1234")))
        world.sent = []
        world.tell(.disconnected)
        #expect(world.openStored == 1)
        module.silent = [.openPAN]
        world.pass(.seconds(40))
        let before = world.bench.records.count
        try world.connect()
        world.pass(.seconds(5))
        #expect(world.kinds == [] && world.openStored == 1)
        #expect(world.bench.records.count == before)
        module.silent = []
        world.pass(.seconds(5))
        try world.exchange()
        #expect(world.kinds == ["0420"] && world.openStored == 0)
        try world.bench.check()
    }

    @Test("keys that are wanted are made when the module is back")
    func keysWait() throws {
        let (world, module) = try world()
        module.silent = [.makeKeys]
        _ = try world.bench.engine.submit(.changeKeys(destination: "NORTH"), by: Bench.alice, now: world.bench.now)
        world.take(world.bench.engine.driveUpstream(now: world.bench.now))
        #expect(world.sent.isEmpty && world.bench.engine.host.upstream.keys[0].isWanted)
        module.silent = []
        world.pass(.seconds(1))
        #expect(world.sent.count == 1)
        try world.exchange()
        #expect(world.bench.engine.host.upstream.keys[0].sending.number == 1)
    }
}
