// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import SecurityModule
import Vocabulary

/// A TPM 2.0 as the root of a module's keys.
///
/// In the TPM:
///
///     parent    a persistent ECC storage key, not usable by any other TPM
///     counter   an NV counter: the module's, which nobody can lower
///     epoch     an NV counter that an erasure raises
///     PIN       an NV index of the kind that counts wrong authorisations itself, and is dead after five
///
/// In the directory: `provisioned` with the identity key and the attestation key, `sealed` with the storage key: objects
/// under the parent. All three are used under one policy: the platform's registers as they were, the epoch as it was, the
/// PIN, of the index and of the object itself. So raising the epoch is the erasure: one irreversible step inside the TPM, for which no PIN is needed, after which
/// no copy of any file opens again. It can only stop the terminal.
///
/// What it is not: it has no tamper sensors. Who has the owner's authorisation value, which should not be empty, can make
/// the PIN's index anew and then guess the objects' PIN as fast as the TPM computes: it should be a long one. And PIN and
/// storage key pass the wires of a discrete TPM in clear.
public struct TPMHardware: SecureHardware, ~Copyable {
    /// Where its things lie in the TPM. Terminals have one module; a bench may have more.
    public struct Place: Equatable, Sendable {
        public var parent: UInt32
        /// The first of three NV indices: counter, epoch, PIN.
        public var firstIndex: UInt32

        /// - Parameter number: of the module on this TPM; 0 to 63. The handles lie in the ranges of the owner.
        public init(number: UInt8 = 0) {
            parent = 0x8101_5400 + UInt32(number & 63)
            firstIndex = 0x0181_5400 + 4 * UInt32(number & 63)
        }

        var counter: UInt32 { firstIndex }
        var epoch: UInt32 { firstIndex + 1 }
        var pin: UInt32 { firstIndex + 2 }
    }

    private enum File {
        static let sealed = "sealed"
        static let provisioned = "provisioned"
    }

    let device: TPMDevice
    let place: Place
    private let directory: DurableDirectory
    private let owner: TPMChannel.Authorisation
    private let registers: [Int]
    /// The PIN's value, from `authorise` on.
    private var pin: AuthorisationValue?

    public let profile: HardwareProfile

    /// Starts the TPM and has it test itself.
    ///
    /// - Parameters:
    ///   - registers: the platform configuration registers (SHA-256 bank) that a key is bound to when it is provisioned.
    ///   - ownerValue: the owner's authorisation value, needed to provision alone; nil for an empty one.
    public init(
        _ transport: any TPMTransport, directory path: String, place: Place = Place(), registers: [Int] = [0, 7],
        ownerValue: consuming SecretKey? = nil
    ) throws(HardwareError) {
        guard registers.allSatisfy((0..<24).contains) else { throw .badInput }
        let device = try TPMDevice(transport)
        let directory = try DurableDirectory(path)
        let model = try device.model()
        self.device = device
        self.directory = directory
        self.place = place
        self.registers = registers
        if let ownerValue { owner = .value(AuthorisationValue(ownerValue)) } else { owner = .open }
        profile = HardwareProfile(
            name: "tpm2", model: model, assurance: .tpm, sensors: [], counter: .hardware,
            lockOut: .hardware, keys: .hardware, random: .hardware)
    }

    // MARK: - Life

    public func condition() throws(HardwareError) -> HardwareCondition {
        guard let marker = try provisioned() else { return .blank }
        guard try isWhole(marker) else { return .erased }
        let left = try triesLeft()
        return left > 0 ? .ready(triesLeft: left) : .locked
    }

    public mutating func provision(pin: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.pinLengths.contains(pin.count) else { throw .badInput }
        try erase()
        try directory.remove(File.provisioned)
        let value = AuthorisationValue(pin: pin)
        try makeParent()
        for index in [place.counter, place.epoch] { try makeCounter(index) }
        try makePINIndex(value)
        var marker = TPMProvisioning(
            epoch: try device.read(place.epoch), registers: registers, policy: [],
            identity: TPMObject(privatePart: [], publicArea: []),
            attestation: TPMObject(privatePart: [], publicArea: []))
        marker.policy = try device.inSession(.trial) { (session) throws(HardwareError) in
            try fulfil(marker, value, session)
            return try device.policyDigest(session)
        }
        marker.identity = try device.createSigningKey(
            parent: place.parent, policy: marker.policy, value: value, isRestricted: false)
        marker.attestation = try device.createSigningKey(
            parent: place.parent, policy: marker.policy, value: value, isRestricted: true)
        _ = try TPMDevice.point(of: marker.identity.publicArea)
        // Last: without it the hardware is blank, and the next provisioning destroys what a cut has left.
        try directory.replace(File.provisioned, with: marker.encoded)
        self.pin = value
    }

