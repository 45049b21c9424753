// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The security module in a card terminal, over an emulated hardware: PIN encryption, message authentication, its own
/// health, and the proof of it.
///
/// A value without clock, file or socket. A shell senses the hardware, hands in commands and keys, and after each call
/// performs `takeEffects()` in order before it lets the reply out.
///
/// Invariants:
/// 1. Outside `keys`, `keypad`, `transaction` and `previousSession` there is no secret, and each of those is wiped when let go.
/// 2. A stored image never allows a DUKPT counter, a health counter or an event counter to be used twice: it is written
///    with the counters as they will be `Reserve.messages` messages later, and replaced before those are used up.
/// 3. Once `record.latch` is set nothing clears it, no key is held, and only the status is answered.
/// 4. A raised warning acts in the step that raised it.
public struct TerminalSecurityModule: ~Copyable, Sendable {
    /// How much is reserved by a stored image.
    enum Reserve {
        static let messages = 16
        static let pins = 4
    }

    /// What the last attestation said: the ticket must answer it.
    struct Attestation: Sendable {
        var nonce: [UInt8]
        var eventCounter: UInt32
        var at: Instant
    }

    var record: ModuleRecord
    var keys: ModuleKeys
    var hardware: EmulatedHardware
    var keypad = Keypad()
    /// The keys of the message protected last, for its answer.
    var transaction: TransactionKeys?
    /// Session profiles: the session before the last key download, until an answer comes under the new one.
    var previousSession: SessionKeys?
    var attestation: Attestation?
    var noise = NoiseTest()
    var noiseTestDue = true
    /// Samples of the noise source since the module was made.
    var samplesDrawn: UInt64 = 0
    var duties: ModuleDuties
    var measurement: Measurement?
    /// A supervisor's passcode that is entered or verified.
    var supervision = Supervision()
    var ceremony = KeyLoadingCeremony()
    var transport = KeyTransport()
    var isPoweredUp = false
    /// The stored image was older than the hardware's counter (H04).
    var imageIsStale = false
    /// Slots whose stored key did not come back as it was stored (H03).
    var corruptSlots: [KeySlot] = []
    var answerFailures = 0
    var flaps = SlidingCount(limit: HardwareLimits.flapsMax + 1, within: .minutes(10))
    var misuse = SlidingCount(limit: 10, within: .seconds(60))
    var messagesReserved = 0
    var pinsReserved = 0
    var isDirty = true
    var effects: [ModuleEffect] = []
    var journalAtRest = JournalAtRest()

    /// Personalises a new module: COMMISSIONED, without a lease.
    ///
    /// - Parameter storageKey: seals the stored image; 16 or 32 random bytes of the terminal's own.
    /// - Returns: nil when the provisioned keys are not those of a module.
    public init?(
        provisioning: borrowing ModuleProvisioning, storageKey: borrowing SecretKey, hardware: EmulatedHardware,
        now: Instant
    ) {
        record = ModuleRecord(keys: provisioning.keys, serial: provisioning.serial, clock: now)
        record.version = hardware.nvCounter
        keys = ModuleKeys(storage: storageKey)
        self.hardware = hardware
        duties = ModuleDuties(at: now)
        transaction = nil
        do { try install(provisioning, now) } catch { return nil }
        record.software.supplier = provisioning.supplier
        record.signer = provisioning.signer
        append(.keysLoaded, actor: .custodian, at: now)
        flush()
    }

    init(record: ModuleRecord, keys: consuming ModuleKeys, hardware: EmulatedHardware) {
        self.record = record
        self.keys = keys
        self.hardware = hardware
        duties = ModuleDuties(at: record.clock)
        transaction = nil
    }

    /// Starts the module: every self-test, then a look at every sensor. The first command does it if nobody else has.
    public mutating func powerUp(now: Instant) {
        isPoweredUp = true
        let now = tick(now)
        guard record.latch == nil else { return flush() }
        duties = ModuleDuties(at: now)
        let isCrashLoop = record.boots.start(at: now)
        record.audit.countBoot()
        append(.poweredUp, at: now)
        noiseTestDue = true
        detectTampering(now)
        if record.latch == nil {
            if isCrashLoop { raise(.s02, now) }
            noteStart(now)
            checkStoredState(now)
            runSelfTests(now)
            detect(now, testing: false)
        }
        flush()
    }

    /// Takes the module out of operation in order: the last call before the power goes. A start that is not closed so
    /// counts as a crash (S02).
    public mutating func shutDown(now: Instant) {
        guard isPoweredUp, record.latch == nil else { return }
        let now = tick(now)
        keypad.close()
        transaction = nil
        previousSession = nil
        attestation = nil
        measurement = nil
        supervision = Supervision()
        endKeyLoading()
        record.boots.close()
        append(.shutDown, actor: .application, at: now)
        flush()
        isPoweredUp = false
    }

    /// Tells the module what its hardware is like now; what it finds acts in this step.
    public mutating func sense(_ newHardware: EmulatedHardware, now: Instant) {
        let changed = !hardware.sensesAlike(newHardware)
        let lost = newHardware.flaps > hardware.flaps ? newHardware.flaps - hardware.flaps : 0
        hardware = newHardware
        guard isPoweredUp else { return powerUp(now: now) }
        let now = tick(now)
        if changed {
            noiseTestDue = true
            countFlaps(min(lost, UInt32(flaps.limit)), now)
        }
        keypad.closeIfIdle(at: now)
        detect(now, testing: changed)
        flush()
    }

    /// Does what a command asks, or says why not.
    public mutating func handle(
        _ command: TerminalModuleCommand, now: Instant, random: inout some RandomSource
    ) -> TerminalModuleReply {
        if !isPoweredUp { powerUp(now: now) }
        let now = tick(now)
        keypad.closeIfIdle(at: now)
        detect(now, testing: false)
        testNoiseIfDue(now, &random)
        makeIdentityIfDue(now, &random)
        let reply = perform(command, now, &random)
        flush()
        return reply
    }

    /// A key of the module's keypad. Nothing comes back but counts.
    @discardableResult
    public mutating func press(_ key: KeypadKey, now: Instant) -> KeypadEcho {
        let now = tick(now)
        keypad.closeIfIdle(at: now)
        let echo = keypad.press(key, at: now)
        flush()
        return echo
    }

    /// What the module says of itself; changes nothing.
    public func status(now: Instant) -> ModuleStatus {
        ModuleStatus(
            state: record.state, lifecycle: record.lifecycle, openWarnings: record.openWarnings.map(\.raised),
            eventCounter: record.eventCounter, selfTestNumber: record.selfTestNumber, profile: record.keys.profile,
            serial: record.serial, firmware: hardware.installedFirmware, keypadCount: keypad.count,
            leaseExpires: record.lease?.expires, deathToken: record.latch.flatMap(\.releasedToken),
            closings: record.latch?.closings ?? [], journalIndex: journalIndex)
    }

    /// The audit log as far as it is kept.
    public var auditLog: AuditLog { record.audit }

    /// The terminal and key set the module was personalised for.
    public var terminalKeys: TerminalKeys { record.keys }

    /// What the shell has to do, once.
    public mutating func takeEffects() -> [ModuleEffect] {
        defer { effects.removeAll() }
        return effects
    }
}
