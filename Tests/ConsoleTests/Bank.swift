// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Console
import Estate
import Foundation
import Issuer
import Journal
import ModuleProtocol
import SecurityTriggers
import Storage
import Synchronization
import Testing
import Vocabulary

@testable import Host

/// A real `Host` with its projections, and the ports of the console on it: every command is decided, applied and
/// projected before it returns.
final class Bank: CommandPort, CommittedFeed, ModelPort, Sendable {
    static let rules = """
        tillguard-rules 1
        ruleset small version 3
        velocity large = distinct(terminal) by card over 1h where amount >= 300.00 EUR
        rule large_spread {
            when large >= 2
            then refer hold 15m as callIssuer, case high, ask cardholder, notify issuer
            say en "{large} terminals took 300.00 EUR or more within an hour; this one {amount}."
            say zh "一小时内 {large} 台终端各收 300.00 EUR 以上，本次 {amount}。"
        }
        """
    static let start = CalendarTime(year: 2026, month: 8, day: 14, hour: 9, minute: 30).instant
    static let shop = MerchantID(number: 4_711)
    static let card = CardKey(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
    static let account = AccountID(7)

    private struct State: ~Copyable {
        var host: CoreHost
        var now: Instant
        var commands: [Command] = []
        var records: [HostRecord] = []
        var listeners: [AsyncStream<CommittedRecord>.Continuation] = []
        var ksn: UInt32 = 0
    }

    let path: String
    let reader: RecordsReader
    let links: CaseLinks
    let store: RecordsStore
    let projector: RecordsProjector
    private let state: Mutex<State>

    init() throws {
        path = NSTemporaryDirectory() + "tillguard-console-" + UUID().uuidString
        let directory = try DataDirectory(path)
        store = try RecordsStore(in: directory, migrations: RecordsSchema.register)
        reader = RecordsReader(store: store)
        links = caseLinks("00112233445566778899AABBCCDDEEFF")
        let rules = try RuleSet(parsing: Self.rules)
        projector = try RecordsProjector(store: store, rules: rules, links: links, origin: "https://bank.example")
        state = Mutex(State(host: CoreHost(rules: rules), now: Self.start))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var now: Instant { state.withLock { $0.now } }
    var commands: [Command] { state.withLock { $0.commands } }
    /// Everything that was committed, in order.
    var records: [HostRecord] { state.withLock { $0.records } }
    var sequence: UInt64 { state.withLock { $0.host.sequence } }
    var rulesVersion: UInt32 { state.withLock { $0.host.rulesVersion } }

    func advance(_ interval: Interval) { state.withLock { $0.now = $0.now + interval } }

    /// What the cores hold, to compare the projections with.
    func estate() -> Estate { state.withLock { $0.host.estate } }
    func issuer() -> Issuer { state.withLock { $0.host.issuer } }
    func lists() -> ListBook { state.withLock { $0.host.lists } }
    func listNames() -> [(name: String, kind: ListKind)] { state.withLock { $0.host.rules.listNames } }

    func submit(_ command: Command, by principal: Principal) async throws {
        let record = try state.withLock { state in
            let record = try state.host.decide(command, by: principal, now: state.now)
            state.commands.append(command)
            return record
        }
        try commit(record.body)
        if case .loadList(let opened, _, _) = command { state.withLock { _ = $0.host.supply(opened) } }
    }

    func models() async throws -> (book: ModelBook, reports: [ModelReport]) {
        state.withLock { ($0.host.models, $0.host.modelWatch.reports) }
    }

    /// What the rules say to facts, as in the middle of an authorisation.
    func judge(_ facts: TransactionFacts) -> Evaluation { state.withLock { $0.host.judge(facts).verdict } }

    func subscribe() -> AsyncStream<CommittedRecord> {
        let (stream, continuation) = AsyncStream<CommittedRecord>.makeStream(bufferingPolicy: .bufferingNewest(64))
        state.withLock { $0.listeners.append(continuation) }
        return stream
    }

    @discardableResult
    func commit(_ body: HostRecord.Body) throws -> UInt64 {
        // In one lock, so that records are projected in their order.
        let (sequence, record, listeners) = try state.withLock { state in
            let record = HostRecord(at: state.now, body)
            state.host.apply(record)
            state.records.append(record)
            try projector.project([(state.host.sequence, record)])
            return (state.host.sequence, record, state.listeners)
        }
        for listener in listeners { listener.yield(CommittedRecord(sequence: sequence, record: record)) }
        return sequence
    }

    // MARK: - What happens at it

    /// A shop with terminals, an account with a card.
    func open(terminals: [String] = ["T1", "T2"], shop name: String = "Corner <b>Shop</b>") throws {
        try commit(
            .estate(
                .merchantAdded(
                    Self.shop, Merchant(name: name, mcc: MCC(5_944), place: Position(latitude: 1, longitude: 2)))))
        for id in terminals { try add(id) }
        try commit(
            .issuer(.accountAdded(Self.account, Account(holder: "Ada Okafor", available: 500_000, currency: .eur))))
        try commit(
            .issuer(
                .cardAdded(
                    Self.card,
                    Card(
                        account: Self.account, masked: "541333******4321", sealedPAN: [1, 2, 3], expiry: 2_912,
                        pin: .pvv(1_234, keyIndex: 1), password: nil))))
    }

    func add(_ id: String) throws {
        let terminal = terminalID(id)
        try commit(
            .estate(
                .terminalAdded(
                    terminal,
                    EstateTerminal(
                        merchant: Self.shop, profile: .aes, keySet: 1, identityEpoch: 1, serial: 0xABCD, currency: .eur)
                )))
    }

    func usage(_ id: String) throws -> TerminalUsage {
        let terminal = terminalID(id)
        let ksn = state.withLock { state in
            state.ksn += 1
            return state.ksn
        }
        return TerminalUsage(
            terminal: terminal, ksnCounter: ksn, digest: UInt64(ksn), healthCounter: ksn, selfTestNumber: 1)
    }

    func evidence() -> EvidenceClaims {
        EvidenceClaims(
            nonce: [1], serial: 0xABCD, firmware: SoftwareVersion(1, 4, 2), application: SoftwareVersion(2, 0, 7),
            profile: .aes, keySet: 1, lifecycle: .active, identityEpoch: 1, healthCounter: 1, eventCounter: 1,
            selfTestNumber: 1, selfTestAgeSeconds: 60, openWarnings: [], deathTokenHash: [], linkTokenHash: [],
            auditHead: [])
    }

    func grantLease(_ id: String) throws {
        let lease = state.withLock { Lease(id: UInt32($0.host.sequence), expires: $0.now + .hours(24)) }
        try commit(.estate(.leaseGranted(try usage(id), lease, evidence())))
    }

    func raise(_ code: WarningCode, at id: String) throws {
        let usage = try usage(id)
        try commit(.estate(.reported(usage.terminal, usage, raised: [RaisedWarning(code)], eventCounter: 2)))
    }

    /// A sale by the rules' own judgement; nothing but rules can refuse it.
    @discardableResult
    func sale(
        _ amount: Int64, at id: String, intent forced: Intent? = nil, pin: PINVerdict = .right
    ) throws -> Authorisation {
        let usage = try usage(id)
        let money = Money(minorUnits: amount, .eur)
        let sale = state.withLock { state -> Authorisation in
            let facts = TransactionFacts(
                card: Self.card, account: Self.account, at: state.now, amount: money, terminal: usage.terminal,
                merchant: Self.shop, mcc: MCC(5_944), goods: [], pin: pin == .wrong ? .wrong : .right, hotList: nil,
                noticeCovers: false)
            let evaluation = state.host.triggers.evaluate(facts)
            let intent = forced ?? (evaluation.action == .approve ? .approved : .callIssuer)
            var effects = CardEffects(pin: pin, debit: intent.isApproval ? amount : 0)
            let rrn = RRN(state.host.sequence + 1)
            var answer = StoredAnswer(
                intent: intent, approvalCode: intent.isApproval ? 123_456 : 0, rrn: rrn, reference: "")
            if evaluation.askCardholder, state.host.issuer.cards[Self.card]?.openCase == nil {
                let caseID = CaseID(UInt64(state.host.issuer.cases.count) + 1)
                let fraudCase = FraudCase(
                    card: Self.card, account: Self.account, opened: state.now, terminal: usage.terminal,
                    merchant: Self.shop, amount: money, rrn: rrn, reference: "R-TEST2",
                    rules: state.host.firedRules(evaluation), stopped: !intent.isApproval)
                effects.openCase = (caseID, fraudCase)
                answer.reference = fraudCase.reference
            }
            let sale = Authorisation(
                usage: usage,
                names: MessageNames(
                    key: TransactionKey(stan: STAN(usage.ksnCounter), localTime: 1),
                    transmission: UInt64(usage.ksnCounter)),
                card: Self.card, account: Self.account, amount: money, merchant: Self.shop, mcc: MCC(5_944), goods: [],
                pin: .right, hotList: nil, noticeCovers: false, proof: nil, answer: answer, evaluation: evaluation,
                effects: effects, pass: nil, rulesVersion: state.host.rulesVersion)
            return sale
        }
        try commit(.authorisation(sale))
        return sale
    }

    func reverse(_ sale: Authorisation, saleAt: Instant) throws {
        let usage = try usage(sale.usage.terminal.description)
        try commit(
            .reversal(
                Reversal(
                    usage: usage, names: sale.names, originalSTAN: sale.names.key.stan,
                    originalTransmission: sale.names.transmission, card: sale.card, amount: sale.amount,
                    originalAt: saleAt, pass: nil,
                    answer: StoredAnswer(intent: .reversalAccepted, approvalCode: 0, rrn: RRN(0), reference: ""))))
    }

    /// Two large purchases at two terminals: the second opens a case.
    @discardableResult
    func openCase() throws -> CaseID {
        try sale(40_000, at: "T1")
        advance(.minutes(5))
        try sale(41_000, at: "T2")
        return CaseID(UInt64(issuer().cases.count))
    }
}