    public mutating func authorise(pin: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.pinLengths.contains(pin.count) else { throw .badInput }
        _ = try whole()
        let value = AuthorisationValue(pin: pin)
        let result = try device.inSession(.policy) { (session) throws(HardwareError) in
            try device.policySecret(place.pin, value, session)
        }
        if result == .authFail || result == .badAuth { throw .wrong(triesLeft: try triesLeft()) }
        guard result.value == 0 else { throw result.error }
        self.pin = value
    }

    public mutating func erase() throws(HardwareError) {
        pin = nil
        var failure: HardwareError?
        // The epoch goes first; what cannot be done does not keep the rest from being done.
        do throws(HardwareError) {
            if let marker = try provisioned(), try isWhole(marker) { try device.increment(place.epoch) }
        } catch { failure = error }
        do throws(HardwareError) { try directory.destroyWhole(File.sealed) } catch { failure = failure ?? error }
        if let failure { throw failure }
    }

    // MARK: - Keys

    public func seal(_ key: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.keyLengths.contains(key.count) else { throw .badInput }
        let (marker, value) = try opened()
        let object = try device.seal(key, parent: place.parent, policy: marker.policy, value: value)
        try directory.replace(File.sealed, with: object.encoded)
    }

    public func unseal() throws(HardwareError) -> SecretKey {
        let (marker, value) = try opened()
        guard let bytes = try directory.bytes(File.sealed) else { throw .nothingSealed }
        let object: TPMObject
        do throws(CodecError) { object = try TPMObject(decoding: bytes) } catch { throw .corrupt }
        return try use(object, marker, value) { (handle, use) throws(HardwareError) in
            try device.unseal(handle, use)
        }
    }

    public func identityPublicKey() throws(HardwareError) -> [UInt8] {
        try TPMDevice.point(of: try whole().identity.publicArea)
    }

    public func sign(digest: [UInt8]) throws(HardwareError) -> [UInt8] {
        guard digest.count == SecureHardwareLimits.digestLength else { throw .badInput }
        let (marker, value) = try opened()
        return try use(marker.identity, marker, value) { (handle, use) throws(HardwareError) in
            try device.sign(digest, handle, use)
        }
    }

    /// The state of the platform, attested by a key that signs nothing else (part 3, 18.4).
    ///
    /// - Parameter nonce: what makes it fresh; at most 32 bytes.
    public func quote(nonce: [UInt8]) throws(HardwareError) -> TPMQuote {
        guard nonce.count <= TPMDevice.digestCount else { throw .badInput }
        let (marker, value) = try opened()
        let (attested, signature) = try use(marker.attestation, marker, value) {
            (handle, use) throws(HardwareError) in
            try device.quote(nonce, marker.registers, handle, use)
        }
        return TPMQuote(
            attested: attested, signature: signature, publicKey: try TPMDevice.point(of: marker.attestation.publicArea))
    }

