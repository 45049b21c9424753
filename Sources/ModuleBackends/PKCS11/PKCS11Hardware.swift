// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import PaymentCryptography
import SecurityModule

/// A PKCS #11 token as the root of a module's keys.
///
/// On the token, all made there, sensitive and not extractable:
///
///     NAME wrap key      AES-256, private: seals the storage key, behind the token's PIN
///     NAME tear-off key  AES-256, public: seals it once more; destroying it needs no PIN, and nothing opens without it
///     NAME identity      ECDSA on P-256, its private half private
///     NAME counter       data object of eight bytes, public
///
/// In the directory: `sealed`, the storage key under both; `tries`; `provisioned`, which token and which generation of keys.
///
/// The counter is as monotonic as the token: SoftHSM's is a file that can be put back. It is raised by making a new object
/// before the old one goes, so that a cut leaves both, of which the larger counts. Wrong PINs are counted here, since
/// SoftHSM does not; a token that locks itself is believed too.
///
/// One value a token and process: PKCS #11 logs in a process, not a session.
public struct PKCS11Hardware: SecureHardware, ~Copyable {
    private enum File {
        static let sealed = "sealed"
        static let provisioned = "provisioned"
    }
    /// The last byte of a key's CKA_ID.
    private enum Role: UInt8 {
        case wrap = 1
        case tearOff = 2
        case identity = 3
    }
    private static let version: UInt8 = 1
    private static let generationCount = 16

    private let directory: DurableDirectory
    private let tries: TryCounter
    private let session: PKCS11Session
    private let name: String
    private let serial: [UInt8]
    private var isAuthorised = false

    public let profile: HardwareProfile

    /// - Parameters:
    ///   - label: the label of an initialised token, with a user PIN.
    ///   - name: what the labels of its objects begin with: one for each module on the token.
    /// - Throws: `.unavailable` when there is no such token.
    public init(
        _ library: PKCS11Library, token label: String, directory path: String, name: String = "tillguard"
    ) throws(HardwareError) {
        let (slot, token) = try library.slot(token: label)
        let session = try PKCS11Session(library, slot: slot)
        let directory = try DurableDirectory(path)
        self.session = session
        self.directory = directory
        tries = TryCounter(directory: directory)
        self.name = name
        serial = withUnsafeBytes(of: token.serialNumber) { Array($0) }
        profile = HardwareProfile(
            name: "pkcs11", model: library.text(token.manufacturerID) + " " + library.text(token.model),
            assurance: .token, sensors: [], counter: .software, lockOut: .software, keys: .hardware, random: .hardware)
    }

    // MARK: - Life

    public func condition() throws(HardwareError) -> HardwareCondition {
        guard let marker = try provisioned() else { return .blank }
        guard try session.one(key(marker, .tearOff, PKCS11.Class.secretKey)) != nil else { return .erased }
        let left = try tries.left()
        return left > 0 ? .ready(triesLeft: left) : .locked
    }

    public mutating func provision(pin: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.pinLengths.contains(pin.count) else { throw .badInput }
        // Guessing a PIN here costs whatever was sealed.
        try erase()
        try directory.remove(File.provisioned)
        guard try session.login(pin) else { throw .wrongPIN(triesLeft: 0) }
        try destroyKeys()
        let generation = try session.random(Self.generationCount)
        var marker = Marker(serial: serial, generation: generation, publicKey: [])
        try session.makeKey(secret(marker, .wrap, isPrivate: true))
        try session.makeKey(secret(marker, .tearOff, isPrivate: false))
        marker.publicKey = try makeIdentity(marker)
        if try counters().isEmpty { try storeCounter(0) }
        try tries.reset()
        // Last: without it the hardware is blank, and the next provisioning destroys what a cut has left.
        try directory.replace(File.provisioned, with: marker.encoded)
        isAuthorised = true
    }

    public mutating func authorise(pin: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.pinLengths.contains(pin.count) else { throw .badInput }
        _ = try whole()
        let left = try tries.begin()
        let isRight: Bool
        do throws(HardwareError) { isRight = try session.login(pin) } catch {
            // The token has not judged the PIN, unless it is locked itself.
            if error != .locked { try tries.withdraw(to: left + 1) }
            throw error
        }
        guard isRight else { throw .wrong(triesLeft: left) }
        try tries.reset()
        isAuthorised = true
    }

