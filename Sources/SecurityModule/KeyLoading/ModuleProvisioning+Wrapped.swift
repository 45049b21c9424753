// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// On its way:
///
///     1       format
///     then    terminal, profile, key set, identity epoch, serial, firmware, first counter
///     then    supplier's, host's journal and host's signing public key, each compressed, with its length before it; empty where there is none
///     then    the protection key's block (usage K1), then a list of name and block
///     16      AES-CMAC over all of that, under a key of the protection key
extension ModuleProvisioning {
    private static var format: UInt8 { 3 }
    private static var macLength: Int { 16 }

    /// Identity and keys for a file or a channel.
    ///
    /// - Parameter key: AES-256: nothing weaker protects what the blocks are under.
    public borrowing func wrapped(under key: borrowing SecretKey) -> [UInt8] {
        guard let envelope = try? KeyBlock.wrap(protection, header: Self.protectionHeader, under: key) else {
            preconditionFailure("a provisioning travels under 32 bytes")
        }
        var writer = ByteWriter(capacity: 1_024)
        writer.byte(Self.format)
        writer.word(keys.terminal.packed)
        writer.byte(keys.profile.rawValue)
        writer.unsigned(keys.keySet)
        writer.unsigned(keys.identityEpoch)
        writer.word(serial)
        writer.unsigned(firmware.packed)
        writer.unsigned(firstCounter)
        writer.sized(supplier?.compressed ?? [])
        writer.sized(hostKey?.compressed ?? [])
        writer.sized(signer?.compressed ?? [])
        writer.sized(Array(envelope.utf8))
        let named = LoadableKey.allCases.filter { blocks[$0] != nil }
        writer.list(named) { writer, name in
            writer.byte(name.rawValue)
            writer.sized(Array((blocks[name] ?? "").utf8))
        }
        let body = writer.bytes
        return body + Self.macKey(protection).code(body)
    }

    /// - Returns: nil when the bytes are not a provisioning that this key wrapped.
    public init?(wrapped bytes: [UInt8], under key: borrowing SecretKey) {
        guard let parts = try? Parts(bytes),
            let protection = try? KeyBlock.unwrap(parts.envelope, under: key, policy: .strict),
            KeyOperation.openKeyBlocks.permits(protection.header.attributes)
        else { return nil }
        let secret = protection.takeKey()
        let bodyEnd = bytes.count - Self.macLength
        guard Self.macKey(secret).verify(Array(bytes[bodyEnd...]), message: Array(bytes[..<bodyEnd])) else {
            return nil
        }
        self.init(
            keys: parts.keys, serial: parts.serial, firmware: parts.firmware, firstCounter: parts.firstCounter,
            supplier: parts.supplier, hostKey: parts.hostKey, signer: parts.signer, protection: secret)
        for (name, block) in parts.blocks { add(block: block, as: name) }
    }

    private static func macKey(_ protection: borrowing SecretKey) -> AESCMAC {
        AESCMAC(key: KDF.derive(master: protection, label: "provisioning", count: 16))
    }

    /// Taken apart; nothing of it is believed yet.
    private struct Parts {
        var keys: TerminalKeys
        var serial: UInt64
        var firmware: SoftwareVersion
        var firstCounter: UInt32
        var supplier: P256PublicKey?
        var hostKey: P256PublicKey?
        var signer: P256PublicKey?
        var envelope: String
        var blocks: [(LoadableKey, String)] = []

        init(_ bytes: [UInt8]) throws(CodecError) {
            guard bytes.count > macLength else { throw .invalid(offset: bytes.count, what: "provisioning") }
            var reader = ByteReader(Array(bytes.dropLast(macLength)))
            guard try reader.byte() == format else { throw .invalid(offset: 0, what: "format of a provisioning") }
            let terminal = TerminalID(packed: try reader.word())
            let profile = try reader.raw(KeyProfile.self, "key profile")
            let keySet: UInt16 = try reader.unsigned()
            keys = TerminalKeys(
                terminal: terminal, profile: profile, keySet: keySet, identityEpoch: try reader.unsigned())
            serial = try reader.word()
            firmware = SoftwareVersion(packed: try reader.unsigned())
            firstCounter = try reader.unsigned()
            supplier = try reader.publicKey()
            hostKey = try reader.publicKey()
            signer = try reader.publicKey()
            envelope = String(decoding: try reader.sized(), as: UTF8.self)
            blocks = try reader.list { (reader: inout ByteReader) throws(CodecError) in
                let name = try reader.raw(LoadableKey.self, "name of a key")
                return (name, String(decoding: try reader.sized(), as: UTF8.self))
            }
            guard reader.isAtEnd, blocks.count <= LoadableKey.allCases.count else {
                throw .invalid(offset: reader.offset, what: "end of a provisioning")
            }
        }
    }
}

extension ByteReader {
    /// A compressed point with its length before it; nil for an empty one.
    mutating func publicKey() throws(CodecError) -> P256PublicKey? {
        let start = offset
        let bytes = try sized()
        guard !bytes.isEmpty else { return nil }
        do { return try P256PublicKey(bytes) } catch { throw .invalid(offset: start, what: "public key") }
    }
}
