// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

/// A terminal between a fake module and a fake host, with a disk that loses what no barrier has made durable.
struct Rig {
    static let start = Instant(seconds: 1_788_000_000)
    static let pan = PAN("4111111111111111")!

    static func configuration(
        _ profile: KeyProfile = .tdes, _ dialect: TerminalDialect = .iso8583
    ) -> TerminalConfiguration {
        var configuration = TerminalConfiguration(
            terminal: TerminalID("TILL0001")!, merchant: MerchantID(number: 123_456_789_012_345), profile: profile,
            currency: .eur, application: SoftwareVersion(2, 0, 1))
        configuration.dialect = dialect
        return configuration
    }

    /// For days: asks its module every five minutes and repeats as seldom.
    static var unhurried: TerminalConfiguration {
        var configuration = configuration()
        configuration.heartbeatInterval = .minutes(5)
        configuration.retryMax = .minutes(5)
        return configuration
    }

    var terminal: Terminal
    var module: FakeModule
    var host = FakeHost()
    var now = Rig.start
    /// Durable.
    var disk: [[UInt8]] = []
    private var volatile: [[UInt8]] = []
    /// Since the last `clear`.
    var effects: [TerminalEffect] = []
    var timers: [TimerID: Instant] = [:]
    private var commands: [TerminalModuleCommand] = []
    private var messages: [[UInt8]] = []
    var isModuleSilent = false
    var isDiskFull = false
    /// So many records still fit on the disk.
    var recordsLeft: Int?
    /// How often the module was switched off and on, and at which time it answers again.
    var resets = 0
    var revivingReset: Int?
    /// What the store has to say of a rewriting.
    private var storeAnswers: [TerminalEvent] = []
    var isHostSilent = false
    /// Effects that may still be done; the process dies behind the last of them.
    var fuse = Int.max
    /// What the clerk has seen, and what has left, in the life of this rig, across restarts.
    var outcomes: [SaleOutcome] = []
    var settlements: [SettlementOutcome] = []
    var sentSales: [STAN] = []

    var isDead: Bool { fuse <= 0 }
    private var spec: MessageSpec { terminal.configuration.dialect.wire }

    init(_ configuration: TerminalConfiguration = Rig.configuration()) {
        terminal = try! Terminal(configuration: configuration)
        module = FakeModule(profile: configuration.profile)
    }

    /// Powered up, connected and signed on.
    static func ready(_ configuration: TerminalConfiguration = Rig.configuration()) -> Rig {
        var rig = Rig(configuration)
        rig.fire(.powerUp)
        rig.fire(.connected)
        rig.clear()
        return rig
    }

    mutating func clear() { effects = [] }

    /// One event and all that follows from it until module and host have nothing to say.
    mutating func fire(_ event: TerminalEvent) {
        step(event)
        settle()
    }

    /// One event alone.
    mutating func step(_ event: TerminalEvent) {
        guard !isDead else { return }
        let before = terminal
        var produced = terminal.handle(event, now: now)
        let records = produced.count(where: \.isRecord)
        if let left = recordsLeft {
            isDiskFull = isDiskFull || records > left
            recordsLeft = left - records
        }
        if isDiskFull, produced.contains(where: \.isRecord) {
            // Nothing of the step has been done.
            terminal = before
            produced = terminal.handle(.storeFailed, now: now) + terminal.handle(event, now: now)
            #expect(!produced.contains { $0.isRecord }, "a record for a store that fails")
        }
        #expect(terminal.brokenInvariants().isEmpty, "after \(event)")
        for effect in produced {
            fuse -= 1
            perform(effect)
            if isDead { return }
        }
        #expect(volatile.isEmpty, "a step ends durable")
    }

