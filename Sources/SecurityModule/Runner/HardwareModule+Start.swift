// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension HardwareModule where Hardware: ~Copyable {
    /// Bytes of the storage key.
    private static var storageKeyLength: Int { 32 }

    /// Personalises a new module on a hardware that is provisioned and authorised, and starts it.
    ///
    /// A cut before the first image is stored leaves a hardware without a module, to be personalised again: nothing has
    /// been protected under the keys yet.
    ///
    /// - Parameter firmware: the running module's version, for a hardware that does not know one.
    public static func personalise(
        _ provisioning: borrowing ModuleProvisioning, firmware: SoftwareVersion, hardware: consuming Hardware,
        store: Store, signsEvidence: Bool = false, now: Instant
    ) throws(ModuleFailure) -> HardwareModule {
        let nominal = EmulatedHardware(firmware: firmware)
        let made = try onHardware(&hardware) { (hardware) throws(HardwareError) in
            let storageKey = try SecretKey(count: Self.storageKeyLength) { (block) throws(HardwareError) in
                try hardware.fillRandom(block)
            }
            try hardware.seal(storageKey)
            return TerminalSecurityModule(
                provisioning: provisioning, storageKey: storageKey, hardware: try sensed(&hardware, over: nominal),
                now: now)
        }
        guard let module = made else { throw .provisioningRefused }
        return try started(HardwareModule(module, hardware, store, nominal, signsEvidence), now)
    }

    /// Starts a module from what is stored.
    ///
    /// 1. A latched image comes up TAMPERED; the hardware is erased first, and a zeroisation that was cut is ended.
    /// 2. A hardware that has been erased comes up TAMPERED, although its image does not know.
    /// 3. Else the image is opened with the sealed key; an older one than the counter says comes up with H04.
    ///
    /// - Parameter journal: the sealed records that the POS application has stored (`resumeJournal(_:)`).
    /// - Throws: `.notPersonalised`; `.imageRefused` for a damaged image, whose module is lost; and what fails.
    public static func resume(
        _ store: Store, firmware: SoftwareVersion, hardware: consuming Hardware, signsEvidence: Bool = false,
        journal: [[UInt8]] = [], now: Instant
    ) throws(ModuleFailure) -> HardwareModule {
        var store = store
        let nominal = EmulatedHardware(firmware: firmware)
        let stored: [UInt8]?
        do throws(ModuleStoreError) { stored = try store.image() } catch { throw .store(error) }
        guard let image = stored else { throw .notPersonalised }
        let made = try onHardware(&hardware) { (hardware) throws(HardwareError) in
            try Self.module(image, &hardware, nominal, now)
        }
        guard var module = made else { throw .imageRefused }
        module.resumeJournal(journal)
        return try started(HardwareModule(module, hardware, store, nominal, signsEvidence), now)
    }

    private init(
        _ module: consuming TerminalSecurityModule, _ hardware: consuming Hardware, _ store: Store,
        _ nominal: EmulatedHardware, _ signsEvidence: Bool
    ) {
        self.module = module
        self.hardware = hardware
        self.store = store
        surroundings = nominal
        self.signsEvidence = signsEvidence
        random = RandomPool()
        failure = nil
    }

    private static func module(
        _ image: [UInt8], _ hardware: inout Hardware, _ nominal: EmulatedHardware, _ now: Instant
    ) throws(HardwareError) -> TerminalSecurityModule? {
        let isLatched = TerminalSecurityModule.isLatched(image)
        if isLatched { try hardware.erase() }
        let sensed = try sensed(&hardware, over: nominal)
        let condition = try hardware.condition()
        guard !isLatched, condition != .erased else {
            return TerminalSecurityModule(erasedState: image, hardware: sensed, now: now)
        }
        return TerminalSecurityModule(sealedState: image, storageKey: try hardware.unseal(), hardware: sensed, now: now)
    }

    /// What the module wants done on being made, then its power-up.
    private static func started(_ runner: consuming HardwareModule, _ now: Instant) throws(ModuleFailure)
        -> HardwareModule
    {
        var runner = runner
        try runner.settle()
        runner.module.powerUp(now: now)
        try runner.settle()
        return runner
    }

    /// The module's view of its hardware: sensors and counter.
    static func sensed(
        _ hardware: inout Hardware, over nominal: EmulatedHardware
    ) throws(HardwareError) -> EmulatedHardware {
        var sensed = try hardware.readings(over: nominal)
        sensed.raiseCounter(to: try hardware.counter())
        return sensed
    }

    static func onHardware<R: ~Copyable>(
        _ hardware: inout Hardware, _ body: (inout Hardware) throws(HardwareError) -> R
    ) throws(ModuleFailure) -> R {
        do throws(HardwareError) { return try body(&hardware) } catch { throw .hardware(error) }
    }
}
