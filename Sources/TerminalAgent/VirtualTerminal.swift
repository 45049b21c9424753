// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Logging
import ModuleProtocol
import NIOCore
import SecurityModule
import Terminal
import Vocabulary

/// One virtual terminal: a POS application and a security module that share nothing but commands, a line to the host, and
/// files that stand for their memories. Confined to one event loop.
///
/// Invariants:
/// 1. The records of a step are durable before anything else of it is done; a step whose records cannot be stored is not
///    made, and the application learns of its store instead (P02).
/// 2. A module that has failed answers nothing until it is opened anew from what is durable (L01).
/// 3. Damage in one terminal's files stops that terminal and nothing else: it says why, and keeps the files.
final class VirtualTerminal {
    let id: TerminalID
    let loop: any EventLoop
    let host: HostAddress
    let store: any TerminalStore
    let logger: Logger
    let now: @Sendable () -> Instant
    private let witness: (@Sendable (TerminalID) -> Void)?
    var provision: @Sendable (ModuleUnit) throws -> ModuleProvisioning
    /// Measures the module's software; nil where no supplier's key is pinned.
    let loader: VirtualLoader?
    /// What the terminal is set up with where nobody has tampered with that.
    let commissioned: TerminalConfiguration
    var random = SystemRandom()

    var terminal: Terminal
    /// Nil while its files cannot be used.
    private(set) var unit: VirtualModule?
    /// Why there is no module, or none that works.
    private(set) var outage: String?
    /// Which module a new one would be.
    var moduleUnit = ModuleUnit.own
    /// The module hears and says nothing: the bench's.
    var isModuleSilent = false
    /// What became of the last passcode or component that was confirmed at the keypad.
    var keypadOutcome: String?

    /// The application as a rogue one is made from it.
    var kept: (application: Terminal, since: Instant)?
    /// Sales that a rogue one has had protected.
    var loots: Int64 = 0

    var channel: (any Channel)?
    /// What is wrong with the line.
    var link: LinkFault.Damage?
    var reconnectDelay = Int64(200)
    private var timers: [TimerID: Scheduled<Void>] = [:]
    private var inbox: [TerminalEvent] = []
    private var isHandling = false
    var isStopped = false
    private var recordCount = 0

    var line = DisplayLine.text("terminal.wait")
    var lastOutcome: SaleOutcome?
    var lastSettlement: SettlementOutcome?
    var outcomeWaiters: [EventLoopPromise<SaleOutcome>] = []

    /// The journal is replaced by its snapshot after this many records.
    private static let recordsMax = 512

    /// Opens a terminal, or personalises a new one.
    /// - Parameters:
    ///   - witness: hears of each step once it is durable and before anything that hangs on it is done.
    ///   - provision: the key-loading facility; asked only when there is no module in the files yet.
    init(
        _ configuration: TerminalConfiguration, store: any TerminalStore, host: HostAddress, loop: any EventLoop,
        logger: Logger, now: @escaping @Sendable () -> Instant, witness: (@Sendable (TerminalID) -> Void)?,
        loader: VirtualLoader? = nil,
        provision: @escaping @Sendable (ModuleUnit) throws -> ModuleProvisioning
    ) {
        id = configuration.terminal
        commissioned = configuration
        self.loop = loop
        self.host = host
        self.store = store
        self.logger = logger
        self.now = now
        self.witness = witness
        self.loader = loader
        self.provision = provision
        terminal = Terminal(configuration: configuration, salvaging: [])
        openTerminal(configuration)
        openModule()
    }

    /// Makes the terminal as its journal left it. What cannot be read is kept aside, and the terminal comes up stopped.
    func openTerminal(_ configuration: TerminalConfiguration) {
        var read: [[UInt8]] = []
        do {
            let reading = try store.journal()
            read = reading.records
            recordCount = read.count
            if !reading.isDamaged {
                terminal = try Terminal(configuration: configuration, journal: read)
                return
            }
            logger.error("a terminal's journal is damaged", metadata: ["terminal": "\(id)"])
        } catch {
            logger.error(
                "a terminal's journal cannot be read", metadata: ["terminal": "\(id)", "error": "\(error)"])
        }
        terminal = Terminal(configuration: configuration, salvaging: read)
        recordCount = 0
        do { try store.setJournalAside() } catch {
            // Nothing may be written behind what is damaged: the store fails until it is rewritten, which replaces it.
            logger.error(
                "a terminal's journal cannot be set aside", metadata: ["terminal": "\(id)", "error": "\(error)"])
            inbox.append(.storeFailed)
        }
    }

    /// Opens the module anew from what is durable.
    func openModule() {
        do {
            unit = try VirtualModule(
                store, journal: terminal.sealedTail.map(\.bytes), now: now(), loader: loader
            ) { try provision(moduleUnit) }
            outage = nil
        } catch {
            unit = nil
            noteOutage(error)
        }
    }

    private func noteOutage(_ error: any Error) {
        outage = "\(error)"
        logger.error("a terminal's module is out of service", metadata: ["terminal": "\(id)", "error": "\(error)"])
    }

    // MARK: - Running

    func start() {
        handle(.powerUp)
        connect()
    }

