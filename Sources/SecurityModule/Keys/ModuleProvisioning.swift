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

    init(
        keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32,
        initialKey: consuming SecretKey, healthKey: consuming SecretKey, leaseKey: consuming SecretKey,
        supplier: P256PublicKey? = nil
    ) {
        self.supplier = supplier
        (self.keys, self.serial, self.firmware, self.firstCounter) = (keys, serial, firmware, firstCounter)
        self.initialKey = initialKey
        self.healthKey = healthKey
        self.leaseKey = leaseKey
    }

    /// The bytes of each of the three keys: double-length TDES or AES-128.
    static let keyBytes = 16
    /// Version 2 has the supplier's key behind the header of version 1.
    private static let versions: (plain: UInt8, pinned: UInt8) = (1, 2)

    private var header: [UInt8] {
        var bytes: [UInt8] = [supplier == nil ? Self.versions.plain : Self.versions.pinned, keys.profile.rawValue]
        bytes.appendBigEndian(keys.terminal.packed)
        bytes.appendBigEndian(keys.keySet)
        bytes.appendBigEndian(keys.identityEpoch)
        bytes.appendBigEndian(serial)
        bytes.appendBigEndian(firmware.packed)
        bytes.appendBigEndian(firstCounter)
        return bytes + (supplier?.compressed ?? [])
    }
    private static let headerBytes = 30
    private static let pinnedHeaderBytes = headerBytes + P256PublicKey.compressedCount

    /// Identity and keys for a file or a channel, encrypted and authenticated by AES-GCM.
    ///
    /// - Parameter key: 16, 24 or 32 bytes.
    public borrowing func wrapped(under key: borrowing SecretKey) -> [UInt8] {
        let header = header
        let blob = SecretKey(count: header.count + 3 * Self.keyBytes) { blob in
            blob.copyBytes(from: header)
            initialKey.write(to: blob, at: header.count)
            healthKey.write(to: blob, at: header.count + Self.keyBytes)
            leaseKey.write(to: blob, at: header.count + 2 * Self.keyBytes)
        }
        return blob.wrapped(under: key)
    }

    /// - Returns: nil when the bytes are not a provisioning that this key wrapped.
    public init?(wrapped bytes: [UInt8], under key: borrowing SecretKey) {
        guard let blob = SecretKey(unwrapping: bytes, under: key),
            let headerBytes = [Self.headerBytes, Self.pinnedHeaderBytes].first(where: {
                blob.count == $0 + 3 * Self.keyBytes
            })
        else { return nil }
        let isPinned = headerBytes == Self.pinnedHeaderBytes
        let header = blob.withBytes { Array($0[..<headerBytes]) }
        guard header[0] == (isPinned ? Self.versions.pinned : Self.versions.plain),
            let profile = KeyProfile(rawValue: header[1])
        else { return nil }
        let pinned = isPinned ? try? P256PublicKey(Array(header[Self.headerBytes...])) : nil
        guard isPinned == (pinned != nil) else { return nil }
        supplier = pinned
        keys = TerminalKeys(
            terminal: TerminalID(packed: header.bigEndian(at: 2)), profile: profile,
            keySet: header.bigEndian(at: 10), identityEpoch: header.bigEndian(at: 12))
        serial = header.bigEndian(at: 14)
        firmware = SoftwareVersion(packed: header.bigEndian(at: 22))
        firstCounter = header.bigEndian(at: 26)
        initialKey = blob.part(headerBytes, Self.keyBytes)
        healthKey = blob.part(headerBytes + Self.keyBytes, Self.keyBytes)
        leaseKey = blob.part(headerBytes + 2 * Self.keyBytes, Self.keyBytes)
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
}
