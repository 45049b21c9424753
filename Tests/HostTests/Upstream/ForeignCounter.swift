// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ISO8583
import Testing
import Vocabulary

/// A till at work on one card of another issuer; its slips are those of `Counter`.
final class ForeignCounter {
    let world: UpstreamBench
    let till: Till

    init(_ world: UpstreamBench, till: Till? = nil) {
        self.world = world
        self.till = till ?? world.till
    }

    func spec(_ kind: TransactionKind, _ amount: Int64, of original: Counter.Slip? = nil) -> SaleSpec {
        var spec = SaleSpec(
            world.card, amount, pin: kind.asksForPIN && amount > Host.noPINLimit || kind == .balance ? "1234" : nil)
        spec.kind = kind
        spec.rrn = original?.reply.rrn
        return spec
    }

    /// One exchange, with the other host if it is asked.
    @discardableResult
    func make(_ kind: TransactionKind, _ amount: Int64 = 20_00, of original: Counter.Slip? = nil) throws -> Counter.Slip
    {
        world.bench.wait(.seconds(2))
        let spec = spec(kind, amount, of: original)
        let (stan, at) = (till.stan, world.bench.now)
        world.send(try till.message(spec))
        if world.lastReply == nil { try world.exchange() }
        return Counter.Slip(kind: kind, stan: stan, at: at, amount: amount, reply: try require(world.lastReply))
    }

    /// Sends, and takes no answer of the other host.
    func ask(_ kind: TransactionKind, _ amount: Int64 = 20_00, of original: Counter.Slip? = nil) throws -> Counter.Slip
    {
        world.bench.wait(.seconds(2))
        let (stan, at) = (till.stan, world.bench.now)
        #expect(world.send(try till.message(spec(kind, amount, of: original))) == nil)
        let view = try MessageView(try require(world.sent.last), spec: .iso8583_1987)
        return Counter.Slip(kind: kind, stan: stan, at: at, amount: amount, reply: Reply(view: view))
    }

    @discardableResult
    func reverse(_ slip: Counter.Slip) throws -> Reply? {
        world.bench.wait(.seconds(2))
        return world.send(
            try till.reversal(of: slip.stan, at: slip.at, amount: slip.amount, card: world.card, kind: slip.kind))
    }

    func state(_ slip: Counter.Slip) -> LedgerEntry.State? { world.bench.engine.host.ledger.find(slip.rrn)?.state }
    var totals: BatchTotals? { world.bench.engine.host.batch(of: till.id)?.totals }
}
