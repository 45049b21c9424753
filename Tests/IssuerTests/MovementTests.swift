// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Issuer

@Suite("Movements and holds")
struct MovementTests {
    private static let card = CardKey(high: 1, low: 2)
    private static let account = AccountID(7)

    private func hold(_ id: UInt64, _ amount: Int64) -> Hold {
        Hold(id: RRN(id), card: Self.card, account: Self.account, amount: amount, expires: Instant(seconds: Int64(id)))
    }

    private func issuer(_ available: Int64 = 1_000) -> Issuer {
        var issuer = Issuer()
        issuer.apply(
            .accountAdded(Self.account, Account(holder: "A", available: available, currency: .eur)), at: .epoch)
        return issuer
    }

    @Test(
        "a movement and its inverse leave the account as it was, whatever was done between them",
        arguments: UInt64(1)...8)
    func inverse(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var issuer = issuer(100_000)
        let before = issuer.accounts[Self.account]
        var open: [Hold] = []
        var done: [Movement] = []
        for number in UInt64(1)...60 {
            let amount = Int64(1 + random.below(500))
            let movement: Movement
            switch random.below(4) {
            case 0: movement = Movement(available: -amount)
            case 1: movement = .hold(hold(number, amount))
            case 2 where !open.isEmpty: movement = .release(open.remove(at: random.below(open.count)))
            case 3 where !open.isEmpty: movement = .complete(open.remove(at: random.below(open.count)), debit: amount)
            default: movement = Movement(available: amount)
            }
            if let hold = movement.opens { open.append(hold) }
            issuer.apply(movement, to: Self.account)
            done.append(movement)
            #expect(issuer.brokenInvariants() == [], "seed \(seed), step \(number)")
            #expect(issuer.accounts[Self.account]?.held == open.reduce(0) { $0 + $1.amount })
        }
        for movement in done.reversed() { issuer.apply(movement.inverse, to: Self.account) }
        #expect(issuer.accounts[Self.account] == before && issuer.holds == HoldBook())
    }

    @Test("only a forced movement may overdraw, and what is paid in makes up for it")
    func forced() {
        var issuer = issuer()
        issuer.apply(Movement(available: -1_500), to: Self.account, isForced: true)
        #expect(issuer.accounts[Self.account]?.forced == 500 && issuer.brokenInvariants() == [])
        issuer.apply(Movement(available: -1), to: Self.account)
        #expect(issuer.brokenInvariants() == ["account A7 is overdrawn"])
        issuer.apply(Movement(available: 301), to: Self.account)
        #expect(issuer.accounts[Self.account]?.forced == 200)
        issuer.apply(Movement(available: 500), to: Self.account)
        #expect(issuer.accounts[Self.account]?.forced == 0 && issuer.brokenInvariants() == [])
    }

    @Test("holds expire at their instant, are opened and closed once, and come back from a snapshot")
    func book() throws {
        var issuer = issuer()
        for id: UInt64 in [5, 3, 9] { issuer.apply(.hold(hold(id, 10)), to: Self.account) }
        #expect(issuer.holds.holds.map(\.id) == [RRN(3), RRN(5), RRN(9)])
        #expect(issuer.expiredHolds(at: Instant(seconds: 5), atMost: 10).map(\.id) == [RRN(3), RRN(5)])
        #expect(issuer.expiredHolds(at: Instant(seconds: 5), atMost: 1).map(\.id) == [RRN(3)])
        #expect(issuer.holds[RRN(4)] == nil && issuer.holds[RRN(5)] == hold(5, 10))
        var writer = ByteWriter()
        issuer.snapshot(to: &writer)
        var reader = ByteReader(writer.bytes)
        let copy = try Issuer(snapshot: &reader)
        #expect(copy.holds == issuer.holds && copy.accounts[Self.account] == issuer.accounts[Self.account])
        issuer.apply(.release(hold(5, 10)), to: Self.account)
        #expect(issuer.accounts[Self.account]?.held == 20)
    }
}
