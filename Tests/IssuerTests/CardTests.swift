// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Issuer
import ModuleProtocol
import Testing
import Vocabulary

@Suite("Cards")
struct CardTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let intent: Intent?
        var expiry: UInt16? = 3012
        let change: @Sendable (inout Desk) throws -> Void
    }

    static let rows: [Row] = [
        Row(testDescription: "sound", intent: nil) { _ in },
        Row(testDescription: "without an expiry date", intent: nil, expiry: nil) { _ in },
        Row(testDescription: "lost", intent: .lostCard) { $0.apply(.cardStatusSet(Desk.card, .lost, by: Desk.carol)) },
        Row(testDescription: "stolen", intent: .stolenCard) {
            $0.apply(.cardStatusSet(Desk.card, .stolen, by: Desk.carol))
        },
        Row(testDescription: "closed", intent: .unknownCard) {
            $0.apply(.cardStatusSet(Desk.card, .closed, by: Desk.carol))
        },
        Row(testDescription: "account frozen", intent: .frozenAccount) {
            $0.apply(try $0.issuer.decideFreeze(Desk.account, by: Desk.carol))
        },
        Row(testDescription: "card frozen", intent: .frozenCard) {
            $0.issuer.apply(
                CardEffects(pin: .untried, debit: 0, freezeCardUntil: $0.now + .hours(1)), to: Desk.card, at: $0.now)
        },
        Row(testDescription: "card frozen until now", intent: nil) {
            $0.issuer.apply(CardEffects(pin: .untried, debit: 0, freezeCardUntil: $0.now), to: Desk.card, at: $0.now)
        },
        Row(testDescription: "locked", intent: .pinTriesExceeded) {
            for _ in 0..<3 { $0.issuer.apply(CardEffects(pin: .wrong, debit: 0), to: Desk.card, at: $0.now) }
        },
        Row(testDescription: "another expiry date", intent: .expiredCard, expiry: 3011) { _ in },
        Row(testDescription: "in its last month", intent: nil) {
            $0.now = CalendarTime(year: 2030, month: 12, day: 31, hour: 23, minute: 59, second: 59).instant
        },
        Row(testDescription: "expired", intent: .expiredCard) {
            $0.now = CalendarTime(year: 2031, month: 1, day: 1).instant
        },
        Row(testDescription: "lost, frozen, locked and expired", intent: .lostCard, expiry: 1) {
            $0.apply(.cardStatusSet(Desk.card, .lost, by: Desk.carol))
            $0.apply(.accountFrozen(Desk.account, by: Desk.carol))
        },
    ]

    @Test("a card may be used, or the first thing that forbids it is named", arguments: rows)
    func usable(row: Row) throws {
        var desk = try Desk()
        try row.change(&desk)
        #expect(desk.issuer.refusal(of: try desk.state(), expiry: row.expiry, at: desk.now) == row.intent)
    }

    @Test("wrong PINs count to three and stay there; unusable and untried ones do not count")
    func tries() throws {
        var desk = try Desk()
        for (verdict, wrong) in [
            (PINVerdict.wrong, 1), (.unusable, 1), (.untried, 1), (.wrong, 2), (.right, 0), (.wrong, 1), (.wrong, 2),
            (.wrong, 3), (.wrong, 3),
        ] {
            desk.issuer.apply(CardEffects(pin: verdict, debit: 0), to: Desk.card, at: desk.now)
            #expect(try desk.state().wrongPINs == UInt8(wrong))
        }
        #expect(try desk.state().isPINLocked)
        #expect(try !desk.state(Desk.sister).isPINLocked)
        desk.apply(try desk.issuer.decidePIN(Desk.card, .offset([1, 1, 1, 1]), by: Desk.carol))
        #expect(try !desk.state().isPINLocked && desk.state().pin == .offset([1, 1, 1, 1]))
    }

    @Test("whatever a module's verdict depends on raises the card's version")
    func versions() throws {
        var desk = try Desk()
        func version() throws -> UInt32 { try desk.state().version }
        var last = try version()
        func rises(_ what: String, _ change: (inout Desk) throws -> Void) throws {
            try change(&desk)
            #expect(try version() > last, "\(what)")
            last = try version()
        }
        let now = desk.now
        try rises("wrong PIN") { $0.issuer.apply(CardEffects(pin: .wrong, debit: 0), to: Desk.card, at: now) }
        try rises("right PIN") { $0.issuer.apply(CardEffects(pin: .right, debit: 0), to: Desk.card, at: now) }
        try rises("frozen card") {
            $0.issuer.apply(CardEffects(pin: .untried, debit: 0, freezeCardUntil: now), to: Desk.card, at: now)
        }
        try rises("status") { $0.apply(.cardStatusSet(Desk.card, .lost, by: Desk.carol)) }
        try rises("PIN") { $0.apply(.pinSet(Desk.card, .pvv(1, keyIndex: 1), by: Desk.carol)) }
        try rises("freeze") { $0.apply(.accountFrozen(Desk.account, by: Desk.carol)) }
        try rises("unfreeze") { $0.apply(.accountUnfrozen(Desk.account, by: Desk.dave)) }
    }

    @Test("the account's own answer: its currency, and what is available")
    func accountRefusal() throws {
        let desk = try Desk()
        func refusal(_ amount: Int64, _ currency: Currency = .eur) -> Intent? {
            desk.issuer.accountRefusal(Desk.account, Money(minorUnits: amount, currency))
        }
        #expect(refusal(1_000_00) == nil)
        #expect(refusal(1_000_01) == .insufficientFunds)
        #expect(refusal(1, .usd) == .invalidTransaction)
        #expect(desk.issuer.accountRefusal(AccountID(9), Money(minorUnits: 1, .eur)) == .unknownCard)
    }

    @Test(
        "a challenge holds for its reference, terminal, amount and time",
        arguments: [
            (reference: 5, terminal: "TILL0001", amount: 100, seconds: 119, holds: true),
            (5, "TILL0001", 100, 120, false), (6, "TILL0001", 100, 0, false), (5, "TILL0002", 100, 0, false),
            (5, "TILL0001", 101, 0, false),
        ] as [(reference: UInt64, terminal: String, amount: Int64, seconds: Int64, holds: Bool)])
    func challenge(reference: UInt64, terminal: String, amount: Int64, seconds: Int64, holds: Bool) throws {
        var desk = try Desk()
        let challenge = Challenge(
            reference: 5, terminal: Desk.till, amount: Money(minorUnits: 100, .eur),
            expires: desk.now + Issuer.challengeLifetime)
        desk.issuer.apply(CardEffects(pin: .right, debit: 0, challenge: challenge), to: Desk.card, at: desk.now)
        let asked = TerminalID(terminal)!
        #expect(
            desk.issuer.challengeHolds(
                try desk.state(), reference, terminal: asked, amount: Money(minorUnits: amount, .eur),
                at: desk.now + .seconds(seconds)) == holds)
        #expect(
            !desk.issuer.challengeHolds(
                try desk.state(Desk.sister), reference, terminal: asked, amount: Money(minorUnits: amount, .eur),
                at: desk.now))
        desk.issuer.apply(CardEffects(pin: .right, debit: 0, challengeUsed: true), to: Desk.card, at: desk.now)
        #expect(try desk.state().challenge == nil)
    }

    @Test("debits and credits add up, and a credit of an unknown card changes nothing")
    func money() throws {
        var desk = try Desk()
        desk.issuer.apply(CardEffects(pin: .right, debit: 1_000_00), to: Desk.card, at: desk.now)
        #expect(try desk.account.available == 0)
        desk.issuer.credit(Desk.sister, 400_00)
        #expect(try desk.account.available == 400_00)
        let before = desk.snapshot
        desk.issuer.credit(CardKey(high: 9, low: 9), 1)
        desk.issuer.apply(CardEffects(pin: .wrong, debit: 5), to: CardKey(high: 9, low: 9), at: desk.now)
        #expect(desk.snapshot == before)
    }
}
