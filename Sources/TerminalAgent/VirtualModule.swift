// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// A virtual terminal's security module with its emulated hardware, over a store.
///
/// Effects are performed in order, each durable before the next. The first that fails ends the module's work: no reply
/// comes out, no effect behind it is done, and only a new `VirtualModule` over what is durable goes on. The destruction of
/// the storage key is the exception: it is done all the same and tried again at every call, so that a full disk cannot save
/// the keys of a module that is being opened.
final class VirtualModule {
    private let store: any TerminalStore
    private let loader: VirtualLoader?
    private(set) var hardware: EmulatedHardware
    private var module: TerminalSecurityModule
    private var random = SystemRandom()
    private var hasFailed = false
    private var isEraseDue = false

    /// Opens the module, or personalises a new one.
    ///
    /// - Parameters:
    ///   - journal: the sealed records that the POS application has stored.
    ///   - provision: the key-loading facility; asked only when there has never been a module here.
    ///   - loader: measures its software; nil where no supplier's key is pinned.
    /// - Throws: for files that are damaged or do not belong together. Nothing is made anew then: a counter would fall back.
    init(
        _ store: any TerminalStore, journal: [[UInt8]] = [], now: Instant, loader: VirtualLoader? = nil,
        provision: () throws -> ModuleProvisioning
    ) throws {
        self.store = store
        self.loader = loader
        let sensed = try store.hardware()
        if let image = try store.image() {
            guard let sensed else { throw TerminalFilesError.missing("hardware") }
            hardware = sensed
            module = try Self.open(image, store, sensed, now)
            module.resumeJournal(journal)
        } else {
            // Hardware without an image is what a personalisation left that was cut.
            guard (sensed?.nvCounter ?? 0) == 0 else { throw TerminalFilesError.missing("module.image") }
            let provisioning = try provision()
            let made = EmulatedHardware(firmware: provisioning.firmware)
            try store.store(made)
            hardware = made
            module = try Self.personalise(provisioning, store, made, now)
            try loader?.present(to: &module, now: now)
        }
        try loader?.measure(for: &module, now: now)
        try settle()
    }

    private static func open(
        _ image: [UInt8], _ store: any TerminalStore, _ hardware: EmulatedHardware, _ now: Instant
    ) throws -> TerminalSecurityModule {
        guard let key = try store.storageKey(makeIfAbsent: false) else {
            // Its hardware has destroyed the key: TAMPERED, whatever the image says.
            guard let module = TerminalSecurityModule(erasedState: image, hardware: hardware, now: now) else {
                throw TerminalFilesError.imageRefused
            }
            return module
        }
        guard
            let module = TerminalSecurityModule(sealedState: image, storageKey: key, hardware: hardware, now: now)
        else { throw TerminalFilesError.imageRefused }
        return module
    }

    private static func personalise(
        _ provisioning: borrowing ModuleProvisioning, _ store: any TerminalStore, _ hardware: EmulatedHardware,
        _ now: Instant
    ) throws -> TerminalSecurityModule {
        guard let key = try store.storageKey(makeIfAbsent: true),
            let module = TerminalSecurityModule(
                provisioning: provisioning, storageKey: key, hardware: hardware, now: now)
        else { throw TerminalFilesError.provisioningRefused(serial: provisioning.serial) }
        return module
    }

    // MARK: - Work

    func handle(_ command: TerminalModuleCommand, now: Instant) throws -> TerminalModuleReply {
        try goOn()
        if let loader, loader.isMeasurementDue(now) { try loader.measure(for: &module, now: now) }
        let reply = module.handle(command, now: now, random: &random)
        try settle()
        return reply
    }

    /// One key of the module's keypad.
    func press(_ key: KeypadKey, now: Instant) throws -> KeypadEcho {
        try goOn()
        let echo = module.press(key, now: now)
        try settle()
        return echo
    }

    /// Changes the hardware as somebody with a screwdriver would; the module finds out by itself, in this step.
    func change(now: Instant, _ body: (inout EmulatedHardware) -> Void) throws {
        try goOn()
        var changed = hardware
        body(&changed)
        try store.store(changed)
        hardware = changed
        module.sense(changed, now: now)
        try settle()
    }

    /// Has the module do something, and performs what follows from it, whether it did it or refused.
    func act<R>(_ body: (inout TerminalSecurityModule) throws -> R) throws -> R {
        try goOn()
        let result = Result { try body(&module) }
        try settle()
        return try result.get()
    }

    /// Switches the module off in order: its next start does not count as a crash (S02).
    func shutDown(now: Instant) throws {
        try goOn()
        module.shutDown(now: now)
        try settle()
    }

    /// Starts it, where its loader has not done that.
    func powerUp(now: Instant) throws {
        guard loader == nil else { return }
        try goOn()
        module.powerUp(now: now)
        try settle()
    }

    /// Has the next version of its software tried. Nothing is tried where no supplier's key is pinned.
    func update(now: Instant) throws {
        try goOn()
        try loader?.update(&module, now: now)
        try settle()
    }

    /// Opens the keypad for a supervisor's passcode.
    ///
    /// - Returns: why it stays closed.
    func beginSupervisor(_ number: UInt8, _ purpose: SupervisorPurpose, now: Instant) throws -> SupervisorRefusal? {
        try goOn()
        var refusal: SupervisorRefusal?
        do throws(SupervisorRefusal) { try module.beginSupervisorEntry(number, purpose, now: now) } catch {
            refusal = error
        }
        try settle()
        return refusal
    }

    /// Hashes a passcode that was confirmed at the keypad and has it compared. The try is durable before.
    ///
    /// - Returns: nil when no supervisor has confirmed a passcode.
    func concludeSupervisor(now: Instant) throws -> SupervisorOutcome? {
        try goOn()
        guard let check = module.takeSupervisorCheck(now: now, random: &random) else {
            try settle()
            return nil
        }
        try settle()
        let outcome = module.conclude(check.run(), now: now)
        try settle()
        return outcome
    }

    /// The slots that hold a key, by name.
    var keySlots: [String] { module.heldKeySlots.map { "\($0)" } }

    /// What the module says of itself; changes nothing.
    func status(now: Instant) -> ModuleStatus { module.status(now: now) }

    // MARK: - Effects

    private func settle() throws {
        let effects = module.takeEffects()
        for (index, effect) in effects.enumerated() {
            do { try perform(effect) } catch {
                hasFailed = true
                isEraseDue = effects[index...].contains(.eraseStorageKey)
                eraseIfDue()
                throw error
            }
        }
    }

    private func perform(_ effect: ModuleEffect) throws {
        switch effect {
        case .store(let image): try store.store(image: image)
        case .barrier: break  // Safe: each of the others is durable when it returns.
        case .raiseCounter(let value):
            var raised = hardware
            raised.raiseCounter(to: value)
            try store.store(raised)
            hardware = raised
        case .eraseStorageKey: try store.eraseStorageKey()
        }
    }

    private func goOn() throws {
        guard hasFailed else { return }
        eraseIfDue()
        throw TerminalFilesError.stopped
    }

    private func eraseIfDue() {
        guard isEraseDue else { return }
        do {
            try store.eraseStorageKey()
            isEraseDue = false
        } catch {}  // Tried again at the next call.
    }
}