    public mutating func erase() throws(HardwareError) {
        let wasAuthorised = isAuthorised
        isAuthorised = false
        var failure: HardwareError?
        // One that cannot be destroyed does not save the others. The tear-off key goes first: from then on nothing opens.
        do throws(HardwareError) { try destroy(label: "tear-off key") } catch { failure = error }
        do throws(HardwareError) { try directory.destroyWhole(File.sealed) } catch { failure = failure ?? error }
        if wasAuthorised {
            do throws(HardwareError) {
                try destroyKeys()
                try session.logout()
            } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    // MARK: - Keys

    public func seal(_ key: borrowing SecretKey) throws(HardwareError) {
        guard SecureHardwareLimits.keyLengths.contains(key.count) else { throw .badInput }
        let marker = try opened()
        let inner = try session.random(PKCS11Session.nonceCount)
        let outer = try session.random(PKCS11Session.nonceCount)
        let wrapKey = try find(key: marker, .wrap)
        let tearOffKey = try find(key: marker, .tearOff)
        let wrapped = try key.withBytes { (bytes) throws(HardwareError) in
            try session.encrypt(bytes, nonce: inner, key: wrapKey)
        }
        let twice = try wrapped.withUnsafeBytes { bytes in
            Result { () throws(HardwareError) in try session.encrypt(bytes, nonce: outer, key: tearOffKey) }
        }.get()
        try directory.replace(File.sealed, with: [Self.version] + inner + outer + twice)
    }

    public func unseal() throws(HardwareError) -> SecretKey {
        let marker = try opened()
        guard let sealed = try directory.bytes(File.sealed) else { throw .nothingSealed }
        let head = 1 + 2 * PKCS11Session.nonceCount
        let lengths = SecureHardwareLimits.keyLengths
        guard sealed.count >= head, sealed[0] == Self.version,
            lengths.contains(sealed.count - head - 2 * PKCS11Session.tagCount)
        else { throw .corrupt }
        let inner = Array(sealed[1..<1 + PKCS11Session.nonceCount])
        let outer = Array(sealed[(1 + PKCS11Session.nonceCount)..<head])
        let once = try session.decrypt(Array(sealed[head...]), nonce: outer, key: find(key: marker, .tearOff))
        return try session.decrypt(once.withBytes { Array($0) }, nonce: inner, key: find(key: marker, .wrap))
    }

    public func identityPublicKey() throws(HardwareError) -> [UInt8] { try whole().publicKey }

    public func sign(digest: [UInt8]) throws(HardwareError) -> [UInt8] {
        guard digest.count == SecureHardwareLimits.digestLength else { throw .badInput }
        let marker = try opened()
        guard let key = try session.one(key(marker, .identity, PKCS11.Class.privateKey)) else { throw .corrupt }
        return try session.sign(digest, key: key)
    }

    public func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) throws(HardwareError) {
        try session.random(buffer)
    }

    public func readings(over nominal: EmulatedHardware) -> EmulatedHardware { nominal }

    // MARK: - Counter

    public func counter() throws(HardwareError) -> UInt64 {
        let values = try counters().compactMap(\.value)
        if let newest = values.max() { return newest }
        // Whoever has taken the counter away has not set it to zero.
        guard try provisioned() == nil else { throw .corrupt }
        return 0
    }

    public func raiseCounter(to value: UInt64) throws(HardwareError) {
        let current = try counter()
        guard value > current else { return }
        guard value - current <= SecureHardwareLimits.counterStepMax else { throw .badInput }
        let older = try counters()
        try storeCounter(value)
        for object in older { try session.destroy(object.handle) }
    }

    private var counterTemplate: PKCS11Template {
        var template = PKCS11Template(class: PKCS11.Class.data)
        template.flag(PKCS11.Attribute.token, true)
        template.bytes(PKCS11.Attribute.label, Array("\(name) counter".utf8))
        return template
    }

    private func counters() throws(HardwareError) -> [(handle: CK_OBJECT_HANDLE, value: UInt64?)] {
        var found: [(handle: CK_OBJECT_HANDLE, value: UInt64?)] = []
        for handle in try session.find(counterTemplate) {
            // An object that a cut has left unfinished has no value, and an older one beside it.
            let bytes = try session.attributeIfAny(PKCS11.Attribute.value, of: handle, room: 8)
            found.append((handle, bytes.count == 8 ? bytes.reduce(0) { $0 << 8 | UInt64($1) } : nil))
        }
        return found
    }

    private func storeCounter(_ value: UInt64) throws(HardwareError) {
        var template = counterTemplate
        template.flag(PKCS11.Attribute.isPrivate, false)
        template.bytes(PKCS11.Attribute.value, (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) })
        try session.create(template)
    }

    // MARK: - Parts

    /// Which token and which generation of keys: the file that says that provisioning has come to its end.
    private struct Marker {
        var serial: [UInt8]
        var generation: [UInt8]
        var publicKey: [UInt8]

        var encoded: [UInt8] { [PKCS11Hardware.version] + serial + generation + publicKey }
    }

