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

    init(
        keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32,
        initialKey: consuming SecretKey, healthKey: consuming SecretKey, leaseKey: consuming SecretKey
    ) {
        (self.keys, self.serial, self.firmware, self.firstCounter) = (keys, serial, firmware, firstCounter)
        self.initialKey = initialKey
        self.healthKey = healthKey
        self.leaseKey = leaseKey
    }

    /// The bytes of each of the three keys: double-length TDES or AES-128.
    static let keyBytes = 16
    private static let version: UInt8 = 1

    private var header: [UInt8] {
        var bytes: [UInt8] = [Self.version, keys.profile.rawValue]
        bytes.appendBigEndian(keys.terminal.packed)
        bytes.appendBigEndian(keys.keySet)
        bytes.appendBigEndian(keys.identityEpoch)
        bytes.appendBigEndian(serial)
        bytes.appendBigEndian(firmware.packed)
        bytes.appendBigEndian(firstCounter)
        return bytes
    }
    private static let headerBytes = 30

    /// Identity and keys for a file or a channel, encrypted and authenticated by AES-GCM.
    ///
    /// - Parameter key: 16, 24 or 32 bytes.
    public borrowing func wrapped(under key: borrowing SecretKey) -> [UInt8] {
        let header = header
        let blob = SecretKey(count: Self.headerBytes + 3 * Self.keyBytes) { blob in
            blob.copyBytes(from: header)
            initialKey.write(to: blob, at: Self.headerBytes)
            healthKey.write(to: blob, at: Self.headerBytes + Self.keyBytes)
            leaseKey.write(to: blob, at: Self.headerBytes + 2 * Self.keyBytes)
        }
        return blob.wrapped(under: key)
    }

    /// - Returns: nil when the bytes are not a provisioning that this key wrapped.
    public init?(wrapped bytes: [UInt8], under key: borrowing SecretKey) {
        guard let blob = SecretKey(unwrapping: bytes, under: key),
            blob.count == Self.headerBytes + 3 * Self.keyBytes
        else { return nil }
        let header = blob.withBytes { Array($0[..<Self.headerBytes]) }
        guard header[0] == Self.version, let profile = KeyProfile(rawValue: header[1]) else { return nil }
        keys = TerminalKeys(
            terminal: TerminalID(packed: header.bigEndian(at: 2)), profile: profile,
            keySet: header.bigEndian(at: 10), identityEpoch: header.bigEndian(at: 12))
        serial = header.bigEndian(at: 14)
        firmware = SoftwareVersion(packed: header.bigEndian(at: 22))
        firstCounter = header.bigEndian(at: 26)
        initialKey = blob.part(Self.headerBytes, Self.keyBytes)
        healthKey = blob.part(Self.headerBytes + Self.keyBytes, Self.keyBytes)
        leaseKey = blob.part(Self.headerBytes + 2 * Self.keyBytes, Self.keyBytes)
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
