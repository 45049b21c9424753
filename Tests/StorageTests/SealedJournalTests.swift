// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import PaymentCryptography
import SecurityTriggers
import Storage
import Testing
import Vocabulary

@testable import Host

/// What sealed journals of dead terminals come to (rule R8), in the tables as in the host.
@Suite("Sealed journals in the tables")
struct SealedJournalTests {
    private static let terminal = TerminalID("TILL0001")
    private static let merchant = MerchantID(number: 7)
    private static let account = AccountID(9)
    private static let card = CardKey(high: 1, low: 2)
    private static let amount = Money(minorUnits: 25_00, .eur)
    private static let rrn = RRN(5)
    private static let stan = STAN(77)
    private static let transmission: UInt64 = 1_128_141_500

    /// A host and the tables of the same records.
    private final class Desk {
        var host: Host
        let projector: RecordsProjector
        let reader: RecordsReader
        let terminal: TerminalID
        private let directory: TemporaryDirectory
        private(set) var now = Instant(seconds: 1_790_000_000)

        init(_ terminal: TerminalID?) throws {
            self.terminal = try #require(terminal)
            directory = try TemporaryDirectory()
            let rules = try RuleSet(parsing: "tillguard-rules 1\n")
            host = Host(rules: rules)
            let store = try RecordsStore(in: DataDirectory(directory.file("data")), migrations: RecordsSchema.register)
            let key = SecretKey(count: 16) { $0.initializeMemory(as: UInt8.self, repeating: 0x5A) }
            projector = try RecordsProjector(
                store: store, rules: rules, links: CaseLinks(key: key), origin: "https://bank.example")
            reader = RecordsReader(store: store)
        }

        func take(_ body: HostRecord.Body, later: Interval = .seconds(0)) throws {
            now = now + later
            let record = HostRecord(at: now, body)
            host.apply(record)
            try projector.project([(host.sequence, record)])
        }

        /// Available and held, as both have it.
        func account() async throws -> [Int64] {
            let row = try #require(try await reader.account(SealedJournalTests.account)).account
            let core = try #require(host.issuer.accounts[SealedJournalTests.account])
            #expect(row.available.minorUnits == core.available && row.held.minorUnits == core.held)
            #expect(row.frozenSince == nil && core.frozen == nil, "no account is frozen by an unfinished transaction")
            return [core.available, core.held]
        }

        func isReversed() async throws -> Bool {
            let rows = try await reader.decisions(DecisionQuery())
            return try #require(rows.first { $0.rrn == SealedJournalTests.rrn }).reversedAt != nil
        }
    }

    private static let names = MessageNames(
        key: TransactionKey(stan: stan, localTime: transmission), transmission: transmission)

    /// A purchase of 25.00 whose terminal has died and delivered the intent without its closing record.
    private func dead() throws -> (desk: Desk, at: Instant) {
        let desk = try Desk(Self.terminal)
        let place = Position(latitude: 1, longitude: 2)
        try desk.take(
            .estate(.merchantAdded(Self.merchant, Merchant(name: "Shop", mcc: MCC(5_411), place: place))))
        let terminal = EstateTerminal(
            merchant: Self.merchant, profile: .aes, keySet: 1, identityEpoch: 1, serial: 3, currency: .eur)
        try desk.take(.estate(.terminalAdded(desk.terminal, terminal)))
        try desk.take(
            .issuer(.accountAdded(Self.account, Account(holder: "Ada", available: 100_00, currency: .eur))))
        try desk.take(
            .issuer(
                .cardAdded(
                    Self.card,
                    Card(
                        account: Self.account, masked: "400000******0002", sealedPAN: [1], expiry: 3_012,
                        pin: .pvv(1, keyIndex: 1), password: nil))))
        let at = desk.now
        let answer = StoredAnswer(intent: .approved, approvalCode: 123_456, rrn: Self.rrn, reference: "")
        let usage = TerminalUsage(
            terminal: desk.terminal, ksnCounter: 1, digest: 1, healthCounter: 1, selfTestNumber: 1)
        try desk.take(
            .authorisation(
                Authorisation(
                    usage: usage, names: Self.names, card: Self.card, account: Self.account, amount: Self.amount,
                    merchant: Self.merchant, mcc: MCC(5_411), goods: [], pin: .absent, hotList: nil,
                    noticeCovers: false, proof: nil, answer: answer, evaluation: nil,
                    effects: CardEffects(pin: .untried, debit: Self.amount.minorUnits), pass: nil, rulesVersion: 0)))
        var delivered = JournalRecord(identity(desk))
        delivered.notes = [
            DeliveredNote(
                index: 1, kind: .intent, intents: [],
                digest: [UInt8](repeating: 0x5E, count: DeliveredNote.digestCount))
        ]
        delivered.opened = [
            SealedIntent(
                index: 1,
                intent: JournalIntent(kind: .purchase, stan: Self.stan, amount: Self.amount, at: at, original: nil))
        ]
        delivered.raised = [.t01]
        try desk.take(.journal(delivered), later: .minutes(1))
        return (desk, at)
    }

