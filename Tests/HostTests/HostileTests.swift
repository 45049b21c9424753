// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

/// An authentic terminal whose application writes whatever it likes: nothing traps, nothing is approved that should not
/// be, and every state is recovered from the journal.
@Suite("A hostile but authentic terminal")
struct HostileTests {
    private static let types: [MTI] = [
        .financialRequest, .financialRepeat, .reversalRequest, .reversalRepeat, .administrativeAdvice, .networkRequest,
    ]

    /// A message with every field at the edge of what the codec lets through, or missing.
    private func message(_ till: Till, _ cards: [TestCard], _ random: inout SeededRandom) -> [UInt8]? {
        let mti = Self.types[random.below(Self.types.count)]
        var builder = till.builder(mti)
        func number(_ digits: Int) -> UInt64 {
            let limit = (0..<digits).reduce(UInt64(1)) { value, _ in value * 10 }
            return switch random.below(4) {
            case 0: 0
            case 1: limit - 1
            case 2: UInt64(random.below(100)) % limit
            default: random.next() % limit
            }
        }
        let isMoney = mti.rawValue & 0xF00 == 0x200 || mti.rawValue & 0xF00 == 0x400
        builder.set(7, number: number(10))
        if random.below(3) > 0 { builder.set(11, number: UInt64(random.below(4))) }
        builder.set(12, number: number(6))
        builder.set(13, number: number(4))
        if isMoney {
            builder.set(2, bytes: cards[random.below(cards.count)].pan.ascii)
            builder.set(3, number: number(6))
            builder.set(4, number: number(12))
            builder.set(49, number: random.below(2) == 0 ? 978 : number(3))
            if random.below(2) == 0 { builder.set(14, number: number(4)) }
            builder.set(22, number: number(3))
            builder.set(25, number: number(2))
        }
        if mti.rawValue & 0xF00 == 0x200 {
            if random.below(3) == 0 {
                builder.set(44, text: ["S0", "S18446744073709551615", "X", "S1"][random.below(4)])
            }
            if random.below(3) == 0 { builder.set(60, text: ["ID", "PW", "T01", ","][random.below(4)]) }
            if random.below(3) == 0 {
                builder.set(
                    61,
                    text: [
                        ",", "TOBACCO", "TOBACCO,,LUXURY", String(repeating: "A,", count: 49) + "A", " ", "ABCDEFGHI",
                    ][random.below(6)])
            }
            if random.below(3) == 0 { builder.set(52, bytes: random.bytes(8)) }
            if random.below(3) == 0 { builder.set(110, bytes: random.bytes(1 + random.below(32))) }
        }
        if mti.rawValue & 0xF00 == 0x400 {
            let data = ["0200", "0000", "9999"][random.below(3)] + String(repeating: "\(random.below(10))", count: 38)
            builder.set(90, text: data)
        }
        if mti == .administrativeAdvice {
            builder.set(
                60, text: ["T01", "H05,H05", ",,,", String(repeating: "K02,", count: 60), "x"][random.below(5)])
            if random.below(2) == 0 { builder.set(58, bytes: random.bytes(1 + random.below(200))) }
        }
        if mti == .networkRequest {
            builder.set(70, number: [1, 301, 0, 999][random.below(4)])
            if random.below(2) == 0 { builder.set(57, bytes: random.bytes(1 + random.below(500))) }
        }
        return try? till.protect(builder)
    }

    @Test("thousands of absurd messages trap nothing and break no invariant", arguments: UInt64(1)...3)
    func absurd(seed: UInt64) throws {
        let bench = try Bench()
        var tills = [try bench.till("TILL0000", .tdes), try bench.till("TILL0001", .aes)]
        let cards = [try bench.card(1), try bench.card(2, balance: 1)]
        let wealth = try cards.map { try bench.available($0) }.reduce(0, +)
        var random = SeededRandom(seed: seed)
        for step in 0..<1_200 {
            if step % 150 == 149 { tills.append(try bench.till("T1\(step)", .aes)) }
            let till = tills[random.below(tills.count)]
            if random.below(10) == 0 {
                till.module.claims.eventCounter = [0, .max, 1][random.below(3)]
                till.module.claims.selfTestNumber = [0, 1, .max][random.below(3)]
                till.module.claims.state = ModuleState.allCases[random.below(4)]
            }
            if random.below(5) == 0 { bench.wait(.seconds(Int64(random.below(4_000)))) }
            guard let bytes = message(till, cards, &random) else { continue }
            _ = try bench.send(batch: random.below(4) == 0 ? [bytes, bytes] : [bytes])
        }
        try bench.check()
        // Money is where approvals and reversals say it is.
        var spent: Int64 = 0
        for record in bench.records {
            if case .authorisation(let sale) = record.body {
                spent += sale.effects.debit
                #expect((sale.effects.debit > 0) == sale.answer.intent.isApproval)
            }
            if case .reversal(let reversal) = record.body, reversal.card != nil { spent -= reversal.amount.minorUnits }
        }
        #expect(try cards.map { try bench.available($0) }.reduce(0, +) == wealth - spent)
        #expect(bench.engine.host.issuer.accounts.values.allSatisfy { $0.available >= 0 })
    }

