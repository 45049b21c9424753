// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The master keys of the host's module: one secret, each key 32 bytes of it.
struct HostMasters: ~Copyable, Sendable {
    enum Role: Int, CaseIterable {
        case tdesBDK, aesBDK, health, lease, visaPIN, ibmPIN, cardHash, panSeal
    }

    static let keyBytes = 32
    private static let version: UInt8 = 1
    private static var blobBytes: Int { 1 + keyBytes * Role.allCases.count }

    private let blob: SecretKey

    static func random() -> HostMasters {
        HostMasters(
            blob: SecretKey(count: blobBytes) { blob in
                blob[0] = version
                SecretKey.random(count: blobBytes - 1).write(to: blob, at: 1)
            })
    }

    private init(blob: consuming SecretKey) { self.blob = blob }

    init?(wrapped bytes: [UInt8], under key: borrowing SecretKey) {
        guard let blob = SecretKey(unwrapping: bytes, under: key), blob.count == Self.blobBytes,
            blob.withBytes({ $0[0] }) == Self.version
        else { return nil }
        self.blob = blob
    }

    borrowing func wrapped(under key: borrowing SecretKey) -> [UInt8] { blob.wrapped(under: key) }

    borrowing func key(_ role: Role) -> SecretKey { blob.part(1 + Self.keyBytes * role.rawValue, Self.keyBytes) }

    // MARK: What terminals have of them

    /// The base derivation key of a DUKPT profile and key set; 16 bytes.
    private borrowing func baseDerivationKey(_ keys: TerminalKeys) -> SecretKey {
        var context: [UInt8] = []
        context.appendBigEndian(keys.keySet)
        return keys.profile == .tdes
            ? KDF.derive(master: key(.tdesBDK), label: "TDES BDK", context: context, count: 16)
            : KDF.derive(master: key(.aesBDK), label: "AES BDK", context: context, count: 16)
    }

    /// What a terminal is personalised with: its initial key, in a session profile its TMK.
    borrowing func initialKey(_ keys: TerminalKeys) -> SecretKey {
        guard !keys.profile.isSession else { return terminalMasterKey(keys) }
        let bdk = baseDerivationKey(keys)
        do {
            switch KSNLayout.initialKSN(of: keys) {
            case .tdes(let ksn): return try TDESDUKPT.initialKey(bdk: bdk, ksn: ksn)
            case .aes(let ksn): return try AESDUKPT.initialKey(bdk: bdk, ksn: ksn)
            }
        } catch {
            // Cannot happen: the derivation refuses nothing but a key length, and the line above made the key.
            preconditionFailure("a base derivation key has 16 bytes")
        }
    }

    /// The key of health element and evidence: of one terminal, key set and identity.
    borrowing func healthKey(_ keys: TerminalKeys) -> SecretKey {
        KDF.derive(master: key(.health), label: "terminal health", context: identity(keys), count: 16)
    }

    /// The key of lease tickets.
    borrowing func leaseKey(_ keys: TerminalKeys) -> SecretKey {
        KDF.derive(master: key(.lease), label: "terminal lease", context: identity(keys), count: 16)
    }

    // MARK: What terminals' modules write of themselves

    /// What opens sealed journals: a key of the host's own, of no terminal.
    borrowing func journalOpener() -> P256PrivateKey { curveKey("sealed journals") }

    /// What vouches for a key-loading facility.
    borrowing func keyLoadingSigner() -> P256PrivateKey { curveKey("key loading") }

    private borrowing func curveKey(_ label: String) -> P256PrivateKey {
        // Of 2^32 hashes one is no scalar of the curve; the next one then is.
        for attempt in UInt8.min...UInt8.max {
            let scalar = KDF.derive(
                master: key(.health), label: label, context: [attempt], count: P256PrivateKey.scalarCount)
            if let key = try? P256PrivateKey(scalar: scalar) { return key }
        }
        preconditionFailure("no scalar in 256 hashes")
    }

    // The first keys of a terminal's records: of its identity, whatever its key set.

    borrowing func auditRoot(_ keys: TerminalKeys) -> SecretKey {
        recordKey(keys, label: "audit log")
    }

    borrowing func journalKey(_ identity: JournalIdentity) -> SecretKey {
        var context = identity.bytes
        context.appendBigEndian(identity.serial)
        return KDF.derive(master: key(.health), label: "sealed journal", context: context, count: ForwardMAC.keyCount)
    }

    private borrowing func recordKey(_ keys: TerminalKeys, label: String) -> SecretKey {
        var context: [UInt8] = []
        context.appendBigEndian(keys.terminal.packed)
        context.appendBigEndian(keys.identityEpoch)
        return KDF.derive(master: key(.health), label: label, context: context, count: ForwardMAC.keyCount)
    }

    borrowing func identity(_ keys: TerminalKeys) -> [UInt8] {
        var context: [UInt8] = [keys.profile.rawValue]
        context.appendBigEndian(keys.terminal.packed)
        context.appendBigEndian(keys.keySet)
        context.appendBigEndian(keys.identityEpoch)
        return context
    }
}