    func stop() {
        guard !isStopped else { return }
        switchOff()
        isStopped = true
        cancelTimers()
        channel?.close(promise: nil)
    }

    /// Terminal and module are switched off in order: their next start does not count as a crash (P02, S02).
    func switchOff() {
        handle(.shutDown)
        withModule { try $0.shutDown(now: now()) }
    }

    func cancelTimers() {
        for timer in timers.values { timer.cancel() }
        timers = [:]
    }

    /// Hands an event to the terminal, and everything that follows from it, in order.
    func handle(_ event: TerminalEvent) {
        inbox.append(event)
        guard !isHandling else { return }
        isHandling = true
        while !inbox.isEmpty { take(inbox.removeFirst()) }
        isHandling = false
    }

    private func take(_ event: TerminalEvent) {
        let before = terminal
        var effects = terminal.handle(event, now: now())
        if !makeDurable(effects) {
            terminal = before
            effects = terminal.handle(.storeFailed, now: now()) + terminal.handle(event, now: now())
        }
        for effect in effects { perform(effect) }
    }

    /// - Returns: false, and nothing is stored, where the records of a step do not go into the journal.
    private func makeDurable(_ effects: [TerminalEffect]) -> Bool {
        let records = effects.compactMap { if case .persist(let record) = $0 { record } else { nil } }
        guard !records.isEmpty else { return true }
        do { try store.append(records) } catch {
            logger.error("a terminal's journal failed", metadata: ["terminal": "\(id)", "error": "\(error)"])
            return false
        }
        recordCount += records.count
        witness?(id)
        if recordCount > Self.recordsMax { _ = rewrite(terminal.snapshot()) }
        return true
    }

    private func rewrite(_ snapshot: [UInt8]) -> Bool {
        do { try store.rewrite(snapshot) } catch {
            // The old journal stands, and holds all that the snapshot does where it was whole.
            logger.error(
                "a terminal's journal was not rewritten", metadata: ["terminal": "\(id)", "error": "\(error)"])
            return false
        }
        recordCount = 1
        return true
    }

    private func perform(_ effect: TerminalEffect) {
        switch effect {
        case .send(let message): send(message)
        case .module(let command): ask(command)
        // Safe: every record of the step was made durable ahead of its effects.
        case .persist, .barrier: break
        case .rewrite(let snapshot): inbox.append(rewrite(snapshot) ? .storeRestored : .storeFailed)
        case .resetModule: resetModule()
        case .setTimer(let timer, let interval): set(timer, interval)
        case .cancelTimer(let timer): timers.removeValue(forKey: timer)?.cancel()
        case .show(let line): self.line = line
        // The virtual terminal's cards have no chip.
        case .chip: break
        case .outcome(let outcome):
            lastOutcome = outcome
            for waiter in outcomeWaiters { waiter.succeed(outcome) }
            outcomeWaiters = []
        case .settlement(let outcome): lastSettlement = outcome
        case .hangUp: hangUp()
        case .halt(let codes):
            logger.notice(
                "a terminal stopped",
                metadata: ["terminal": "\(id)", "warnings": "\(codes.map(\.rawValue).joined(separator: ","))"])
        case .log(let code): logger.debug("terminal", metadata: ["terminal": "\(id)", "event": "\(code)"])
        }
    }

    private func set(_ timer: TimerID, _ interval: Interval) {
        timers[timer]?.cancel()
        timers[timer] = loop.assumeIsolated().scheduleTask(in: .microseconds(interval.microseconds)) { [weak self] in
            guard let self, !self.isStopped else { return }
            self.timers[timer] = nil
            self.handle(.timerFired(timer))
        }
    }

    // MARK: - Module

    /// The link between POS application and module: an unseated connector carries nothing.
    private func ask(_ command: TerminalModuleCommand) {
        guard !isModuleSilent else { return }
        withModule { unit in
            guard unit.hardware.connectorSeated else { return }
            inbox.append(.moduleReply(try unit.handle(command, now: now())))
        }
    }

    /// The module's power off and on: nothing reaches one that hangs or is unseated.
    private func resetModule() {
        guard !isModuleSilent, unit?.hardware.connectorSeated ?? true else { return }
        // One that has failed is switched off without an orderly end.
        do { try unit?.shutDown(now: now()) } catch {}
        openModule()
    }

    /// Nothing comes out of a module that fails: the application sees it gone.
    func withModule(_ body: (VirtualModule) throws -> Void) {
        guard let unit else { return }
        do { try body(unit) } catch { moduleFailed(error) }
    }

    func moduleFailed(_ error: any Error) {
        noteOutage(error)
        if isHandling { inbox.append(.moduleLost) } else { handle(.moduleLost) }
    }

    /// One key of the module's keypad. The application learns how many digits there are, and that ENTER was pressed.
    func press(_ key: KeypadKey) {
        var pressed: KeypadEcho?
        withModule { pressed = try $0.press(key, now: now()) }
        guard let echo = pressed else { return }
        switch (echo, key) {
        case (.entered, .enter):
            concludeEntry()
            handle(.keypadConfirmed)
        case (.cancelled, _): handle(.cancel)
        default: break
        }
    }
}
