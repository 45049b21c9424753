// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Testing
import Vocabulary

@testable import Issuer

@Suite("Issuer as a value")
struct StateTests {
    @Test("records and snapshots give the same state, and no part of one is a whole", arguments: UInt64(1)...6)
    func replayed(seed: UInt64) throws {
        var desk = try Desk()
        var random = SeededRandom(seed: seed)
        var effects: [(Int, CardEffects, CardKey, Instant)] = []
        for _ in 0..<200 {
            desk.now = desk.now + .minutes(Int64(random.below(30)))
            let key = random.below(2) == 0 ? Desk.card : Desk.sister
            let staff = random.below(2) == 0 ? Desk.carol : Desk.dave
            let id = CaseID(UInt64(1 + random.below(desk.issuer.cases.count + 1)))
            let record: IssuerRecord? =
                switch random.below(8) {
                case 0: try? desk.issuer.decideConfirmation(id, by: staff, factor: true, now: desk.now)
                case 1: try? desk.issuer.decideDenial(id, by: staff)
                case 2: try? desk.issuer.decideUnfreeze(Desk.account, by: staff)
                case 3: try? desk.issuer.decideStatus(key, CardStatus.allCases[random.below(4)], by: staff)
                case 4: try? desk.issuer.decidePIN(key, .offset([1, 2, 3, 4]), by: staff)
                case 5:
                    try? desk.issuer.decideNotice(
                        key,
                        AdvanceNotice(
                            from: desk.now, until: desk.now + .days(1), amountMax: Money(minorUnits: 1, .eur),
                            categories: [MCC(3)], usesMax: 2),
                        number: UInt64(desk.records.count + 1), by: staff, now: desk.now)
                default: nil
                }
            if let record {
                desk.apply(record)
                continue
            }
            var change = CardEffects(pin: PINVerdict.allCases[random.below(4)], debit: Int64(random.below(2)))
            if random.below(4) == 0 {
                change.openCase = (CaseID(UInt64(desk.issuer.cases.count + 1)), desk.fraudCase())
            }
            if random.below(6) == 0 { change.freezeCardUntil = desk.now + .minutes(Int64(random.below(100))) }
            if random.below(4) == 0 {
                change.challenge = Challenge(
                    reference: random.next(), terminal: Desk.till, amount: Money(minorUnits: 1, .eur), expires: desk.now
                )
            }
            change.passUsed = random.below(5) == 0
            desk.issuer.apply(change, to: key, at: desk.now)
            effects.append((desk.records.count, change, key, desk.now))
            #expect(desk.issuer.brokenInvariants() == [])
        }
        try checkCodecs(desk, effects)
    }

    private func checkCodecs(_ desk: Desk, _ effects: [(Int, CardEffects, CardKey, Instant)]) throws {
        var again = Issuer()
        var pending = effects[...]
        for (index, (record, at)) in desk.records.enumerated() {
            while let first = pending.first, first.0 <= index {
                again.apply(try decoded(first.1), to: first.2, at: first.3)
                pending.removeFirst()
            }
            var writer = ByteWriter()
            record.encode(to: &writer)
            var reader = ByteReader(writer.bytes)
            let decoded = try IssuerRecord(from: &reader)
            #expect(decoded == record && reader.isAtEnd)
            again.apply(decoded, at: at)
        }
        for (_, change, key, at) in pending { again.apply(try decoded(change), to: key, at: at) }
        var writer = ByteWriter()
        again.snapshot(to: &writer)
        #expect(writer.bytes == desk.snapshot)
        var reader = ByteReader(writer.bytes)
        var copy = ByteWriter()
        try Issuer(snapshot: &reader).snapshot(to: &copy)
        #expect(reader.isAtEnd && copy.bytes == writer.bytes)
        for end in 0..<writer.bytes.count {
            var cut = ByteReader(Array(writer.bytes[..<end]))
            #expect(throws: CodecError.self) { try Issuer(snapshot: &cut) }
        }
    }

    private func decoded(_ effects: CardEffects) throws -> CardEffects {
        var writer = ByteWriter()
        effects.encode(to: &writer)
        var reader = ByteReader(writer.bytes)
        let decoded = try CardEffects(from: &reader)
        #expect(decoded == effects && reader.isAtEnd)
        return decoded
    }

    @Test("what comes in is new: a card's past and an account's freeze are left out")
    func added() throws {
        var desk = try Desk()
        var card = Desk.plastic
        card.wrongPINs = 3
        card.status = .stolen
        card.version = 9
        card.frozenUntil = desk.now
        desk.apply(try desk.issuer.decideCard(CardKey(high: 5, low: 5), card))
        #expect(try desk.state(CardKey(high: 5, low: 5)) == Desk.plastic)
        var account = Account(holder: "B", available: 5, currency: .usd)
        account.frozen = Freeze(since: desk.now, caseID: nil, by: Desk.carol)
        desk.apply(try desk.issuer.decideAccount(AccountID(2), account))
        #expect(desk.issuer.accounts[AccountID(2)]?.frozen == nil)
        #expect(throws: IssuerRefusal.alreadyExists) { try desk.issuer.decideAccount(AccountID(2), account) }
        #expect(throws: IssuerRefusal.alreadyExists) { try desk.issuer.decideCard(Desk.card, card) }
        card.account = AccountID(77)
        #expect(throws: IssuerRefusal.unknownAccount) { try desk.issuer.decideCard(CardKey(high: 6, low: 6), card) }
    }

    @Test("each broken invariant is named")
    func broken() throws {
        var desk = try Desk()
        desk.issuer.apply(
            .cardAdded(
                CardKey(high: 8, low: 8),
                {
                    var card = Desk.plastic
                    card.account = AccountID(99)
                    return card
                }()), at: desk.now)
        #expect(desk.issuer.brokenInvariants().count == 1)
        desk.issuer.apply(CardEffects(pin: .right, debit: 1_000_01), to: Desk.card, at: desk.now)
        #expect(desk.issuer.brokenInvariants().count == 2)
        var fraudCase = desk.fraudCase()
        fraudCase.card = CardKey(high: 7, low: 7)
        desk.issuer.apply(.caseOpened(CaseID(1), fraudCase), at: desk.now)
        #expect(desk.issuer.brokenInvariants().count == 3)
    }
}
