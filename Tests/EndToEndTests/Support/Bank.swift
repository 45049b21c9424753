// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import Journal
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import SecurityTriggers
import Terminal
import Testing
import Vocabulary

struct Missing: Error {}

func require<T>(_ value: T?, _ location: SourceLocation = #_sourceLocation) throws -> T {
    guard let value else {
        Issue.record("a value is missing", sourceLocation: location)
        throw Missing()
    }
    return value
}

/// A card with its PIN.
struct Plastic {
    let data: CardData
    let key: CardKey
    let account: AccountID
    let pin: String
}

/// The host's side: engine, module and a disk that always works.
final class Bank {
    static let system = Principal(staff: StaffID("SYSTEM")!, role: .system)
    static let alice = Principal(staff: StaffID("ALICE")!, role: .operator)
    static let bob = Principal(staff: StaffID("BOB")!, role: .operator)
    static let carol = Principal(staff: StaffID("CAROL")!, role: .analyst)
    static let dora = Principal(staff: StaffID("DORA")!, role: .custodian)
    static let erin = Principal(staff: StaffID("ERIN")!, role: .custodian)
    static let fred = Principal(staff: StaffID("FRED")!, role: .serviceCentre)
    static let gina = Principal(staff: StaffID("GINA")!, role: .serviceCentre)
    static let hugo = Principal(staff: StaffID("HUGO")!, role: .technician)
    static let shop = MerchantID(number: 100_000_000_000_001)
    static let firmware = SoftwareVersion(1, 2, 0)

    let module: SoftHostModule
    let rules: RuleSet
    let engine: HostEngine
    private(set) var commits: [Commit] = []
    private(set) var records: [HostRecord] = []
    var now = Instant(seconds: 1_786_700_000)

    init() throws {
        rules = try require(Files.shippedRules)
        module = try require(SoftHostModule.simulated(seed: 3))
        engine = HostEngine(host: Host(rules: rules), head: .genesis, module: module)
        try submit(
            .addMerchant(
                Self.shop, Merchant(name: "Shop", mcc: MCC(5_411), place: Position(latitude: 0, longitude: 0))),
            by: Self.system)
    }

    func submit(_ command: Command, by principal: Principal) throws(CommandRefusal) {
        _ = try engine.submit(command, by: principal, now: now)
        _ = commit()
    }

    /// What takes two people, of whom the first alone cannot do it.
    func order(_ order: EstateOrder, by maker: Principal, and checker: Principal) throws {
        try submit(.order(order), by: maker)
        #expect(throws: CommandRefusal.estate(.secondPersonRequired)) { try submit(.order(order), by: maker) }
        try submit(.order(order), by: checker)
    }

    /// What the host does by itself as time goes by.
    func tick() throws {
        if engine.host.isTickDue(at: now) { try submit(.tick, by: Self.system) }
    }

    func receive(_ bytes: [UInt8]) -> [[UInt8]] {
        var notices: [HostEngine.Notice] = []
        let early = engine.receive([.init(channel: 0, bytes: bytes)], now: now, notices: &notices).answers
        return (early + commit()).map(\.bytes)
    }

    private func commit() -> [HostEngine.Outgoing] {
        var answers: [HostEngine.Outgoing] = []
        while let commit = engine.nextCommit() {
            commits.append(commit)
            guard let released = try? engine.committed(upTo: commit.last) else { return answers }
            records += released.records.map(\.record)
            answers += released.answers
        }
        return answers
    }

    func terminal(_ id: TerminalID) throws -> EstateTerminal { try require(engine.host.estate.terminals[id]) }
    func available(_ card: Plastic) throws -> Int64 {
        try require(engine.host.issuer.accounts[card.account]).available
    }

    /// The state as it was after so many records.
    func host(after count: Int) throws -> Host {
        var host = Host(rules: rules)
        for record in records.prefix(count) { host.apply(record) }
        return host
    }

    func check(_ location: SourceLocation = #_sourceLocation) throws {
        #expect(engine.host.brokenInvariants() == [], sourceLocation: location)
        _ = try Chain.verify(commits)
        #expect(try host(after: records.count).digest() == engine.host.digest(), sourceLocation: location)
    }

    func card(_ number: Int = 1, pin: String = "1234", balance: Int64 = 1_000_00) throws -> Plastic {
        let pan = try require(PAN(accountDigits: String(400_000_000_000_000 + number)))
        let key = module.cardKey(pan)
        let account = AccountID(UInt64(number))
        var entry = PINEntry()
        for digit in pin.utf8 { _ = entry.press(digit - 0x30) }
        guard let clear = entry.finish() else { throw Missing() }
        try submit(.addAccount(account, Account(holder: "H", available: balance, currency: .eur)), by: Self.system)
        try submit(
            .addCard(
                key,
                Card(
                    account: account, masked: pan.description, sealedPAN: module.sealPAN(pan), expiry: 3012,
                    pin: module.pinReference(pan: pan, pin: clear, kind: .offset), password: nil)), by: Self.system)
        let expiry = try require(CardExpiry(year: 30, month: 12))
        return Plastic(
            data: CardData(pan: pan, expiry: expiry, entry: .chip), key: key, account: account, pin: pin)
    }

    /// The keys of a terminal, personalised again above every counter it can have used.
    func provision(_ id: TerminalID) throws -> ModuleProvisioning {
        let record = try terminal(id)
        let first = record.ksn.highest == 0 ? 1 : record.ksn.highest + 512
        return module.provision(record.keys(id), serial: record.serial, firmware: Self.firmware, firstCounter: first)
    }
}