    public func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) throws(HardwareError) { try device.random(buffer) }

    public func readings(over nominal: EmulatedHardware) -> EmulatedHardware { nominal }

    // MARK: - Counter

    public func counter() throws(HardwareError) -> UInt64 {
        if try device.isDefined(place.counter) { return try device.read(place.counter) }
        // Whoever has taken the counter away has not set it to zero.
        guard try provisioned() == nil else { throw .corrupt }
        return 0
    }

    public func raiseCounter(to value: UInt64) throws(HardwareError) {
        let current = try counter()
        guard value > current else { return }
        guard value - current <= SecureHardwareLimits.counterStepMax else { throw .badInput }
        guard try device.isDefined(place.counter) else { throw .notProvisioned }
        for _ in current..<value { try device.increment(place.counter) }
    }

    // MARK: - Parts

    private func provisioned() throws(HardwareError) -> TPMProvisioning? {
        guard let bytes = try directory.bytes(File.provisioned) else { return nil }
        do throws(CodecError) { return try TPMProvisioning(decoding: bytes) } catch { throw .corrupt }
    }

    /// A TPM that was cleared, or another one, has no such epoch.
    private func isWhole(_ marker: TPMProvisioning) throws(HardwareError) -> Bool {
        guard try device.isDefined(place.epoch) else { return false }
        return try device.read(place.epoch) == marker.epoch
    }

    private func whole() throws(HardwareError) -> TPMProvisioning {
        guard let marker = try provisioned() else { throw .notProvisioned }
        guard try isWhole(marker) else { throw .erased }
        return marker
    }

    private func opened() throws(HardwareError) -> (TPMProvisioning, AuthorisationValue) {
        let marker = try whole()
        guard let pin else { throw .notAuthorised }
        return (marker, pin)
    }

    /// Loads an object and fulfils the policy that it is under.
    private func use<R: ~Copyable>(
        _ object: TPMObject, _ marker: TPMProvisioning, _ value: AuthorisationValue,
        _ body: (UInt32, TPMChannel.Authorisation) throws(HardwareError) -> R
    ) throws(HardwareError) -> R {
        try device.withLoaded(object, parent: place.parent) { (handle) throws(HardwareError) in
            try device.inSession(.policy) { (session) throws(HardwareError) in
                try fulfil(marker, value, session)
                return try body(handle, .policy(session, value))
            }
        }
    }

    private func fulfil(
        _ marker: TPMProvisioning, _ value: AuthorisationValue, _ session: UInt32
    ) throws(HardwareError) {
        try device.policyRegisters(marker.registers, session)
        guard try device.policyEquals(marker.epoch, place.epoch, session) else { throw .erased }
        let result = try device.policySecret(place.pin, value, session)
        guard result.value == 0 else { throw result.error }
        try device.policyPassword(session)
    }

    // MARK: - What provisioning makes

    private func makeParent() throws(HardwareError) {
        let parent = try device.createParent(owner: owner)
        defer { device.attempt { () throws(HardwareError) in try device.flush(parent) } }
        try device.persist(parent, as: place.parent, owner: owner)
    }

    /// A counter that anyone may raise and read: that stops a terminal at worst. It has a value from its first raising on.
    private func makeCounter(_ index: UInt32) throws(HardwareError) {
        guard try !device.isDefined(index) else { return }
        let attributes =
            TPM.NVAttribute.counter | TPM.NVAttribute.authWrite | TPM.NVAttribute.authRead | TPM.NVAttribute.noLockOut
        try device.define(index, attributes: attributes, owner: owner)
        try device.increment(index)
    }

    /// An index that counts failures itself; anyone may read how many there were.
    func makePINIndex(_ value: AuthorisationValue) throws(HardwareError) {
        if try device.isDefined(place.pin) { try device.undefine(place.pin, owner: owner) }
        let policy = try device.inSession(.trial) { (session) throws(HardwareError) in
            try device.policyCommand(.readNV, session)
            return try device.policyDigest(session)
        }
        let attributes =
            TPM.NVAttribute.pinFail | TPM.NVAttribute.ownerWrite | TPM.NVAttribute.authRead | TPM.NVAttribute.policyRead
            | TPM.NVAttribute.noLockOut
        try device.define(place.pin, attributes: attributes, policy: policy, value: value, owner: owner)
        try device.write(UInt64(SecureHardwareLimits.triesMax), to: place.pin, owner: owner)
    }

    /// A TPMS_NV_PIN_COUNTER_PARAMETERS: how many failures there were, and how many there may be.
    private func triesLeft() throws(HardwareError) -> Int {
        let counts = try device.inSession(.policy) { (session) throws(HardwareError) in
            try device.policyCommand(.readNV, session)
            return try device.read(place.pin, .policy(session))
        }
        let (used, limit) = (UInt32(truncatingIfNeeded: counts >> 32), UInt32(truncatingIfNeeded: counts))
        return used < limit ? Int(limit - used) : 0
    }
}
