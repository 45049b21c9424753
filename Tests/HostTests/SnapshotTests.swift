// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import Journal
import ModuleProtocol
import SecurityModule
import SecurityTriggers
import Testing
import Vocabulary

/// Invariant I14: the same journal gives the same state, by any way through it.
@Suite("Snapshots and recovery")
struct SnapshotTests {
    /// A few hundred events of every kind, drawn from a seed.
    private final class Run {
        let bench: Bench
        var random: SeededRandom
        var tills: [Till] = []
        var cards: [TestCard] = []
        var sales: [(till: Int, stan: UInt32, at: Instant, amount: Int64, card: Int)] = []
        var sent: [[UInt8]] = []
        /// Of kinds that something may refer to.
        var slips: [Counter.Slip] = []

        init(seed: UInt64) throws {
            bench = try Bench()
            random = SeededRandom(seed: seed)
            for number in 0..<4 {
                tills.append(
                    try bench.till(
                        "TILL000\(number)", number % 2 == 0 ? .tdes : .aes, mcc: number == 3 ? 5_993 : 5_411,
                        merchant: UInt64(number == 3 ? 2 : 1)))
            }
            for number in 1...5 {
                cards.append(try bench.card(number, pin: "1234", password: "808080", balance: 3_000_00))
            }
        }

        func step() throws {
            bench.wait(.seconds(Int64(random.below(240))))
            let index = random.below(tills.count)
            let till = tills[index]
            let number = random.below(cards.count)
            let card = cards[number]
            switch random.below(31) {
            case 0..<9:
                let amount = Int64(1 + random.below(400)) * 100
                sales.append((index, till.stan, bench.now, amount, number))
                let challenge = try bench.card(card).challenge
                var sale = SaleSpec(card, amount, pin: random.below(5) == 0 ? "0000" : "1234")
                if random.below(3) == 0 { sale.goods = "LUXURY" }
                if let challenge, random.below(2) == 0 {
                    sale.challenge = "S\(challenge.reference)"
                    sale.proof = "ID"
                    sale.amount = challenge.amount.minorUnits
                }
                let bytes = try till.message(sale)
                sent.append(bytes)
                _ = try bench.send(bytes)
            case 9..<11:
                guard let sale = sales.last else { return }
                _ = try bench.send(
                    try tills[sale.till].reversal(
                        of: sale.stan, at: sale.at, amount: sale.amount, card: cards[sale.card]))
            case 11:
                guard !sent.isEmpty else { return }
                _ = try bench.send(sent[random.below(sent.count)])
            case 12: _ = try bench.send(try till.report(["H05", "K02", "T05", "S04", "P03"][random.below(5)]))
            case 13: _ = try till.signOn()
            case 14:
                for (staff, code) in [
                    (Bench.alice, WarningCode.k02), (Bench.alice, .t05), (Bench.bob, .t05), (Bench.bob, .s04),
                ] {
                    _ = try? bench.submit(.clearWarning(till.id, code), by: staff)
                }
                _ = try till.signOn()
            case 15:
                let id = CaseID(UInt64(1 + random.below(max(1, bench.engine.host.issuer.cases.count))))
                let command = random.below(2) == 0 ? Command.denyCase(id) : .confirmCase(id, factor: true)
                _ = try? bench.submit(command, by: Bench.carol)
            case 16:
                _ = try? bench.submit(.unfreeze(card.account), by: Bench.carol)
                _ = try? bench.submit(.unfreeze(card.account), by: Bench.dave)
                let pin = try bench.card(card).pin
                _ = try? bench.submit(.setPIN(card.key, pin), by: Bench.carol)
            case 17:
                let notice = AdvanceNotice(
                    from: bench.now, until: bench.now + .hours(3), amountMax: Money(minorUnits: 500_00, .eur),
                    categories: [])
                _ = try? bench.submit(.addNotice(card.key, notice), by: Bench.cardholder)
            case 18:
                _ = try? bench.submit(random.below(2) == 0 ? .suspend(till.id) : .resume(till.id), by: Bench.alice)
            case 19..<26: try makeOther(Counter(bench, till: till, card: card))
            case 26:
                let totals = random.below(3) > 0 ? bench.engine.host.batch(of: till.id)?.totals : nil
                let reply = try bench.send(try till.settlement(totals ?? BatchTotals(debitAmount: 1, debitCount: 1)))
                if reply.view.number(66) == 2, random.below(2) == 0 { _ = try bench.send(try till.upload([])) }
                till.batch = bench.engine.host.batch(of: till.id)?.number ?? 1
                if random.below(4) == 0 { try bench.submit(.cutOver, by: Bench.system) }
            case 27: try? bench.submit(.tick, by: Bench.system)
            case 28:
                let id = tills[0].id
                for person in [Bench.alice, Bench.bob] {
                    _ = try? bench.submit(.order(.extendLeases(until: bench.now + .hours(5))), by: person)
                    _ = try? bench.submit(.order(.permitSwap(id, serial: UInt64(random.below(50)))), by: person)
                }
            case 29:
                let findings: [Inspection.Finding] = random.below(3) == 0 ? [.wiring] : []
                _ = try? bench.submit(.act(.inspect(till.id, findings: findings, photo: "p")), by: Bench.alice)
            default:
                till.module.claims.selfTestNumber += 1
                if random.below(4) == 0 { try bench.submit(.loadRules(bench.rules.source), by: Bench.system) }
            }
        }

