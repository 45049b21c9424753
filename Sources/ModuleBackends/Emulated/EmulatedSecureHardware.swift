// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import SecurityModule

/// The emulated hardware: every sensor and fault can be set, and what outlives the process lies in a directory.
///
///     hardware      the sensors (`EmulatedHardware`)
///     counter       eight bytes, big-endian
///     root.key      the device master key; without it everything below is noise
///     identity      the identity key under the device master key
///     sealed        the storage key under the device master key
///     tries         wrong PINs in a row
///     provisioned   version, the PIN's code under the device master key, the identity's public key
///
/// In a real terminal all of it lies inside the tamper boundary. Here it is as safe as the directory: whoever reads
/// `root.key` has everything, and whoever puts the whole directory back has the older counter.
public struct EmulatedSecureHardware: SecureHardware, ~Copyable {
    private enum File {
        static let sensors = "hardware"
        static let counter = "counter"
        static let root = "root.key"
        static let identity = "identity"
        static let sealed = "sealed"
        static let provisioned = "provisioned"
        /// What erasing destroys, the root first: from then on the others are noise.
        static let secrets = [root, sealed, identity]
    }
    private static let version: UInt8 = 1
    private static let rootLength = 32

    private let directory: DurableDirectory
    private let tries: TryCounter
    private var sensors: EmulatedHardware
    private var isAuthorised = false

    public let profile = HardwareProfile(
        name: "emulated", model: "Tillguard", assurance: .emulated, sensors: HardwareSensor.allCases,
        counter: .software, lockOut: .software, keys: .software, random: .software)

    /// Opens or makes the hardware in a directory.
    ///
    /// - Parameter firmware: what a new one has installed.
    public init(_ path: String, firmware: SoftwareVersion) throws(HardwareError) {
        try self.init(DurableDirectory(path), firmware: firmware)
    }

    init(_ directory: DurableDirectory, firmware: SoftwareVersion) throws(HardwareError) {
        self.directory = directory
        tries = TryCounter(directory: directory)
        sensors = EmulatedHardware(firmware: firmware)
        guard let bytes = try directory.bytes(File.sensors) else { return }
        do { sensors = try EmulatedHardware(decoding: bytes) } catch { throw .corrupt }
    }

    // MARK: - The bench

    /// The sensors as they are set.
    public var sensed: EmulatedHardware { sensors }

    /// Changes the hardware as somebody with a screwdriver would; durable when it returns.
    public mutating func change(_ body: (inout EmulatedHardware) -> Void) throws(HardwareError) {
        var changed = sensors
        body(&changed)
        try directory.replace(File.sensors, with: changed.encoded())
        sensors = changed
    }

    public func readings(over nominal: EmulatedHardware) -> EmulatedHardware { sensors }

    // MARK: - Life

    public func condition() throws(HardwareError) -> HardwareCondition {
        guard try provisioned() != nil else { return .blank }
        guard try root() != nil else { return .erased }
        let left = try tries.left()
        return left > 0 ? .ready(triesLeft: left) : .locked
    }

    public mutating func provision(pin: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.pinLengths.contains(pin.count) else { throw .badInput }
        try erase()
        try directory.remove(File.provisioned)
        let root = SecretKey.random(count: Self.rootLength)
        try root.withBytes { (bytes) throws(HardwareError) in try directory.replace(File.root, with: bytes) }
        let identity: P256PrivateKey
        do throws(CurveError) { identity = try P256PrivateKey.generate() } catch { throw .malformedAnswer }
        try directory.replace(File.identity, with: identity.wrapped(under: root))
        try tries.reset()
        let publicKey = identity.publicKey.bytes
        // Last: without it the hardware is blank, and the next provisioning destroys what a cut has left.
        try directory.replace(File.provisioned, with: [Self.version] + Self.code(pin, root) + publicKey)
        isAuthorised = true
    }

    public mutating func authorise(pin: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.pinLengths.contains(pin.count) else { throw .badInput }
        let marker = try marker()
        let root = try whole()
        let left = try tries.begin()
        guard constantTimeEquals(Self.code(pin, root), marker.pinCode) else { throw .wrong(triesLeft: left) }
        try tries.reset()
        isAuthorised = true
    }

