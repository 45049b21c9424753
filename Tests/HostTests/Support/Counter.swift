// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Issuer
import Testing
import Vocabulary

/// A till at work on one card: makes transactions of every kind and keeps what it needs to refer to them.
final class Counter {
    /// One transaction as its slip shows it.
    struct Slip {
        var kind: TransactionKind
        var stan: UInt32
        var at: Instant
        var amount: Int64
        var reply: Reply
        var code: String { reply.code }
        var rrn: RRN { RRN(UInt64(reply.rrn) ?? 0) }
    }

    let bench: Bench
    let till: Till
    let card: TestCard
    static let full: Int64 = 1_000_00

    init(_ bench: Bench? = nil, till: Till? = nil, card: TestCard? = nil) throws {
        self.bench = try bench ?? Bench(rules: "rule nothing { when amount > 999999.00 EUR then decline }")
        self.till = try till ?? self.bench.till()
        self.card = try card ?? self.bench.card(balance: Self.full)
    }

    func spec(_ kind: TransactionKind, _ amount: Int64, of original: Slip? = nil) -> SaleSpec {
        var spec = SaleSpec(card, amount, pin: kind.asksForPIN ? card.pin : nil)
        spec.kind = kind
        spec.rrn = original?.reply.rrn
        return spec
    }

    @discardableResult
    func make(_ spec: SaleSpec) throws -> Slip {
        let stan = spec.stan ?? till.stan
        let at = spec.at ?? bench.now
        let reply = try till.sell(spec)
        return Slip(kind: spec.kind, stan: stan, at: at, amount: spec.amount, reply: reply)
    }

    @discardableResult
    func make(_ kind: TransactionKind, _ amount: Int64 = 100_00, of original: Slip? = nil) throws -> Slip {
        bench.wait(.seconds(2))
        return try make(spec(kind, amount, of: original))
    }

    @discardableResult
    func reverse(_ slip: Slip) throws -> Reply {
        bench.wait(.seconds(2))
        return try bench.send(
            try till.reversal(of: slip.stan, at: slip.at, amount: slip.amount, card: card, kind: slip.kind))
    }

    var available: Int64 { get throws { try bench.available(card) } }
    var held: Int64 { get throws { try bench.account(card).held } }
    var totals: BatchTotals { get throws { try require(bench.engine.host.batch(of: till.id)).totals } }
    func state(_ slip: Slip) throws -> LedgerEntry.State { try require(bench.engine.host.ledger.find(slip.rrn)).state }

    /// What must be so whenever nothing is under way.
    func check(_ location: SourceLocation = #_sourceLocation) throws { try bench.check(location) }
}