        /// A transaction of any kind, and now and then its reversal.
        private func makeOther(_ counter: Counter) throws {
            let kind = TransactionKind.allCases[random.below(TransactionKind.allCases.count)]
            let amount = kind == .balance ? 0 : Int64(1 + random.below(200)) * 100
            let original = slips.isEmpty ? nil : slips[random.below(slips.count)]
            let slip = try counter.make(
                kind, kind.isVoid ? original?.amount ?? amount : amount, of: kind.hasOriginal ? original : nil)
            slips.append(slip)
            if kind.isReversed, random.below(3) == 0 { try counter.reverse(slip) }
        }
    }

    @Test("live, recovered, and a snapshot continued agree at any point of a mixed run", arguments: UInt64(1)...4)
    func agree(seed: UInt64) throws {
        let run = try Run(seed: seed)
        var snapshots: [(sequence: UInt64, bytes: [UInt8])] = []
        for step in 0..<300 {
            try run.step()
            #expect(run.bench.engine.host.brokenInvariants() == [], "seed \(seed), step \(step)")
            guard run.random.below(40) == 0 else { continue }
            let live = run.bench.digest
            #expect(try run.bench.recovered().digest() == live, "seed \(seed), step \(step)")
            let bytes = run.bench.engine.host.snapshot()
            snapshots.append((run.bench.sequence, bytes))
            let decoded = try Host(snapshot: bytes)
            #expect(decoded.snapshot() == bytes)
            #expect(decoded.digest() == live)
            if run.random.below(2) == 0 { try run.bench.restart() }
        }
        // Each snapshot, taken on with the rest of the journal, ends where the live host ended.
        let end = run.bench.digest
        for (sequence, bytes) in snapshots {
            var host = try Host(snapshot: bytes)
            for record in run.bench.records.dropFirst(Int(sequence)) {
                host.apply(try HostRecord(decoding: record.encoded()))
            }
            #expect(host.digest() == end, "seed \(seed), from record \(sequence)")
        }
        let kinds = Set(run.bench.records.map { String("\($0.body)".prefix { $0 != "(" }) })
        #expect(kinds.count >= 7, "a run with few kinds of record proves little: \(kinds)")
    }