    private func provisioned() throws(HardwareError) -> Marker? {
        guard let bytes = try directory.bytes(File.provisioned) else { return nil }
        let keyStart = 1 + serial.count + Self.generationCount
        guard bytes.count == keyStart + SecureHardwareLimits.publicKeyLength, bytes[0] == Self.version else {
            throw .corrupt
        }
        // Another token in the slot has erased nothing: the right one may come back.
        guard Array(bytes[1..<1 + serial.count]) == serial else { throw .unavailable }
        return Marker(
            serial: serial, generation: Array(bytes[(1 + serial.count)..<keyStart]),
            publicKey: Array(bytes[keyStart...]))
    }

    private func whole() throws(HardwareError) -> Marker {
        guard let marker = try provisioned() else { throw .notProvisioned }
        guard try session.one(key(marker, .tearOff, PKCS11.Class.secretKey)) != nil else { throw .erased }
        return marker
    }

    private func opened() throws(HardwareError) -> Marker {
        let marker = try whole()
        guard isAuthorised else { throw .notAuthorised }
        return marker
    }

    private func find(key marker: Marker, _ role: Role) throws(HardwareError) -> CK_OBJECT_HANDLE {
        guard let found = try session.one(key(marker, role, PKCS11.Class.secretKey)) else { throw .corrupt }
        return found
    }

    private func key(_ marker: Marker, _ role: Role, _ objectClass: CK_ULONG) -> PKCS11Template {
        var template = PKCS11Template(class: objectClass)
        template.flag(PKCS11.Attribute.token, true)
        template.bytes(PKCS11.Attribute.id, marker.generation + [role.rawValue])
        return template
    }

    private func label(_ role: Role) -> [UInt8] {
        let suffix =
            switch role {
            case .wrap: "wrap key"
            case .tearOff: "tear-off key"
            case .identity: "identity"
            }
        return Array("\(name) \(suffix)".utf8)
    }

    private func secret(_ marker: Marker, _ role: Role, isPrivate: Bool) -> PKCS11Template {
        var template = key(marker, role, PKCS11.Class.secretKey)
        template.number(PKCS11.Attribute.keyType, PKCS11.KeyType.aes)
        template.number(PKCS11.Attribute.valueLength, 32)
        template.bytes(PKCS11.Attribute.label, label(role))
        template.flag(PKCS11.Attribute.isPrivate, isPrivate)
        guarded(&template)
        template.flag(PKCS11.Attribute.encrypt, true)
        template.flag(PKCS11.Attribute.decrypt, true)
        return template
    }

    private func guarded(_ template: inout PKCS11Template) {
        template.flag(PKCS11.Attribute.sensitive, true)
        template.flag(PKCS11.Attribute.extractable, false)
    }

    private func makeIdentity(_ marker: Marker) throws(HardwareError) -> [UInt8] {
        var open = key(marker, .identity, PKCS11.Class.publicKey)
        open.bytes(PKCS11.Attribute.label, label(.identity))
        open.bytes(PKCS11.Attribute.ecParameters, PKCS11.p256)
        open.flag(PKCS11.Attribute.isPrivate, false)
        open.flag(PKCS11.Attribute.verify, true)
        var secret = key(marker, .identity, PKCS11.Class.privateKey)
        secret.bytes(PKCS11.Attribute.label, label(.identity))
        secret.flag(PKCS11.Attribute.isPrivate, true)
        guarded(&secret)
        secret.flag(PKCS11.Attribute.sign, true)
        let made = try session.makePair(public: open, private: secret)
        let point = try session.attribute(PKCS11.Attribute.ecPoint, of: made, room: 128)
        let count = SecureHardwareLimits.publicKeyLength
        // An OCTET STRING around the point, as the standard says; some tokens give the point alone.
        let bare =
            point.starts(with: [0x04, UInt8(count)]) && point.count == count + 2 ? Array(point.dropFirst(2)) : point
        guard bare.count == count, bare[0] == 0x04 else { throw .malformedAnswer }
        return bare
    }

    private func destroyKeys() throws(HardwareError) {
        for suffix in ["tear-off key", "wrap key", "identity"] { try destroy(label: suffix) }
    }

    /// Whatever has this label and is a key, of any generation.
    private func destroy(label suffix: String) throws(HardwareError) {
        for objectClass in [PKCS11.Class.secretKey, PKCS11.Class.privateKey, PKCS11.Class.publicKey] {
            var template = PKCS11Template(class: objectClass)
            template.flag(PKCS11.Attribute.token, true)
            template.bytes(PKCS11.Attribute.label, Array("\(name) \(suffix)".utf8))
            for object in try session.find(template) { try session.destroy(object) }
        }
    }
}
