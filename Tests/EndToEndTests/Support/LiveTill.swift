// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import Testing
import UnionPay
import Vocabulary

/// The real POS core around the real module core, on a line to a bank, in one thread and one clock.
final class LiveTill {
    let id: TerminalID
    let bank: Bank
    var terminal: Terminal
    var module: TerminalSecurityModule
    var hardware: EmulatedHardware
    let storageKey = SecretKey.random(count: 32)
    /// What the module's shell has stored, and the terminal's journal.
    private(set) var image: [UInt8] = []
    private(set) var journal: [[UInt8]] = []
    /// Effects of the terminal that are still done; with the last of them the power fails.
    var fuse = Int.max
    var isDiskFull = false
    /// Measures software before each start, where a supplier's key is pinned.
    let loader: Loader?
    var random = SeededRandom(seed: 1)
    private var timers: [TimerID: Instant] = [:]
    private var inbox: [TerminalEvent] = []
    private(set) var outcomes: [SaleOutcome] = []
    private(set) var settlements: [SettlementOutcome] = []
    /// Message types that have left, in order.
    private(set) var sent: [MTI] = []
    /// What the line does with an answer.
    var losesAnswers = false
    /// Loses answers that carry a lease, and only those.
    var losesTickets = false
    /// What the line does with a message.
    var losesMessages = false
    /// What the line makes of a message or an answer, and what it has carried.
    var alters: (([UInt8]) -> [UInt8])?
    var altersAnswers: (([UInt8]) -> [UInt8])?
    private(set) var messages: [[UInt8]] = []
    private(set) var answers: [[UInt8]] = []
    private(set) var shown: [DisplayLine] = []
    /// Lines that the terminal has given up; each is made anew at once.
    private(set) var hangUps = 0
    /// What the card is told.
    private(set) var chipAnswers: [[UInt8]] = []
    let dialect: TerminalDialect
    /// What happens before a command reaches the module, and behind it, before its reply arrives.
    var beforeCommand: ((TerminalModuleCommand) -> Void)?
    var afterCommand: ((TerminalModuleCommand) -> Void)?
    /// Whether the link to the module breaks before the reply.
    var losesReply: ((TerminalModuleCommand) -> Bool)?
    /// Loses sealed records on their way to the host, and only those.
    var losesTails = false
    /// What an unsound module makes of its reply.
    var forge: ((TerminalModuleReply) -> TerminalModuleReply)?

    init(
        _ bank: Bank, _ profile: KeyProfile, name: String = "TILL0001", heartbeat: Interval = .seconds(2),
        dialect: TerminalDialect = .iso8583, wantsTrackKey: Bool = false, echoInterval: Interval? = nil,
        retryMax: Interval = .seconds(60), loader: Loader? = nil, claimant: UInt64? = nil
    ) throws {
        self.bank = bank
        self.dialect = dialect
        self.loader = loader
        id = try require(TerminalID(name))
        let record = EstateTerminal(
            merchant: Bank.shop, profile: profile, keySet: 1, identityEpoch: 1, serial: claimant ?? 4_711,
            currency: .eur)
        if claimant == nil { try bank.submit(.addTerminal(id, record), by: Bank.system) }
        hardware = EmulatedHardware(firmware: Bank.firmware)
        let provisioning = bank.module.provision(
            record.keys(id), serial: record.serial, firmware: Bank.firmware, supplier: loader?.supplier.publicKey)
        guard
            let module = TerminalSecurityModule(
                provisioning: provisioning, storageKey: storageKey, hardware: hardware, now: bank.now)
        else { throw Missing() }
        self.module = module
        var configuration = TerminalConfiguration(
            terminal: id, merchant: Bank.shop, profile: profile, currency: .eur, application: SoftwareVersion(2, 0, 0))
        configuration.heartbeatInterval = heartbeat
        configuration.retryMax = retryMax
        configuration.dialect = dialect
        configuration.wantsTrackKey = wantsTrackKey
        configuration.echoInterval = echoInterval
        terminal = try Terminal(configuration: configuration)
        perform()
        if let loader { try present(loader) }
    }

    /// A till that two people have activated and that has signed on.
    static func trading(
        _ bank: Bank, _ profile: KeyProfile, heartbeat: Interval = .seconds(2),
        dialect: TerminalDialect = .iso8583, echoInterval: Interval? = nil
    ) throws -> LiveTill {
        let till = try LiveTill(
            bank, profile, heartbeat: heartbeat, dialect: dialect, echoInterval: echoInterval)
        try till.activate()
        till.start()
        #expect(till.terminal.refusal(now: bank.now) == nil)
        return till
    }

    func activate() throws {
        try bank.submit(.activate(id), by: Bank.alice)
        try bank.submit(.activate(id), by: Bank.bob)
    }

    func start() {
        fire(.powerUp)
        fire(.connected)
    }

    // MARK: - Events

    func fire(_ event: TerminalEvent) {
        inbox.append(event)
        while !inbox.isEmpty {
            for effect in step(inbox.removeFirst()) {
                guard fuse > 0 else { return inbox = [] }
                fuse -= 1
                perform(effect)
            }
            #expect(terminal.brokenInvariants() == [])
        }
    }

