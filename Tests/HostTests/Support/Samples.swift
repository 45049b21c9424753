// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import Vocabulary

@testable import Host
@testable import Issuer
@testable import SecurityTriggers

/// One record of every kind there is, and of every shape that its optional parts allow.
enum Samples {
    static let at = Instant(seconds: 1_786_700_000)
    static let terminal = TerminalID("TILL0001")!
    static let merchant = MerchantID(number: 100_000_000_000_001)
    static let card = CardKey(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
    static let alice = StaffID("ALICE")!
    static let bob = StaffID("BOB")!
    static let usage = TerminalUsage(
        terminal: terminal, ksnCounter: 17, digest: 0x1122_3344_5566_7788, healthCounter: 300, selfTestNumber: 4)
    static let poorUsage = TerminalUsage(
        terminal: terminal, ksnCounter: .max, digest: 0, healthCounter: nil, selfTestNumber: 0)
    static let names = MessageNames(
        key: TransactionKey(stan: STAN(999_999), localTime: 1_231_235_959), transmission: 1_231_235_959)
    static let amount = Money(minorUnits: 12_345, .eur)
    static let pass = OneTimePass(caseID: CaseID(3), merchant: merchant, amountMax: amount, until: at + .minutes(15))

    static func answer(_ intent: Intent, _ reference: String = "") -> StoredAnswer {
        StoredAnswer(
            intent: intent, approvalCode: intent == .approved ? 123_456 : 0, rrn: RRN(999_999_999_999),
            reference: reference)
    }

    static let evidence = EvidenceClaims(
        nonce: Array(UInt8(1)...16), serial: 77, firmware: SoftwareVersion(1, 2, 3),
        application: SoftwareVersion(3, 0, 1),
        profile: .aes, keySet: 3, lifecycle: .commissioned, identityEpoch: 2, healthCounter: 5, eventCounter: 6,
        selfTestNumber: 7, selfTestAgeSeconds: 8, openWarnings: [RaisedWarning(.a01), RaisedWarning(.h05)],
        deathTokenHash: [UInt8](repeating: 0xD1, count: 32), linkTokenHash: [UInt8](repeating: 0x1C, count: 32),
        auditHead: [UInt8](repeating: 0xAA, count: 32))

    static let estate: [(String, EstateRecord)] = [
        (
            "estate.merchantAdded",
            .merchantAdded(
                merchant,
                Merchant(
                    name: "Bäckerei 面包店", mcc: MCC(5_462),
                    place: Position(latitude: -89_999_999, longitude: 179_999_999)))
        ),
        (
            "estate.terminalAdded",
            .terminalAdded(
                terminal,
                EstateTerminal(
                    merchant: merchant, profile: .aes, keySet: 3, identityEpoch: 2, serial: .max, currency: .cny))
        ),
        ("estate.activationAsked", .activationAsked(terminal, by: alice)),
        ("estate.activationApproved", .activationApproved(terminal, by: bob)),
        (
            "estate.compatibilitySet",
            .compatibilitySet(
                FirmwareRange(minimum: SoftwareVersion(1, 0, 0), maximum: SoftwareVersion(255, 255, 65_535)), by: alice)
        ),
        ("estate.leaseGranted", .leaseGranted(usage, Lease(id: 9, expires: at + .hours(24)), evidence)),
        ("estate.signOnRefused", .signOnRefused(usage, raised: [RaisedWarning(.c02), RaisedWarning(.h04)], evidence)),
        ("estate.signOnRefused.stale", .signOnRefused(poorUsage, raised: [], nil)),
        ("estate.reported", .reported(terminal, usage, raised: [RaisedWarning(.k02)], eventCounter: 12)),
        ("estate.reported.token", .reported(terminal, nil, raised: [RaisedWarning(.t01)], eventCounter: nil)),
        ("estate.warningCleared", .warningCleared(terminal, .k02, by: alice)),
        ("estate.suspended", .suspended(terminal, by: alice)),
        ("estate.resumed", .resumed(terminal, by: bob)),
    ]

    static let fraudCase = FraudCase(
        card: card, account: AccountID(5), opened: at, terminal: terminal, merchant: merchant, amount: amount,
        rrn: RRN(42), reference: "R-ABCDE", rules: ["large_amounts_spread", "many_terminals"], stopped: true)
    static let dispute: FraudCase = {
        var dispute = fraudCase
        dispute.rules = []
        dispute.stopped = false
        dispute.isDispute = true
        return dispute
    }()

    static let issuer: [(String, IssuerRecord)] = [
        (
            "issuer.accountAdded",
            .accountAdded(AccountID(5), Account(holder: "Chen 陈", available: .max, currency: .cny))
        ),
        (
            "issuer.cardAdded",
            .cardAdded(
                card,
                Card(
                    account: AccountID(5), masked: "400000******0002", sealedPAN: [1, 2, 3], expiry: 3012,
                    pin: .offset([1, 2, 3, 4, 5, 6]), password: .pvv(9_999, keyIndex: 6)))
        ),
        (
            "issuer.cardAdded.plain",
            .cardAdded(
                card,
                Card(
                    account: AccountID(5), masked: "", sealedPAN: [], expiry: 101, pin: .pvv(0, keyIndex: 0),
                    password: nil))
        ),
        ("issuer.cardStatusSet", .cardStatusSet(card, .stolen, by: alice)),
        ("issuer.pinSet", .pinSet(card, .pvv(1_234, keyIndex: 1), by: alice)),
        ("issuer.caseOpened", .caseOpened(CaseID(6), dispute)),
        ("issuer.caseConfirmed", .caseConfirmed(CaseID(6), by: alice, passUntil: at + .minutes(15))),
        ("issuer.caseDenied", .caseDenied(CaseID(6), by: bob)),
        ("issuer.accountFrozen", .accountFrozen(AccountID(5), by: alice)),
        ("issuer.unfreezeAsked", .unfreezeAsked(AccountID(5), by: alice)),
        ("issuer.accountUnfrozen", .accountUnfrozen(AccountID(5), by: bob)),
        (
            "issuer.noticeAdded",
            .noticeAdded(
                card,
                AdvanceNotice(
                    from: at, until: at + .days(3), amountMax: amount, categories: [MCC(5_944), MCC(0)]))
        ),
    ]

    static func sale(_ effects: CardEffects, _ intent: Intent, known: Bool = true) -> Authorisation {
        Authorisation(
            usage: usage, names: names, card: known ? card : nil, account: known ? AccountID(5) : nil, amount: amount,
            merchant: merchant, mcc: MCC(5_993), goods: known ? [GoodsCode("TOBACCO")!, GoodsCode("LUXURY")!] : [],
            pin: known ? .right : .absent, hotList: known ? .stolen : nil, noticeCovers: known,
            proof: known ? .transactionPassword : nil, answer: answer(intent, known ? "S123456" : ""),
            evaluation: known ? evaluation : nil, effects: effects, pass: known ? pass : nil,
            rulesVersion: known ? 12 : 0)
    }

    /// What a rule set of every action says to a stolen card; rules and text are fixed, so it is the same for ever.
    static let evaluation: Evaluation? = {
        let text = """
            tillguard-rules 1
            velocity uses = count(attempts) by card over 1h
            rule refer_it { when uses >= 1 and amount >= 1.00 EUR then refer hold 15m as callIssuer, case high, ask cardholder, notify issuer, freeze card 1h }
            rule watch shadow { when goods in [TOBACCO] or mcc == 5993 then decline }
            rule proof { when mcc == 5993 then require id_document }
            """
        guard let rules = try? RuleSet(parsing: text) else { return nil }
        return Triggers(rules: rules).evaluate(
            TransactionFacts(
                card: card, account: AccountID(5), at: at, amount: amount, terminal: terminal, merchant: merchant,
                mcc: MCC(5_993), goods: [GoodsCode("TOBACCO")!], pin: .right)
        ).early
    }()

    static let effects = CardEffects(
        pin: .wrong, debit: 12_345, freezeCardUntil: at + .hours(1), openCase: (CaseID(7), fraudCase),
        challenge: Challenge(reference: 123_456, terminal: terminal, amount: amount, expires: at + .seconds(120)),
        challengeUsed: true, passUsed: true)

    static let host: [(String, HostRecord.Body)] = [
        ("rulesReplaced", .rulesReplaced(text: "tillguard-rules 1\n# 规则\n", by: alice)),
        ("authorisation", .authorisation(sale(effects, .additionalProofRequired))),
        ("authorisation.approved", .authorisation(sale(CardEffects(pin: .right, debit: 12_345), .approved))),
        (
            "authorisation.unknownCard",
            .authorisation(sale(CardEffects(pin: .untried, debit: 0), .unknownCard, known: false))
        ),
        (
            "reversal",
            .reversal(
                Reversal(
                    usage: usage, names: names, originalSTAN: STAN(12), originalTransmission: 814_093_000, card: card,
                    amount: amount, originalAt: at, pass: pass, answer: answer(.reversalAccepted)))
        ),
        (
            "reversal.tombstone",
            .reversal(
                Reversal(
                    usage: poorUsage, names: names, originalSTAN: STAN(12), originalTransmission: 814_093_000,
                    card: nil, amount: amount, originalAt: nil, pass: nil, answer: answer(.noOriginal)))
        ),
        (
            "refusal",
            .refusal(Refusal(usage: usage, names: names, kind: 0x0200, amount: amount, answer: answer(.moduleHalted)))
        ),
        ("repeated", .repeated(usage)),
        (
            "report",
            .report(
                .reported(terminal, usage, raised: [RaisedWarning(.h05)], eventCounter: 3),
                RememberedReport(names: names, answer: answer(.adviceAccepted)))
        ),
        (
            "contradiction",
            .contradiction(
                Refusal(usage: poorUsage, names: names, kind: 0x0200, amount: amount, answer: answer(.ksnRefused)),
                raised: [.k04])
        ),
    ]

    static let totals = BatchTotals(debitAmount: 12_345, debitCount: 1, creditAmount: 1, creditCount: 70_000)

    static func transaction(_ kind: TransactionKind, _ movement: Movement, original: RRN?) -> HostRecord.Body {
        var sale = sale(CardEffects(pin: .right, debit: 0), .approved)
        sale.answer.reference = ""
        // References rise with the journal.
        sale.answer.rrn = RRN(1_000_000_000_000 + UInt64(kind.rawValue))
        sale.names.key.stan = STAN(UInt32(kind.rawValue))
        return .transaction(CardTransaction(kind: kind, sale: sale, original: original, movement: movement))
    }

    static func reversal(
        _ kind: TransactionKind, of reversed: RRN?, _ movement: Movement, stan: UInt32, _ intent: Intent
    ) -> HostRecord.Body {
        .transactionReversal(
            TransactionReversal(
                kind: kind,
                reversal: Reversal(
                    usage: usage, names: names, originalSTAN: STAN(stan), originalTransmission: 1_231_235_959,
                    card: reversed == nil ? nil : card, amount: amount, originalAt: reversed == nil ? nil : at,
                    pass: nil, answer: answer(intent)), reversed: reversed, movement: movement))
    }

    /// What came with the second version of the journal.
    static let later: [(String, HostRecord.Body)] = [
        ("transaction.preAuthorisation", transaction(.preAuthorisation, .hold(held), original: nil)),
        ("transaction.completion", transaction(.completion, .complete(held, debit: 12_345), original: held.id)),
        (
            "transactionReversal.completion",
            reversal(
                .completion, of: RRN(1_000_000_000_006), Movement.complete(held, debit: 12_345).inverse, stan: 6,
                .reversalAccepted)
        ),
        ("transactionReversal.tombstone", reversal(.preAuthorisation, of: nil, .none, stan: 77, .noOriginal)),
        ("transaction.balance", transaction(.balance, .none, original: nil)),
        (
            "settlement.unbalanced",
            .settlement(
                Settlement(
                    usage: usage, names: names, batch: 1, claimed: totals, counted: totals, outcome: .unbalanced,
                    answer: answer(.adviceAccepted, "2")))
        ),
        (
            "batchUpload",
            .batchUpload(
                BatchUpload(
                    usage: usage, names: names, batch: 1, received: 30, matched: 29, differing: 1,
                    answer: answer(.adviceAccepted)))
        ),
        (
            "batchUpload.end",
            .batchUpload(
                BatchUpload(usage: usage, names: names, batch: 1, isEnd: true, answer: answer(.adviceAccepted)))
        ),
        (
            "settlement.balanced",
            .settlement(
                Settlement(
                    usage: poorUsage, names: names, batch: 2, claimed: BatchTotals(), counted: BatchTotals(),
                    outcome: .balanced,
                    answer: answer(.adviceAccepted, "1")))
        ),
        ("dayCut", .dayCut(DayCut(day: 1, by: alice, released: [held]))),
        ("dayCut.plain", .dayCut(DayCut(day: .max, by: bob, released: []))),
    ]

    /// The hold of the pre-authorisation above.
    static let held = Hold(
        id: RRN(1_000_000_000_004), card: card, account: AccountID(5), amount: 12_345, expires: at + Hold.lifetime)

    static let first: [(name: String, record: HostRecord)] =
        estate.map { (name: $0.0, record: HostRecord(at: at, .estate($0.1))) }
        + issuer.map { (name: $0.0, record: HostRecord(at: at, .issuer($0.1))) }
        + host.map { (name: $0.0, record: HostRecord(at: at, $0.1)) }
        + [(name: "beforeTheEpoch", record: HostRecord(at: Instant(microseconds: -1), .repeated(usage)))]
    static let second: [(name: String, record: HostRecord)] =
        later.map { (name: $0.0, record: HostRecord(at: at, $0.1)) }
    static let all = first + second + third + fourth + fifth + sixth + seventh
}

extension Evaluation {
    /// As records had it before they named the engine's version, which changes with each release: golden bytes are of then.
    var early: Evaluation {
        var evaluation = self
        evaluation.engine = nil
        return evaluation
    }
}
