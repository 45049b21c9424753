// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What personalises a terminal's module: its identity, and its first keys as key blocks (X9.143), made by the host's module.
///
/// The keys are under a protection key of this provisioning alone. It travels only wrapped: `wrapped(under:)` for a key that
/// both sides have, such as one that two custodians bring.
public struct ModuleProvisioning: ~Copyable, Sendable {
    public let keys: TerminalKeys
    /// The serial number of the module's hardware.
    public let serial: UInt64
    public let firmware: SoftwareVersion
    /// The first transaction counter to use, in a session profile the first health counter; 1 for a new initial key, above
    /// the last used one for a known one.
    public let firstCounter: UInt32
    /// The supplier's public key that the module's software is verified with; nil: none is pinned.
    public let supplier: P256PublicKey?
    /// Whom the module's journal is sealed for; nil for a module that keeps none.
    public let hostKey: P256PublicKey?
    /// What the host vouches for a key-loading facility with; nil: the module takes keys by custodians and by hand alone.
    public let signer: P256PublicKey?
    /// Key blocks in ASCII.
    private(set) var blocks: [LoadableKey: String] = [:]
    let protection: SecretKey

    /// AES-256.
    static let protectionBytes = 32
    /// Of the protection key on its way.
    static let protectionHeader = KeyBlockHeader(
        version: .d, usage: .keyBlockProtection, algorithm: .aes, modeOfUse: .decrypt)

    /// Without a key yet.
    init(
        keys: TerminalKeys, serial: UInt64, firmware: SoftwareVersion, firstCounter: UInt32, supplier: P256PublicKey?,
        hostKey: P256PublicKey?, signer: P256PublicKey?,
        protection: consuming SecretKey = .random(count: Self.protectionBytes)
    ) {
        (self.keys, self.serial, self.firmware, self.firstCounter) = (keys, serial, firmware, firstCounter)
        (self.supplier, self.hostKey, self.signer) = (supplier, hostKey, signer)
        self.protection = protection
    }

    /// Puts a key into its block.
    ///
    /// - Parameter header: nil: what the key needs and no more.
    mutating func add(
        _ key: borrowing SecretKey, as name: LoadableKey, header: KeyBlockHeader? = nil
    ) throws(KeyBlockError) {
        blocks[name] = try KeyBlock.wrap(key, header: header ?? name.header(keys.profile), under: protection)
    }

    /// As it came.
    mutating func add(block: String, as name: LoadableKey) { blocks[name] = block }

    /// A key out of its block, if the block's header lets the module do what it is there for.
    borrowing func key(_ name: LoadableKey) throws(KeyLoadRefusal) -> SecretKey {
        guard let block = blocks[name] else { throw .missing(name) }
        let unwrapped: KeyBlock.Unwrapped
        do { unwrapped = try KeyBlock.unwrap(block, under: protection, policy: .strict) } catch {
            throw .block(name, error)
        }
        let operation = name.operation(keys.profile)
        guard operation.permits(unwrapped.header.attributes) else { throw .notPermitted(name, operation) }
        let key = unwrapped.takeKey()
        guard key.count == name.count else { throw .unsuitable(name) }
        return key
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
