// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import Vocabulary

/// One terminal of the simulated estate: the real POS core and the real module core over files that forget whatever was
/// not made durable, and hardware that can be broken.
final class SimulatedTerminal {
    let configuration: TerminalConfiguration
    private let storageKey: SecretKey
    private(set) var hardware: EmulatedHardware
    private var image: [UInt8]
    private var keyErased = false
    private var durableJournal: [[UInt8]] = []
    private var pendingJournal: [[UInt8]] = []

    private(set) var terminal: Terminal
    private(set) var module: TerminalSecurityModule
    private var random: SeededRandom
    /// Rises with every restart and every cut of the line: what was under way before belongs to nobody.
    private(set) var lineEpoch: UInt32 = 0
    private(set) var powerEpoch: UInt32 = 0
    var isConnected = false
    /// Sales whose end the clerk has seen, or the journal told after a restart.
    private(set) var approved: [ApprovedSale] = []
    private(set) var outcomes: [SaleOutcome] = []
    private(set) var settlements: [SettlementOutcome] = []
    /// The batch that was last looked at, and how much was in it.
    private var noted: (batch: UInt32, count: Int) = (0, 0)
    /// Its algorithms have failed once: the next time within seven days it would go to the service centre.
    var hasFailedSelfTest = false

    /// What the world does for the terminal.
    enum Wish {
        case send([UInt8])
        case timer(TimerID, Interval)
        case cancel(TimerID)
        case hangUp
    }

    init?(
        _ configuration: TerminalConfiguration, provisioning: borrowing ModuleProvisioning, seed: UInt64, now: Instant
    ) {
        self.configuration = configuration
        random = SeededRandom(seed: seed)
        hardware = EmulatedHardware(firmware: provisioning.firmware)
        storageKey = SecretKey.random(count: 32)
        guard let terminal = try? Terminal(configuration: configuration),
            let module = TerminalSecurityModule(
                provisioning: provisioning, storageKey: storageKey, hardware: hardware, now: now)
        else { return nil }
        self.terminal = terminal
        self.module = module
        image = []
        performModuleEffects()
    }

    // MARK: - Running

    /// Handles an event and all that follows from it.
    /// - Parameter cutAt: the power fails before the effect of this number; nil: it does not.
    /// - Returns: what the world must do, and whether the power failed.
    func handle(_ event: TerminalEvent, now: Instant, cutAt: Int? = nil) -> (wishes: [Wish], cut: Bool) {
        // Before the event that may close it.
        noteBatch()
        var inbox = [event]
        var wishes: [Wish] = []
        var step = 0
        while !inbox.isEmpty {
            for effect in terminal.handle(inbox.removeFirst(), now: now) {
                if step == cutAt { return (wishes, true) }
                step += 1
                switch effect {
                case .send(let message): if isConnected { wishes.append(.send(message)) }
                case .module(let command):
                    guard hardware.connectorSeated else { continue }
                    let reply = module.handle(command, now: now, random: &random)
                    performModuleEffects()
                    inbox.append(.moduleReply(reply))
                case .persist(let record): pendingJournal.append(record)
                case .barrier:
                    durableJournal += pendingJournal
                    pendingJournal = []
                case .setTimer(let timer, let interval): wishes.append(.timer(timer, interval))
                case .cancelTimer(let timer): wishes.append(.cancel(timer))
                case .outcome(let outcome): note(outcome)
                case .settlement(let outcome): settlements.append(outcome)
                case .hangUp: wishes.append(.hangUp)
                case .resetModule: resetModule(now: now)
                // The simulated disk is never full.
                case .rewrite(let snapshot): durableJournal = [snapshot]
                case .chip, .show, .halt, .log: break
                }
            }
        }
        return (wishes, false)
    }

    private func note(_ outcome: SaleOutcome) {
        outcomes.append(outcome)
        if case .approved(let sale) = outcome { handOut(sale) }
    }

    /// Refunds that were answered after the clerk had been told to wait are in the batch and in no outcome.
    func noteBatch() {
        guard noted != (terminal.batchNumber, terminal.batch.count) else { return }
        noted = (terminal.batchNumber, terminal.batch.count)
        for entry in terminal.batch {
            handOut(
                ApprovedSale(
                    stan: entry.stan, amount: entry.amount, approvalCode: entry.approvalCode,
                    rrn: entry.rrn?.description ?? "", at: entry.at))
        }
    }

    private func handOut(_ sale: ApprovedSale) {
        if !approved.contains(where: { $0.stan == sale.stan && $0.at == sale.at }) {
            approved.append(sale)
        }
    }

    private func performModuleEffects() {
        for effect in module.takeEffects() {
            switch effect {
            case .store(let bytes): image = bytes
            case .barrier: break
            case .raiseCounter(let value): hardware.raiseCounter(to: value)
            case .eraseStorageKey: keyErased = true
            }
        }
    }

    /// Keys of the cardholder, pressed when the keypad is open.
    func press(_ keys: [KeypadKey], now: Instant) -> (wishes: [Wish], cut: Bool) {
        var wishes: [Wish] = []
        for key in keys {
            if case .entered = module.press(key, now: now), key == .enter {
                wishes += handle(.keypadConfirmed, now: now).wishes
            }
        }
        return (wishes, false)
    }

    // MARK: - Power, line, hardware

    /// Takes the power away and gives it back: everything that was not durable is gone.
    /// - Returns: false when the journal or the image does not come back, which must never be.
    func restart(now: Instant) -> Bool {
        powerEpoch += 1
        cutLine()
        pendingJournal = []
        guard let terminal = try? Terminal(configuration: configuration, journal: durableJournal),
            openModule(stored: terminal.sealedTail, now: now)
        else { return false }
        self.terminal = terminal
        // A sale that was completed durably was handed out, whether or not the clerk saw the last line.
        if case .approved(let sale) = terminal.lastSale { handOut(sale) }
        noteBatch()
        return true
    }

    private func openModule(stored: [SealedItem], now: Instant) -> Bool {
        let key = keyErased ? SecretKey.random(count: 32) : storageKey.copy()
        guard
            let module = TerminalSecurityModule(sealedState: image, storageKey: key, hardware: hardware, now: now)
        else { return false }
        self.module = module
        performModuleEffects()
        return self.module.resumeJournal(stored.map(\.bytes))
    }

    /// An unseated module gets no power to be switched off and on with.
    private func resetModule(now: Instant) {
        guard hardware.connectorSeated else { return }
        // An image that does not come back shows at the next restart.
        _ = openModule(stored: terminal.sealedTail, now: now)
    }

    func cutLine() {
        lineEpoch += 1
        isConnected = false
    }

    func change(now: Instant, _ body: (inout EmulatedHardware) -> Void) {
        body(&hardware)
        module.sense(hardware, now: now)
        performModuleEffects()
    }

    /// An authorised technician loads keys again.
    func load(_ provisioning: borrowing ModuleProvisioning, now: Instant) -> Bool {
        let loaded = module.load(provisioning, now: now)
        performModuleEffects()
        return loaded
    }
}
