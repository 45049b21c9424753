// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What personalises a terminal's module: its identity and its first keys, made by the host's module.
///
/// It travels only wrapped, under a key that both sides have (`wrapped(under:)`).
public struct ModuleProvisioning: ~Copyable, Sendable {
    public let keys: TerminalKeys
    /// The serial number of the module's hardware.
    public let serial: UInt64
    public let firmware: SoftwareVersion
    /// The first transaction counter to use, in a session profile the first health counter; 1 for a new initial key, above
    /// the last used one for a known one.
    public let firstCounter: UInt32
    /// In a session profile the TMK.
    let initialKey: SecretKey
    let healthKey: SecretKey
    let leaseKey: SecretKey
    /// The supplier's public key that the module's software is verified with; nil: none is pinned.
    public let supplier: P256PublicKey?
    /// Nil only in what was wrapped before modules kept records of their own.
    public let records: RecordKeys?

    init(
        keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32,
        initialKey: consuming SecretKey, healthKey: consuming SecretKey, leaseKey: consuming SecretKey,
        supplier: P256PublicKey? = nil, records: consuming RecordKeys?
    ) {
        self.supplier = supplier
        self.records = records
        (self.keys, self.serial, self.firmware, self.firstCounter) = (keys, serial, firmware, firstCounter)
        self.initialKey = initialKey
        self.healthKey = healthKey
        self.leaseKey = leaseKey
    }

    /// The bytes of each of the three keys: double-length TDES or AES-128.
    static let keyBytes = 16
    /// Version 2 has the supplier's key behind the header of version 1; version 3 has flags there, the keys that the flags
    /// name, and the records' first keys behind the three.
    private enum Version: UInt8 {
        case plain = 1
        case pinned = 2
        case flagged = 3
    }
    private static let (supplierFlag, recordsFlag) = (UInt8(1), UInt8(2))
    private static let headerBytes = 30

    private var header: [UInt8] {
        var bytes: [UInt8] = [Version.flagged.rawValue, keys.profile.rawValue]
        bytes.appendBigEndian(keys.terminal.packed)
        bytes.appendBigEndian(keys.keySet)
        bytes.appendBigEndian(keys.identityEpoch)
        bytes.appendBigEndian(serial)
        bytes.appendBigEndian(firmware.packed)
        bytes.appendBigEndian(firstCounter)
        let hostKey = records.borrowed { $0.hostKey.compressed }
        bytes.append((supplier == nil ? 0 : Self.supplierFlag) | (hostKey == nil ? 0 : Self.recordsFlag))
        return bytes + (supplier?.compressed ?? []) + (hostKey ?? [])
    }

    /// Identity and keys for a file or a channel, encrypted and authenticated by AES-GCM.
    ///
    /// - Parameter key: 16, 24 or 32 bytes.
    public borrowing func wrapped(under key: borrowing SecretKey) -> [UInt8] {
        let header = header
        let secrets = 3 * Self.keyBytes
        let recordBytes = records.borrowed { _ in 2 * ForwardMAC.keyCount } ?? 0
        let blob = SecretKey(count: header.count + secrets + recordBytes) { blob in
            blob.copyBytes(from: header)
            initialKey.write(to: blob, at: header.count)
            healthKey.write(to: blob, at: header.count + Self.keyBytes)
            leaseKey.write(to: blob, at: header.count + 2 * Self.keyBytes)
            _ = records.borrowed {
                $0.auditRoot.write(to: blob, at: header.count + secrets)
                $0.journal.write(to: blob, at: header.count + secrets + ForwardMAC.keyCount)
            }
        }
        return blob.wrapped(under: key)
    }

    /// - Returns: nil when the bytes are not a provisioning that this key wrapped.
    public init?(wrapped bytes: [UInt8], under key: borrowing SecretKey) {
        guard let blob = SecretKey(unwrapping: bytes, under: key), blob.count >= Self.headerBytes else { return nil }
        let header = blob.withBytes { Array($0[..<Self.headerBytes]) }
        guard let version = Version(rawValue: header[0]), let profile = KeyProfile(rawValue: header[1]) else {
            return nil
        }
        var offset = Self.headerBytes
        var flags: UInt8 = version == .pinned ? Self.supplierFlag : 0
        if version == .flagged {
            guard blob.count > offset else { return nil }
            flags = blob.withBytes { $0[offset] }
            offset += 1
        }
        guard flags & ~(Self.supplierFlag | Self.recordsFlag) == 0 else { return nil }
        let (hasSupplier, hasRecords) = (flags & Self.supplierFlag != 0, flags & Self.recordsFlag != 0)
        let publicKeys = (hasSupplier ? 1 : 0) + (hasRecords ? 1 : 0)
        let secrets = offset + publicKeys * P256PublicKey.compressedCount
        guard
            blob.count == secrets + 3 * Self.keyBytes + (hasRecords ? 2 * ForwardMAC.keyCount : 0)
        else { return nil }
        let pinned = hasSupplier ? blob.publicKey(at: offset) : nil
        let hostKey = hasRecords ? blob.publicKey(at: secrets - P256PublicKey.compressedCount) : nil
        guard hasSupplier == (pinned != nil), hasRecords == (hostKey != nil) else { return nil }
        supplier = pinned
        keys = TerminalKeys(
            terminal: TerminalID(packed: header.bigEndian(at: 2)), profile: profile,
            keySet: header.bigEndian(at: 10), identityEpoch: header.bigEndian(at: 12))
        serial = header.bigEndian(at: 14)
        firmware = SoftwareVersion(packed: header.bigEndian(at: 22))
        firstCounter = header.bigEndian(at: 26)
        initialKey = blob.part(secrets, Self.keyBytes)
        healthKey = blob.part(secrets + Self.keyBytes, Self.keyBytes)
        leaseKey = blob.part(secrets + 2 * Self.keyBytes, Self.keyBytes)
        guard let hostKey else {
            records = nil
            return
        }
        let first = secrets + 3 * Self.keyBytes
        records = RecordKeys(
            auditRoot: blob.part(first, ForwardMAC.keyCount),
            journal: blob.part(first + ForwardMAC.keyCount, ForwardMAC.keyCount), hostKey: hostKey)
    }
}

extension SecretKey {
    /// Copies the key into a larger secret.
    borrowing func write(to blob: UnsafeMutableRawBufferPointer, at offset: Int) {
        withBytes { UnsafeMutableRawBufferPointer(rebasing: blob[offset..<offset + $0.count]).copyMemory(from: $0) }
    }

    /// A key that lies within a larger secret.
    borrowing func part(_ offset: Int, _ count: Int) -> SecretKey {
        withBytes { bytes in
            SecretKey(count: count) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
            }
        }
    }

    /// A compressed public key that lies within a larger secret; nil for bytes that are no point of the curve.
    fileprivate borrowing func publicKey(at offset: Int) -> P256PublicKey? {
        try? P256PublicKey(withBytes { Array($0[offset..<offset + P256PublicKey.compressedCount]) })
    }
}