    private func identity(_ desk: Desk) -> JournalIdentity {
        JournalIdentity(terminal: desk.terminal, identityEpoch: 1, serial: 3)
    }

    private func settled(_ desk: Desk, _ outcome: JournalSettlement.Outcome) -> HostRecord.Body {
        var record = JournalRecord(identity(desk))
        record.settlement = JournalSettlement(index: 1, outcome)
        return .journal(record)
    }

    private func hold(_ at: Instant) -> Hold {
        Hold(
            id: Self.rrn, card: Self.card, account: Self.account, amount: Self.amount.minorUnits,
            expires: at + Hold.untilAnswered)
    }

    private func reversal(_ desk: Desk, _ at: Instant) -> Reversal {
        Reversal(
            usage: .none(of: desk.terminal), names: Self.names, originalSTAN: Self.stan,
            originalTransmission: Self.transmission, card: Self.card, amount: Self.amount, originalAt: at, pass: nil,
            answer: StoredAnswer(intent: .reversalAccepted, approvalCode: 0, rrn: RRN(0), reference: ""))
    }

    /// The case that asks what became of it, and the hold that keeps its debit.
    private func held() throws -> (desk: Desk, at: Instant, hold: Hold) {
        let (desk, at) = try dead()
        var asked = FraudCase(
            card: Self.card, account: Self.account, opened: desk.now, terminal: desk.terminal, merchant: Self.merchant,
            amount: Self.amount, rrn: Self.rrn, reference: "R-ABCDE", rules: [FraudCase.unfinishedRule],
            stopped: false)
        asked.state = .open
        try desk.take(settled(desk, .held(hold(at), CaseID(1), asked)), later: .hours(1))
        return (desk, at, hold(at))
    }

    @Test("a delivery raises what it found and moves no money")
    func delivered() async throws {
        let (desk, _) = try dead()
        #expect(try await desk.account() == [75_00, 0])
        let detail = try #require(try await desk.reader.terminal(desk.terminal, now: desk.now))
        #expect(detail.warnings.map(\.code) == [.t01])
        #expect(try await desk.isReversed() == false)
    }

    @Test("without a closing record the debit is held and the desk alone is asked")
    func withheld() async throws {
        let (desk, _, _) = try held()
        #expect(try await desk.account() == [75_00, 25_00])
        let detail = try #require(try await desk.reader.caseDetail(CaseID(1)))
        #expect(detail.row.state == .open && detail.row.rules == [FraudCase.unfinishedRule])
        #expect(detail.messages.map(\.audience) == [.issuer], "no cardholder is asked by letter")
    }

    @Test("a late closing record takes it back, once")
    func closing() async throws {
        let (desk, at, hold) = try held()
        try desk.take(settled(desk, .reversed(reversal(desk, at))), later: .minutes(1))
        #expect(try await desk.account() == [100_00, 0])
        #expect(try await desk.isReversed())
        try desk.take(settled(desk, .stands), later: .minutes(1))
        try desk.take(settled(desk, .freed(hold)), later: .minutes(1))
        #expect(try await desk.account() == [100_00, 0], "what comes then has no second effect")
    }

    @Test("a record that shows it completed frees the hold, and the debit stands")
    func freed() async throws {
        let (desk, _, hold) = try held()
        try desk.take(settled(desk, .freed(hold)), later: .minutes(1))
        #expect(try await desk.account() == [75_00, 0])
        #expect(try await desk.isReversed() == false)
    }

    @Test("the answer to its case lets it stand or gives the money back", arguments: [true, false])
    func answered(isCompleted: Bool) async throws {
        let (desk, at, _) = try held()
        let staff = try #require(StaffID("CAROL"))
        try desk.take(
            .issuer(
                isCompleted
                    ? .caseConfirmed(CaseID(1), by: staff, passUntil: desk.now + .minutes(15))
                    : .caseDenied(CaseID(1), by: staff)), later: .minutes(5))
        #expect(try await desk.account() == [isCompleted ? 75_00 : 100_00, 0])
        #expect(try await desk.isReversed() == !isCompleted)
        let row = try #require(try await desk.reader.caseDetail(CaseID(1))).row
        #expect(row.state == (isCompleted ? .confirmed : .denied) && row.passUntil == nil)
        try desk.take(settled(desk, .stands), later: .minutes(1))
        #expect(try await desk.account() == [isCompleted ? 75_00 : 100_00, 0])
        _ = at
    }

    @Test("a refund that was promised and never came opens a case and holds nothing")
    func owed() async throws {
        let (desk, _) = try dead()
        let asked = FraudCase(
            card: Self.card, account: Self.account, opened: desk.now, terminal: desk.terminal, merchant: Self.merchant,
            amount: Self.amount, rrn: Self.rrn, reference: "R-ABCDE", rules: [FraudCase.unfinishedRule],
            stopped: false)
        try desk.take(settled(desk, .owed(CaseID(1), asked)), later: .hours(1))
        #expect(try await desk.account() == [75_00, 0])
        #expect(try await desk.reader.caseDetail(CaseID(1))?.row.state == .open)
    }
}