    @Test("an amount of nothing is no sale, and the greatest there is overflows nothing")
    func amounts() throws {
        let bench = try Bench()
        let till = try bench.till()
        let rich = try bench.card(balance: .max)
        let before = bench.digest
        #expect(try till.sell(SaleSpec(rich, 0, pin: rich.pin)).code == "30")
        #expect(bench.digest == before)
        let (stan, at) = (till.stan, bench.now)
        #expect(try till.sell(SaleSpec(rich, 999_999_999_999, pin: rich.pin)).code == "00")
        #expect(
            try bench.send(try till.reversal(of: stan, at: at, amount: 999_999_999_999, card: rich)).code == "00")
        #expect(try bench.available(rich) == .max)
        try bench.check()
    }

    @Test("evidence from before an event is stale, though its nonce still holds")
    func hoardedEvidence() throws {
        let bench = try Bench()
        let till = try bench.till()
        // The application keeps evidence of a sound module back until the module has counted an event.
        let evidence = till.module.attest(
            nonce: try till.nonce(), application: SoftwareVersion(1, 0, 0), token: till.token)
        till.module.claims.eventCounter += 1
        till.module.claims.state = .halted
        let lease = try bench.terminal(till.id).lease
        #expect(try bench.send(try till.evidence(evidence)).code == "TR")
        #expect(try bench.terminal(till.id).lease == lease)
        try bench.check()
    }

    @Test("evidence of one terminal is worth nothing to another, nor is evidence with a bit changed")
    func borrowedEvidence() throws {
        let bench = try Bench()
        let till = try bench.till()
        let other = try bench.till("TILL0002")
        let nonce = try till.nonce()
        let borrowed = other.module.attest(nonce: nonce, application: SoftwareVersion(1, 0, 0), token: nonce)
        #expect(try bench.send(try till.evidence(borrowed)).code == "TR")
        var own = till.module.attest(nonce: nonce, application: SoftwareVersion(1, 0, 0), token: nonce)
        own[40] ^= 1
        #expect(try bench.send(try till.evidence(own)).code == "TR")
        #expect(try bench.terminal(till.id).leaseCount == 1)
    }

    @Test("evidence counts for one lease, its nonce for twenty minutes")
    func onceOnly() throws {
        let bench = try Bench()
        let till = try bench.till()
        let nonce = try till.nonce()
        let evidence = till.module.attest(nonce: nonce, application: SoftwareVersion(1, 0, 0), token: nonce)
        #expect(try bench.send(try till.evidence(evidence)).code == "00")
        // The very evidence in a message of its own: the nonce belongs to a lease that is out.
        #expect(try bench.send(try till.evidence(evidence)).code == "TR")
        let early = try till.nonce()
        bench.wait(.minutes(20))
        let late = till.module.attest(nonce: early, application: SoftwareVersion(1, 0, 0), token: nonce)
        #expect(try bench.send(try till.evidence(late)).code == "TR")
        #expect(try bench.terminal(till.id).leaseCount == 2)
    }

    @Test("two sign-ons of one terminal in a batch earn one lease")
    func parallelSignOns() throws {
        let bench = try Bench()
        let till = try bench.till()
        let nonce = try till.nonce()
        let one = try till.evidence(
            till.module.attest(nonce: nonce, application: SoftwareVersion(1, 0, 0), token: nonce))
        let two = try till.evidence(
            till.module.attest(nonce: nonce, application: SoftwareVersion(1, 0, 0), token: nonce))
        #expect(try bench.send(batch: [one, two]).map(\.code) == ["00", "TR"])
        #expect(try bench.terminal(till.id).leaseCount == 2)
        try bench.check()
    }

    @Test("hellos cost the host nothing, however many come")
    func hellos() throws {
        let bench = try Bench()
        let till = try bench.till()
        let before = bench.digest
        let nonces = try (0..<50).map { _ in try till.nonce() }
        #expect(Set(nonces).count == 1)
        #expect(bench.digest == before)
    }
}
