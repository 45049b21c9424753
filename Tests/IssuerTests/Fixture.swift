// SPDX-License-Identifier: Apache-2.0
import Issuer
import ModuleProtocol
import Vocabulary

/// An issuer's desk with one account and two cards on it.
struct Desk {
    static let start = Instant(seconds: 1_786_700_000)
    static let card = CardKey(high: 1, low: 1)
    static let sister = CardKey(high: 2, low: 2)
    static let account = AccountID(1)
    static let shop = MerchantID(number: 7)
    static let till = TerminalID("TILL0001")!
    static let carol = StaffID("CAROL")!
    static let dave = StaffID("DAVE")!

    var issuer = Issuer()
    var now = Desk.start
    var records: [(IssuerRecord, Instant)] = []

    init() throws {
        apply(try issuer.decideAccount(Self.account, Account(holder: "Ada", available: 1_000_00, currency: .eur)))
        for key in [Self.card, Self.sister] { apply(try issuer.decideCard(key, Self.plastic)) }
    }

    static let plastic = Card(
        account: account, masked: "400000******0001", sealedPAN: [1, 2, 3], expiry: 3012, pin: .pvv(1_234, keyIndex: 1),
        password: .offset([1, 2, 3, 4, 5, 6]))

    mutating func apply(_ record: IssuerRecord) {
        issuer.apply(record, at: now)
        records.append((record, now))
    }

    func state(_ key: CardKey = Desk.card) throws -> Card {
        guard let card = issuer.cards[key] else { throw Missing() }
        return card
    }

    var account: Account {
        get throws {
            guard let account = issuer.accounts[Self.account] else { throw Missing() }
            return account
        }
    }

    func fraudCase(_ amount: Int64 = 100_00, stopped: Bool = true, rrn: UInt64 = 1, isDispute: Bool = false)
        -> FraudCase
    {
        var fraudCase = FraudCase(
            card: Self.card, account: Self.account, opened: now, terminal: Self.till, merchant: Self.shop,
            amount: Money(minorUnits: amount, .eur), rrn: RRN(rrn), reference: "R-ABCDE", rules: ["big"],
            stopped: stopped)
        fraudCase.isDispute = isDispute
        return fraudCase
    }

    /// A sale that was referred.
    mutating func refer(_ id: UInt64 = 1, _ amount: Int64 = 100_00) {
        issuer.apply(
            CardEffects(pin: .right, debit: 0, openCase: (CaseID(id), fraudCase(amount))), to: Self.card, at: now)
    }

    var snapshot: [UInt8] {
        var writer = ByteWriter()
        issuer.snapshot(to: &writer)
        return writer.bytes
    }
}

struct Missing: Error {}
