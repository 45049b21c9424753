// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A terminal's security module behind its hardware and its store: what the module wants done is done in order, and no
/// reply comes out before.
///
/// Invariants:
/// 1. Effects are performed strictly in order, each durable before the next. The first that fails ends the module's work:
///    no reply, no further effect, `stopped` from then on. A restart goes on from what is durable, where every counter that
///    may have been used is skipped.
/// 2. Of the effects behind a failed one, the destruction of the storage key is done all the same, and tried again at every
///    call until it succeeds: it uses nothing twice, and a full disk must not be able to save the keys of a module that is
///    being opened. A hardware that has been erased comes up TAMPERED, whatever the image says.
/// 3. A latched image is never unsealed; its hardware is erased before anything else happens.
public struct HardwareModule<Hardware: SecureHardware & ~Copyable, Store: ModuleStore>: ~Copyable {
    var module: TerminalSecurityModule
    var hardware: Hardware
    var store: Store
    let random: RandomPool
    /// What ended the module's work.
    public internal(set) var failure: ModuleFailure?
    var isEraseDue = false

    /// What stands around the hardware: nominal, or what a shell has read from sensors beside it. What the hardware measures
    /// itself takes its place; `sense(now:)` lets the module see a change.
    public var surroundings: EmulatedHardware

    /// Evidence leaves with a signature by the hardware's identity key behind it: 64 bytes, r and s, over the SHA-256 of
    /// what stands before.
    public var signsEvidence: Bool

    /// Does what a command asks, or says why not.
    ///
    /// - Throws: when the reply may not leave: an effect, or the hardware, failed.
    public mutating func handle(
        _ command: TerminalModuleCommand, now: Instant
    ) throws(ModuleFailure) -> TerminalModuleReply {
        try look(now)
        let reply = Self.ask(command, &module, &hardware, random, now)
        try settle()
        guard signsEvidence, case .evidence(let bytes, let linkToken) = reply else { return reply }
        let signature = try onHardware { (hardware) throws(HardwareError) in
            try hardware.sign(digest: SHA256.hash(bytes))
        }
        return .evidence(bytes: bytes + signature, linkToken: linkToken)
    }

    private static func ask(
        _ command: TerminalModuleCommand, _ module: inout TerminalSecurityModule, _ hardware: inout Hardware,
        _ pool: RandomPool, _ now: Instant
    ) -> TerminalModuleReply {
        withUnsafeMutablePointer(to: &hardware) { hardware in
            var source = HardwareRandom(pool: pool, hardware: hardware)
            return module.handle(command, now: now, random: &source)
        }
    }

    /// A key of the module's keypad.
    public mutating func press(_ key: KeypadKey, now: Instant) throws(ModuleFailure) -> KeypadEcho {
        try goOn()
        let echo = module.press(key, now: now)
        try settle()
        return echo
    }

    /// Looks at the hardware: what the module finds acts in this step. For an interrupt line and a heartbeat; a hardware
    /// with sensors is looked at before each command besides.
    public mutating func sense(now: Instant) throws(ModuleFailure) {
        try goOn()
        let sensed = try sensed()
        module.sense(sensed, now: now)
        try settle()
    }

    /// Loads keys again into a module whose keys were lost (`TerminalSecurityModule.load`).
    public mutating func load(
        _ provisioning: borrowing ModuleProvisioning, now: Instant
    ) throws(ModuleFailure) -> Bool {
        try goOn()
        let isLoaded = module.load(provisioning, now: now)
        try settle()
        return isLoaded
    }

    /// What the module says of itself; changes nothing.
    public func status(now: Instant) -> ModuleStatus { module.status(now: now) }
    public var auditLog: AuditLog { module.auditLog }
    public var terminalKeys: TerminalKeys { module.terminalKeys }
    public var profile: HardwareProfile { hardware.profile }

    /// The hardware itself, for a bench that sets its sensors; `sense(now:)` lets the module see.
    public mutating func withHardware<R>(_ body: (inout Hardware) throws(HardwareError) -> R) throws(ModuleFailure) -> R
    {
        try onHardware(body)
    }

    // MARK: - Effects

    /// Performs what the last call wants done.
    mutating func settle() throws(ModuleFailure) {
        // A call that was given zeros for random bytes has not happened.
        guard !random.ranDry else { return try stop(.hardware(.unavailable), before: module.takeEffects()[...]) }
        let effects = module.takeEffects()
        for (index, effect) in effects.enumerated() {
            do throws(ModuleFailure) { try perform(effect) } catch { try stop(error, before: effects[index...]) }
        }
    }

    private mutating func perform(_ effect: ModuleEffect) throws(ModuleFailure) {
        switch effect {
        case .store(let image):
            do throws(ModuleStoreError) { try store.store(image: image) } catch { throw .store(error) }
        case .barrier: break  // Safe: each of the others is durable when it returns.
        case .raiseCounter(let value):
            try onHardware { (hardware) throws(HardwareError) in try hardware.raiseCounter(to: value) }
        case .eraseStorageKey: try onHardware { (hardware) throws(HardwareError) in try hardware.erase() }
        }
    }

    /// Ends the module's work.
    private mutating func stop(
        _ failure: ModuleFailure, before left: ArraySlice<ModuleEffect>
    ) throws(ModuleFailure) {
        self.failure = failure
        isEraseDue = left.contains(.eraseStorageKey)
        eraseIfDue()
        throw failure
    }

    private mutating func eraseIfDue() {
        guard isEraseDue else { return }
        do throws(HardwareError) {
            try hardware.erase()
            isEraseDue = false
        } catch {}  // Tried again at the next call.
    }

    /// Whether there is still a module to talk to.
    private mutating func goOn() throws(ModuleFailure) {
        guard failure != nil else { return }
        eraseIfDue()
        throw .stopped
    }

    // MARK: - Hardware

    /// Before each command: the sensors, and enough random bytes. A hardware that gives none is one whose random source is
    /// dead, which the module finds by its own test (H02).
    private mutating func look(_ now: Instant) throws(ModuleFailure) {
        try goOn()
        random.isSilent = false
        do throws(HardwareError) { try random.replenish(from: &hardware) } catch { random.isSilent = true }
        guard random.isSilent || !profile.sensors.isEmpty else { return }
        var sensed = try sensed()
        if random.isSilent { sensed.apply(.random) }
        module.sense(sensed, now: now)
        try settle()
    }

    private mutating func sensed() throws(ModuleFailure) -> EmulatedHardware {
        let surroundings = surroundings
        return try onHardware { (hardware) throws(HardwareError) in try Self.sensed(&hardware, over: surroundings) }
    }

    private mutating func onHardware<R>(
        _ body: (inout Hardware) throws(HardwareError) -> R
    ) throws(ModuleFailure) -> R {
        try Self.onHardware(&hardware, body)
    }
}