    /// A disk that is full takes no record, and then nothing of the step is done.
    private func step(_ event: TerminalEvent) -> [TerminalEffect] {
        let before = terminal
        let effects = terminal.handle(event, now: bank.now)
        guard isDiskFull, effects.contains(where: { if case .persist = $0 { true } else { false } }) else {
            return effects
        }
        terminal = before
        return terminal.handle(.storeFailed, now: bank.now) + terminal.handle(event, now: bank.now)
    }

    private func perform(_ effect: TerminalEffect) {
        switch effect {
        case .send(let bytes):
            messages.append(bytes)
            if let view = read(bytes) { sent.append(view.mti) }
            if losesTails, let view = read(bytes), view.has(57), view.has(58) { return }
            guard !losesMessages else { return }
            let answers = bank.receive(alters.map { $0(bytes) } ?? bytes)
            self.answers += answers
            let arrived = answers.filter { !losesTickets || read($0)?.has(57) != true }
            if !losesAnswers { inbox += arrived.map { .messageReceived(altersAnswers?($0) ?? $0) } }
        case .module(let command):
            guard hardware.connectorSeated else { return }
            beforeCommand?(command)
            let reply = module.handle(command, now: bank.now, random: &random)
            perform()
            afterCommand?(command)
            guard losesReply?(command) != true else { return inbox.append(.moduleLost) }
            inbox.append(.moduleReply(forge.map { $0(reply) } ?? reply))
        case .setTimer(let timer, let interval): timers[timer] = bank.now + interval
        case .cancelTimer(let timer): timers[timer] = nil
        case .outcome(let outcome): outcomes.append(outcome)
        case .settlement(let outcome): settlements.append(outcome)
        case .show(let line): shown.append(line)
        case .hangUp:
            hangUps += 1
            inbox.append(.connected)
        case .chip(let data): chipAnswers.append(data)
        case .persist(let record): journal.append(record)
        case .rewrite(let record):
            if !isDiskFull { journal = [record] }
            inbox.append(isDiskFull ? .storeFailed : .storeRestored)
        // This module never hangs.
        case .barrier, .resetModule, .halt, .log: break
        }
    }

    /// A message of this till's dialect.
    func read(_ bytes: [UInt8]) -> MessageView? {
        let lead = dialect == .unionPayPOS ? UnionPay.Envelope.count : 0
        return try? MessageView(Array(bytes.dropFirst(lead)), spec: dialect.wire)
    }

    /// What waited for time or an answer is gone.
    func forgetWork() { (timers, inbox) = ([:], []) }

    /// The terminal's journal is lost, and its module is not.
    func forgetBook() throws {
        journal = []
        terminal = try Terminal(configuration: terminal.configuration)
        // Its trace numbers begin again, and the second tells the new ones from the old.
        bank.now = bank.now + .seconds(1)
        start()
    }

    /// Does what the module's shell does after each call.
    func perform() {
        for effect in module.takeEffects() {
            switch effect {
            case .store(let new): image = new
            case .raiseCounter(let value): hardware.raiseCounter(to: value)
            case .barrier, .eraseStorageKey: break
            }
        }
    }

    /// The process of the POS application is gone, and with it what waited for answers.
    func restartTerminal(_ configuration: TerminalConfiguration? = nil, inOrder: Bool) throws {
        if inOrder { fire(.shutDown) }
        forgetWork()
        terminal = try Terminal(configuration: configuration ?? terminal.configuration, journal: journal)
        start()
    }

    /// Lets time pass, firing each timer at its time.
    func wait(_ interval: Interval) {
        let end = bank.now + interval
        while true {
            let due = TimerID.allCases.compactMap { timer in timers[timer].map { (at: $0, timer: timer) } }
                .filter { $0.at <= end }.min { $0.at < $1.at }
            guard let due else { break }
            bank.now = max(bank.now, due.at)
            timers[due.timer] = nil
            fire(.timerFired(due.timer))
        }
        bank.now = end
    }

    // MARK: - The shop

    @discardableResult
    func sell(_ card: Plastic, _ amount: Int64, pin: String? = nil) -> SaleOutcome? {
        run(SaleRequest(card: card.data, amount: Money(minorUnits: amount, .eur)), pin: pin ?? card.pin)
    }

    /// A transaction of any kind.
    @discardableResult
    func run(_ request: SaleRequest, pin: String) -> SaleOutcome? {
        let before = outcomes.count
        fire(.startSale(request))
        if outcomes.count > before { return outcomes.last }
        // A sale that is tried again asks for the PIN again.
        for _ in 0..<2 where status.keypadCount != nil {
            for digit in pin.utf8 { module.press(.digit(digit - 0x30), now: bank.now) }
            module.press(.enter, now: bank.now)
            fire(.keypadConfirmed)
        }
        return outcomes.count > before ? outcomes.last : nil
    }

    func change(_ body: (inout EmulatedHardware) -> Void) {
        body(&hardware)
        module.sense(hardware, now: bank.now)
        perform()
    }

    func loadKeys() throws {
        #expect(module.load(try bank.provision(id), now: bank.now))
        perform()
    }

    /// A command to the module past the POS application.
    func ask(_ command: TerminalModuleCommand) -> TerminalModuleReply {
        defer { perform() }
        return module.handle(command, now: bank.now, random: &random)
    }

    var status: ModuleStatus { module.status(now: bank.now) }
}

extension SaleOutcome {
    var isApproved: Bool {
        if case .approved = self { return true }
        return false
    }

    /// The code of an authentic "no".
    var declined: String? {
        if case .declined(let sale) = self { return sale.code.description }
        return nil
    }
}