    @Test("a state taken stays what it was, whatever the host does after it")
    func stateStays() throws {
        let run = try Run(seed: 7)
        for _ in 0..<80 { try run.step() }
        let state = run.bench.engine.host.state()
        let bytes = state.encoded()
        for _ in 0..<80 { try run.step() }
        #expect(state.encoded() == bytes && state.sequence < run.bench.sequence)
        #expect(run.bench.engine.host.snapshot() != bytes)
    }

    /// A small host with something of everything in it.
    private func small() throws -> [UInt8] {
        let run = try Run(seed: 99)
        for _ in 0..<60 { try run.step() }
        return run.bench.engine.host.snapshot()
    }

    @Test("a snapshot cut short anywhere, or with a byte more, is refused")
    func truncated() throws {
        let bytes = try small()
        for end in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: CodecError.self) { _ = try Host(snapshot: Array(bytes[..<end])) }
        }
        #expect(throws: CodecError.self) { _ = try Host(snapshot: bytes + [0]) }
        for version in UInt8.min...UInt8.max where version != bytes[0] {
            #expect(throws: CodecError.self) { _ = try Host(snapshot: [version] + bytes.dropFirst()) }
        }
    }

    @Test(
        "a snapshot with a byte changed is refused by its envelope, and by itself or taken at its word, never trapped")
    func changed() throws {
        let bytes = try small()
        let envelope = SnapshotEnvelope(
            version: 1, sequence: 3, chain: [UInt8](repeating: 0, count: 32), state: bytes
        ).encode()
        var random = SeededRandom(seed: 5)
        for _ in 0..<1_500 {
            var damaged = bytes
            let index = random.below(bytes.count)
            damaged[index] ^= UInt8(1 << random.below(8))
            if let host = try? Host(snapshot: damaged) {
                #expect(host.snapshot() == damaged, "byte \(index): one state, one form")
            }
            var wrapped = envelope
            wrapped[random.below(envelope.count)] ^= UInt8(1 << random.below(8))
            #expect(throws: SnapshotError.self) { try SnapshotEnvelope.decode(wrapped) }
        }
    }

    @Test("a snapshot that names something twice is refused")
    func twice() throws {
        let rules = try require(Files.shippedRules)
        func state(_ estate: (inout ByteWriter) -> Void, _ issuer: (inout ByteWriter) -> Void) -> [UInt8] {
            var writer = ByteWriter()
            writer.byte(1)
            writer.unsigned(UInt64(0))
            writer.unsigned(UInt32(0))
            writer.text(rules.source)
            estate(&writer)
            issuer(&writer)
            Triggers(rules: rules).snapshot(to: &writer)
            writer.count(0)
            return writer.bytes
        }
        let none = { (writer: inout ByteWriter) in for _ in 0..<3 { writer.count(0) } }
        let noEstate = { (writer: inout ByteWriter) in
            writer.unsigned(UInt32(1))
            writer.unsigned(UInt32(2))
            for _ in 0..<2 { writer.count(0) }
        }
        _ = try Host(snapshot: state(noEstate, none))
        #expect(throws: CodecError.self) {
            _ = try Host(
                snapshot: state(
                    { writer in
                        writer.unsigned(UInt32(1))
                        writer.unsigned(UInt32(2))
                        writer.count(2)
                        for _ in 0..<2 {
                            writer.unsigned(UInt64(5))
                            writer.text("x")
                            writer.unsigned(UInt16(1))
                            writer.signed(0)
                            writer.signed(0)
                        }
                        writer.count(0)
                    }, none))
        }
        #expect(throws: CodecError.self) {
            _ = try Host(
                snapshot: state(
                    noEstate,
                    { writer in
                        writer.count(2)
                        for _ in 0..<2 {
                            writer.unsigned(UInt64(5))
                            writer.text("x")
                            writer.signed(0)
                            writer.unsigned(UInt16(978))
                            writer.flag(false)
                        }
                        writer.count(0)
                        writer.count(0)
                    }))
        }
    }
}
