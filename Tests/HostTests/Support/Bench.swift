// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import Journal
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

struct Missing: Error {}

func require<T>(_ value: T?, _ location: SourceLocation = #_sourceLocation) throws -> T {
    guard let value else {
        Issue.record("a value is missing", sourceLocation: location)
        throw Missing()
    }
    return value
}

/// A card and everything a test may know of it.
struct TestCard {
    let pan: PAN
    let key: CardKey
    let account: AccountID
    let pin: String
    var expiry: UInt64 = 3012
}

/// What came back for one message.
struct Reply {
    let view: MessageView
    var code: String { view.text(39) ?? "" }
    var isSealed: Bool { view.macField != nil }
    var rrn: String { view.text(37) ?? "" }
    var approval: String? { view.text(38) }
    var reference: String? { view.text(44) }
    var warnings: String? { view.text(60) }
}

/// The host's engine over a disk that always works, with load terminals at its door.
final class Bench {
    static let start = Instant(seconds: 1_786_700_000)
    static let system = Principal(staff: StaffID("SYSTEM")!, role: .system)
    static let alice = Principal(staff: StaffID("ALICE")!, role: .operator)
    static let bob = Principal(staff: StaffID("BOB")!, role: .operator)
    static let carol = Principal(staff: StaffID("CAROL")!, role: .analyst)
    static let dave = Principal(staff: StaffID("DAVE")!, role: .analyst)
    static let cardholder = Principal(staff: StaffID("HOLDER")!, role: .cardholder)
    static let firmware = SoftwareVersion(1, 2, 0)

    let module: SoftHostModule
    let rules: RuleSet
    private(set) var engine: HostEngine
    private(set) var commits: [Commit] = []
    /// Durable, in order.
    private(set) var records: [HostRecord] = []
    /// What lies beside the journal.
    var listFiles: [OpenedList] = []
    var now = Bench.start
    var notices: [HostEngine.Notice] = []

    init(rules: RuleSet? = nil) throws {
        self.rules = try require(rules ?? Files.shippedRules)
        module = try require(SoftHostModule.simulated(seed: 7))
        engine = HostEngine(host: Host(rules: self.rules), head: .genesis, module: module)
    }

    convenience init(rules text: String) throws { try self.init(rules: RuleSet(parsing: "tillguard-rules 1\n" + text)) }

    func wait(_ interval: Interval) { now = now + interval }

    // MARK: - The engine

    /// Writes what was decided.
    @discardableResult
    func commit() -> [HostEngine.Outgoing] {
        var answers: [HostEngine.Outgoing] = []
        while let commit = engine.nextCommit() {
            commits.append(commit)
            guard let released = try? engine.committed(upTo: commit.last) else { return answers }
            records += released.records.map(\.record)
            answers += released.answers
        }
        return answers
    }

    /// Sends messages in one batch; the answers in the order of the messages.
    func send(batch: [[UInt8]]) throws -> [Reply] {
        let incoming = batch.enumerated().map { HostEngine.Incoming(channel: UInt64($0), bytes: $1) }
        let early = engine.receive(incoming, now: now, notices: &notices).answers
        return try (early + commit()).sorted { $0.channel < $1.channel }.map {
            Reply(view: try MessageView($0.bytes, spec: .ofTerminal($0.bytes, inEnvelope: false)))
        }
    }

    func send(_ bytes: [UInt8], _ location: SourceLocation = #_sourceLocation) throws -> Reply {
        try require(try send(batch: [bytes]).first, location)
    }

    func submit(_ command: Command, by principal: Principal) throws(CommandRefusal) {
        if case .loadList(let opened, _, _) = command { listFiles.append(opened) }
        _ = try engine.submit(command, by: principal, now: now)
        commit()
    }

    /// The refusal of a command, which must have changed nothing.
    func refusal(
        _ command: Command, by principal: Principal, _ location: SourceLocation = #_sourceLocation
    ) -> CommandRefusal? {
        let before = digest
        do throws(CommandRefusal) { try submit(command, by: principal) } catch {
            #expect(digest == before, "a refusal changed something", sourceLocation: location)
            return error
        }
        Issue.record("the command was taken", sourceLocation: location)
        return nil
    }

    /// A record that this version does not decide so, as a journal of another one may hold it.
    func write(_ body: HostRecord.Body) throws {
        let record = HostRecord(at: now, body)
        try engine.queue(record, [.record(sequence + 1, record)])
        commit()
    }

    /// Puts rules in force by two people.
    func putInForce(_ text: String) throws {
        try submit(.proposeRules(text), by: Self.carol)
        let number = engine.host.ruleBook.last
        try submit(.approveRules(number), by: Self.dave)
        try submit(.activateRules(number), by: Self.carol)
    }

    // MARK: - Looking

    var digest: [UInt8] { engine.host.digest() }
    var sequence: UInt64 { engine.host.sequence }