    private mutating func perform(_ effect: TerminalEffect) {
        effects.append(effect)
        switch effect {
        case .persist(let bytes): volatile.append(bytes)
        case .barrier:
            disk += volatile
            volatile = []
        case .send(let bytes):
            #expect(volatile.isEmpty, "a message left before its records were durable")
            if let view = try? MessageView(bytes, spec: spec) {
                #expect(view.missingFields().isEmpty, "\(view.mti)")
                #expect(view.unexpectedFields().isEmpty, "\(view.mti)")
                if view.mti == .financialRequest, view[.processingCode] == 0 { sentSales.append(view[.stan]!) }
            } else {
                Issue.record("the terminal sent what cannot be read")
            }
            if terminal.isConnected { messages.append(bytes) }
        case .rewrite(let bytes):
            if !isDiskFull { disk = [bytes] }
            storeAnswers.append(isDiskFull ? .storeFailed : .storeRestored)
        case .resetModule:
            resets += 1
            if resets == revivingReset { isModuleSilent = false }
        case .module(let command): if !isModuleSilent { commands.append(command) }
        case .setTimer(let timer, let interval): timers[timer] = now + interval
        case .cancelTimer(let timer): timers[timer] = nil
        case .outcome(let outcome):
            #expect(volatile.isEmpty, "an outcome was told before it was durable")
            outcomes.append(outcome)
        case .settlement(let outcome):
            #expect(volatile.isEmpty, "an outcome was told before it was durable")
            settlements.append(outcome)
        case .hangUp: timers[.answer] = nil
        case .chip, .show, .halt, .log: break
        }
    }

    mutating func settle() {
        while !isDead, !(commands.isEmpty && messages.isEmpty && storeAnswers.isEmpty) {
            if !storeAnswers.isEmpty {
                step(storeAnswers.removeFirst())
            } else if !commands.isEmpty {
                let reply = module.perform(commands.removeFirst(), now: now)
                step(.moduleReply(reply))
            } else {
                let answer = host.answer(messages.removeFirst(), spec)
                if !isHostSilent, terminal.isConnected, let answer { step(.messageReceived(answer)) }
            }
        }
    }

    /// Lets time pass, firing the timers that come due, in order.
    mutating func wait(_ interval: Interval) {
        let end = now + interval
        while !isDead {
            let due = TimerID.allCases.compactMap { id in timers[id].map { (id, $0) } }.filter { $0.1 <= end }
            guard let next = due.min(by: { ($0.1, $0.0.rawValue) < ($1.1, $1.0.rawValue) }) else { break }
            timers[next.0] = nil
            now = max(now, next.1)
            fire(.timerFired(next.0))
        }
        now = end
    }

    /// The process is gone, and with it what was not durable; a new one starts from the disk. The module goes on.
    mutating func restart(_ configuration: TerminalConfiguration? = nil) throws {
        volatile = []
        storeAnswers = []
        commands = []
        // What has left is with the host; its answers find nobody.
        for message in messages { _ = host.answer(message, spec) }
        messages = []
        timers = [:]
        fuse = .max
        module.keypadCount = nil
        terminal = try Terminal(configuration: configuration ?? terminal.configuration, journal: disk)
        clear()
    }

    /// A crash and the start behind it.
    mutating func crash() throws {
        try restart()
        fire(.powerUp)
        fire(.connected)
    }

    static func sale(_ minorUnits: Int64 = 1_250, wantsPIN: Bool = true) -> SaleRequest {
        SaleRequest(
            card: CardData(pan: pan, expiry: CardExpiry(year: 28, month: 12)!, entry: .chip),
            amount: Money(minorUnits: minorUnits, .eur), wantsPIN: wantsPIN)
    }

    static func request(
        _ kind: TransactionKind, _ minorUnits: Int64 = 1_250, of original: OriginalReference? = nil
    ) -> SaleRequest {
        var request = sale(kind == .balance ? 0 : minorUnits)
        request.kind = kind
        request.original = original
        return request
    }

    /// A sale as far as it goes by itself.
    mutating func sell(_ request: SaleRequest = Rig.sale()) {
        fire(.startSale(request))
        if request.needsKeypad { fire(.keypadConfirmed) }
    }

    /// The messages sent since the last `clear`, read.
    var sent: [MessageView] {
        effects.compactMap {
            if case .send(let bytes) = $0 { try? MessageView(bytes, spec: spec) } else { nil }
        }
    }

    var outcome: SaleOutcome? {
        effects.compactMap { if case .outcome(let outcome) = $0 { outcome } else { nil } }.last
    }

    var halts: [[WarningCode]] {
        effects.compactMap { if case .halt(let codes) = $0 { codes } else { nil } }
    }

    var logs: [TerminalLogCode] {
        effects.compactMap { if case .log(let code) = $0 { code } else { nil } }
    }

    var shown: [DisplayLine.Source] {
        effects.compactMap { if case .show(let line) = $0 { line.source } else { nil } }
    }
}

extension TerminalEffect {
    var isRecord: Bool { if case .persist = self { true } else { false } }
    var isRewriting: Bool { if case .rewrite = self { true } else { false } }
}
