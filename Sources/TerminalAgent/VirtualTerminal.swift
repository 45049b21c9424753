// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Logging
import ModuleProtocol
import NIOCore
import PaymentCryptography
import SecurityModule
import Terminal
import Vocabulary

/// One virtual terminal: a POS application and a security module that share nothing but commands, a line to the host, and
/// files that stand for their memories. Confined to one event loop.
final class VirtualTerminal {
    let id: TerminalID
    let loop: any EventLoop
    let host: HostAddress
    private let files: TerminalFiles
    private let logger: Logger
    let now: @Sendable () -> Instant
    private let witness: (@Sendable (TerminalID) -> Void)?
    var random = SystemRandom()

    var terminal: Terminal
    var module: TerminalSecurityModule
    var hardware: EmulatedHardware

    var channel: (any Channel)?
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
        _ configuration: TerminalConfiguration, files: TerminalFiles, host: HostAddress, loop: any EventLoop,
        logger: Logger, now: @escaping @Sendable () -> Instant, witness: (@Sendable (TerminalID) -> Void)?,
        provision: () throws -> ModuleProvisioning
    ) throws {
        id = configuration.terminal
        self.loop = loop
        self.host = host
        self.files = files
        self.logger = logger
        self.now = now
        self.witness = witness
        let records = try files.records()
        recordCount = records.count
        terminal = try Terminal(configuration: configuration, journal: records)
        if let image = try files.image, let hardware = try files.hardware() {
            self.hardware = hardware
            module = try Self.open(image, files, hardware, at: now())
        } else {
            let provisioning = try provision()
            hardware = EmulatedHardware(firmware: provisioning.firmware)
            try files.store(hardware)
            module = try Self.personalise(provisioning, files, hardware, at: now())
        }
        performModuleEffects()
    }

    private static func open(
        _ image: [UInt8], _ files: TerminalFiles, _ hardware: EmulatedHardware, at now: Instant
    ) throws -> TerminalSecurityModule {
        // A tampered module has no storage key any more; its latch is believed without one.
        let key = try files.storageKey(makeIfAbsent: false) ?? SecretKey.random(count: 32)
        guard
            let module = TerminalSecurityModule(
                sealedState: image, storageKey: key, hardware: hardware, now: now)
        else { throw TerminalFilesError.imageRefused("module.image") }
        return module
    }

    private static func personalise(
        _ provisioning: borrowing ModuleProvisioning, _ files: TerminalFiles, _ hardware: EmulatedHardware,
        at now: Instant
    ) throws -> TerminalSecurityModule {
        guard let key = try files.storageKey(makeIfAbsent: true),
            let module = TerminalSecurityModule(
                provisioning: provisioning, storageKey: key, hardware: hardware, now: now)
        else { throw TerminalFilesError.provisioningRefused("\(provisioning.serial)") }
        return module
    }

    // MARK: - Running

    func start() {
        handle(.powerUp)
        connect()
    }

    /// - Parameter inOrder: the module is shut down, so that its start does not count as a crash (S02). False when the
    ///   files have failed and nothing can be stored any more.
    func stop(inOrder: Bool = true) {
        if inOrder, !isStopped {
            module.shutDown(now: now())
            performModuleEffects()
        }
        isStopped = true
        for id in TimerID.allCases { timers[id]?.cancel() }
        channel?.close(promise: nil)
    }

    /// Hands an event to the terminal, and everything that follows from it, in order.
    func handle(_ event: TerminalEvent) {
        inbox.append(event)
        guard !isHandling else { return }
        isHandling = true
        while !inbox.isEmpty {
            let event = inbox.removeFirst()
            for effect in terminal.handle(event, now: now()) { perform(effect) }
        }
        isHandling = false
    }

    private func perform(_ effect: TerminalEffect) {
        switch effect {
        case .send(let message): send(message)
        case .module(let command): ask(command)
        case .persist(let record): persist(record)
        case .barrier:
            durably {
                try files.sync()
                witness?(id)
            }
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

    /// What cannot be made durable must not be acted on: the terminal is out of service from here on.
    private func durably(_ body: () throws -> Void) {
        do { try body() } catch {
            logger.error("a terminal's files failed", metadata: ["terminal": "\(id)", "error": "\(error)"])
            stop(inOrder: false)
        }
    }

    private func persist(_ record: [UInt8]) {
        durably {
            try files.append(record)
            recordCount += 1
            guard recordCount > Self.recordsMax else { return }
            try files.compact(to: terminal.snapshot())
            recordCount = 1
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
        guard hardware.connectorSeated else { return }
        let reply = module.handle(command, now: now(), random: &random)
        performModuleEffects()
        inbox.append(.moduleReply(reply))
    }

    private func performModuleEffects() {
        for effect in module.takeEffects() {
            durably {
                switch effect {
                case .store(let image): try files.store(image: image)
                case .barrier: break  // Safe: each of the others is durable when it returns.
                case .raiseCounter(let value):
                    hardware.raiseCounter(to: value)
                    try files.store(hardware)
                case .eraseStorageKey: try files.eraseStorageKey()
                }
            }
        }
    }

    /// Changes the hardware as somebody with a screwdriver would; the module finds out by itself, in this step.
    func change(_ body: (inout EmulatedHardware) -> Void) {
        body(&hardware)
        durably { try files.store(hardware) }
        module.sense(hardware, now: now())
        performModuleEffects()
        // The module's interrupt line: the application asks for its status at once instead of at the next heartbeat.
        handle(.timerFired(.heartbeat))
    }

    /// One key of the module's keypad. The application learns how many digits there are, and that ENTER was pressed.
    func press(_ key: KeypadKey) {
        switch (module.press(key, now: now()), key) {
        case (.entered, .enter): handle(.keypadConfirmed)
        case (.cancelled, _): handle(.cancel)
        default: break
        }
    }
}