    /// What the issuer's desk knows, byte for byte.
    var issuerState: [UInt8] {
        var writer = ByteWriter()
        engine.host.issuer.snapshot(to: &writer)
        return writer.bytes
    }

    /// What the windows know, byte for byte.
    var windowState: [UInt8] {
        var writer = ByteWriter()
        engine.host.triggers.snapshot(to: &writer)
        return writer.bytes
    }

    func terminal(_ id: TerminalID) throws -> EstateTerminal { try require(engine.host.estate.terminals[id]) }
    func card(_ card: TestCard) throws -> Card { try require(engine.host.issuer.cards[card.key]) }
    func account(_ card: TestCard) throws -> Account { try require(engine.host.issuer.accounts[card.account]) }
    func available(_ card: TestCard) throws -> Int64 { try account(card).available }

    /// The record of the sale decided last.
    func lastSale() throws -> Authorisation {
        guard case .authorisation(let sale)? = records.last?.body else { throw Missing() }
        return sale
    }

    /// The intent of the record made last.
    var lastIntent: Intent? {
        switch records.last?.body {
        case .authorisation(let sale): sale.answer.intent
        case .refusal(let refusal), .contradiction(let refusal, _): refusal.answer.intent
        case .reversal(let reversal): reversal.answer.intent
        default: nil
        }
    }

    /// A host that has read the journal from its beginning.
    func recovered() throws -> Host {
        _ = try Chain.verify(commits)
        var host = Host(rules: rules)
        for commit in commits {
            for bytes in try RecordFrame.decode(commit.bytes) { host.apply(try HostRecord(decoding: bytes)) }
        }
        for file in listFiles { host.supply(file) }
        return host
    }

    /// The process dies and starts again from its journal.
    func restart(_ other: (any HostModulePort)? = nil, limits: GateLimits = .standard) throws {
        engine = HostEngine(
            host: try recovered(), head: try Chain.verify(commits), module: other ?? module, limits: limits)
    }

    func check(_ location: SourceLocation = #_sourceLocation) throws {
        #expect(engine.host.brokenInvariants() == [], sourceLocation: location)
        #expect(try recovered().digest() == digest, "digest(live) = digest(recovered)", sourceLocation: location)
    }

    // MARK: - Setting up

    /// A till that two people have activated and that has signed on.
    func till(
        _ name: String = "TILL0001", _ profile: KeyProfile = .tdes, mcc: UInt16 = 5411, merchant number: UInt64 = 1,
        currency: Currency = .eur, signsOn: Bool = true
    ) throws -> Till {
        let merchant = MerchantID(number: 100_000_000_000_000 + number)
        if engine.host.estate.merchants[merchant] == nil {
            try submit(
                .addMerchant(
                    merchant,
                    Merchant(name: "Shop \(number)", mcc: MCC(mcc), place: Position(latitude: 1, longitude: 2))),
                by: Self.system)
        }
        let id = try require(TerminalID(name))
        let record = EstateTerminal(
            merchant: merchant, profile: profile, keySet: 1, identityEpoch: 1, serial: 9_001, currency: currency)
        try submit(.addTerminal(id, record), by: Self.system)
        let till = try Till(
            self, id, merchant, currency,
            module.provision(record.keys(id), serial: record.serial, firmware: Self.firmware))
        guard signsOn else { return till }
        try submit(.activate(id), by: Self.alice)
        try submit(.activate(id), by: Self.bob)
        #expect(try till.signOn().code == "00")
        return till
    }

    func clear(_ digits: String) throws -> ClearPIN {
        var entry = PINEntry()
        for digit in digits.utf8 { _ = entry.press(digit - 0x30) }
        guard let pin = entry.finish() else { throw Missing() }
        return pin
    }

    /// A card with an account of its own.
    func card(
        _ number: Int = 1, pin: String = "1234", kind: PINReferenceKind = .pvv(keyIndex: 1), password: String? = nil,
        balance: Int64 = 100_000_00, account: AccountID? = nil, currency: Currency = .eur
    ) throws -> TestCard {
        let pan = try require(PAN(accountDigits: String(400_000_000_000_000 + number)))
        let id = account ?? AccountID(UInt64(number))
        if engine.host.issuer.accounts[id] == nil {
            try submit(
                .addAccount(id, Account(holder: "Holder \(number)", available: balance, currency: currency)),
                by: Self.system)
        }
        let reference = module.pinReference(pan: pan, pin: try clear(pin), kind: kind)
        let secret = try password.map { module.pinReference(pan: pan, pin: try clear($0), kind: .offset) }
        let key = module.cardKey(pan)
        try submit(
            .addCard(
                key,
                Card(
                    account: id, masked: pan.description, sealedPAN: module.sealPAN(pan), expiry: 3012, pin: reference,
                    password: secret)), by: Self.system)
        return TestCard(pan: pan, key: key, account: id, pin: pin)
    }
}