    public mutating func erase() throws(HardwareError) {
        isAuthorised = false
        var failure: HardwareError?
        for name in File.secrets {
            // One that cannot be destroyed does not save the others.
            do throws(HardwareError) { try directory.destroyWhole(name) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    // MARK: - Keys

    public func seal(_ key: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.keyLengths.contains(key.count) else { throw .badInput }
        let root = try opened()
        try directory.replace(File.sealed, with: key.wrapped(under: root))
    }

    public func unseal() throws(HardwareError) -> SecretKey {
        let root = try opened()
        guard let sealed = try directory.bytes(File.sealed) else { throw .nothingSealed }
        guard let key = SecretKey(unwrapping: sealed, under: root) else { throw .corrupt }
        return key
    }

    public func identityPublicKey() throws(HardwareError) -> [UInt8] {
        _ = try whole()
        return try marker().publicKey
    }

    public func sign(digest: [UInt8]) throws(HardwareError) -> [UInt8] {
        guard digest.count == SecureHardwareLimits.digestLength else { throw .badInput }
        let root = try opened()
        guard let wrapped = try directory.bytes(File.identity),
            let identity = P256PrivateKey(unwrapping: wrapped, under: root)
        else { throw .corrupt }
        do throws(CurveError) { return try identity.signature(ofDigest: digest) } catch { throw .corrupt }
    }

    public func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) { RandomBytes.fill(buffer) }

    // MARK: - Counter

    public func counter() throws(HardwareError) -> UInt64 {
        guard let bytes = try directory.bytes(File.counter) else { return sensors.nvCounter }
        guard bytes.count == 8 else { throw .corrupt }
        // The sensors' file of an older data directory holds the counter too.
        return max(sensors.nvCounter, bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    public func raiseCounter(to value: UInt64) throws(HardwareError) {
        let current = try counter()
        guard value > current else { return }
        guard value - current <= SecureHardwareLimits.counterStepMax else { throw .badInput }
        try directory.replace(File.counter, with: (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) })
    }

    // MARK: - Parts

    private struct Marker {
        var pinCode: [UInt8]
        var publicKey: [UInt8]
    }

    private func provisioned() throws(HardwareError) -> Marker? {
        guard let bytes = try directory.bytes(File.provisioned) else { return nil }
        let codeEnd = 1 + HMACSHA256.codeCount
        guard bytes.count == codeEnd + P256PublicKey.byteCount, bytes[0] == Self.version else { throw .corrupt }
        return Marker(pinCode: Array(bytes[1..<codeEnd]), publicKey: Array(bytes[codeEnd...]))
    }

    /// The device master key; nil when it is gone, or overwritten by an erasure that was cut.
    private func root() throws(HardwareError) -> SecretKey? {
        guard let root = try directory.secret(File.root), root.count == Self.rootLength,
            !root.equals(SecretKey(count: Self.rootLength) { _ in })
        else { return nil }
        return root
    }

    private func marker() throws(HardwareError) -> Marker {
        guard let marker = try provisioned() else { throw .notProvisioned }
        return marker
    }

    /// The device master key of a hardware that has one.
    private func whole() throws(HardwareError) -> SecretKey {
        _ = try marker()
        guard let root = try root() else { throw .erased }
        return root
    }

    private func opened() throws(HardwareError) -> SecretKey {
        let root = try whole()
        guard isAuthorised else { throw .notAuthorised }
        return root
    }

    /// What tells the right PIN: a code of it under the device master key, which never holds the PIN in clear.
    private static func code(_ pin: borrowing SecretKey, _ root: borrowing SecretKey) -> [UInt8] {
        let hasher = HMACSHA256(key: pin)
        let hashed = SecretKey(count: HMACSHA256.codeCount) { block in
            let label = Array("tillguard PIN".utf8)
            label.withUnsafeBytes { hasher.code($0, into: block) }
        }
        let outer = HMACSHA256(key: root)
        return hashed.withBytes { outer.code($0) }
    }
}
