// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What a module asks a key-loading facility with: a fresh RSA key, and that it is this module's.
public struct KeyTransportRequest: Equatable, Sendable {
    public let terminal: TerminalID
    public let serial: UInt64
    public let identityEpoch: UInt16
    public let publicKey: RSAPublicKey
    /// By the module's identity key: ECDSA, `r ‖ s`.
    public let signature: [UInt8]

    private static var format: UInt8 { 1 }

    init(
        _ keys: TerminalKeys, serial: UInt64, publicKey: RSAPublicKey, by identity: borrowing P256PrivateKey
    ) throws(CurveError) {
        (terminal, identityEpoch) = (keys.terminal, keys.identityEpoch)
        (self.serial, self.publicKey) = (serial, publicKey)
        signature = try identity.signature(of: Self.signed(terminal, serial, identityEpoch, publicKey))
    }

    /// Whether the module of this identity key has made it.
    public func isSigned(by identity: P256PublicKey) -> Bool {
        identity.verifies(signature, of: Self.signed(terminal, serial, identityEpoch, publicKey))
    }

    private static func signed(
        _ terminal: TerminalID, _ serial: UInt64, _ epoch: UInt16, _ publicKey: RSAPublicKey
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 512)
        writer.raw(Array("key transport request".utf8))
        writer.byte(format)
        writer.word(terminal.packed)
        writer.word(serial)
        writer.unsigned(epoch)
        writer.sized(publicKey.subjectPublicKeyInfo)
        return writer.bytes
    }

    // MARK: Codec

    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 640)
        writer.byte(Self.format)
        writer.word(terminal.packed)
        writer.word(serial)
        writer.unsigned(identityEpoch)
        writer.sized(publicKey.subjectPublicKeyInfo)
        writer.sized(signature)
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.format else { throw .invalid(offset: 0, what: "format of the request") }
        terminal = TerminalID(packed: try reader.word())
        serial = try reader.word()
        identityEpoch = try reader.unsigned()
        let start = reader.offset
        do { publicKey = try RSAPublicKey(subjectPublicKeyInfo: try reader.sized()) } catch {
            throw .invalid(offset: start, what: "RSA public key")
        }
        signature = try reader.sized()
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of the request") }
    }
}

/// What the facility answers first: certificates of the module's fresh key and of its own, and whose authority that is.
public struct KeyTransportCredential: Equatable, Sendable {
    /// DER.
    public let device: [UInt8]
    public let authority: [UInt8]
    /// By the host's key that the module was personalised with, over the authority: ECDSA, `r ‖ s`.
    public let endorsement: [UInt8]
    /// TR-34's CT_KDH: the facility's certificate and a revocation list.
    public let host: [UInt8]

    public init(device: [UInt8], authority: [UInt8], endorsement: [UInt8], host: [UInt8]) {
        (self.device, self.authority, self.endorsement, self.host) = (device, authority, endorsement, host)
    }

    static func endorsed(_ authority: [UInt8]) -> [UInt8] { Array("key-loading authority".utf8) + authority }
}

/// The keys: TR-34's key token with the protection key, and the provisioning under it.
public struct TransportedKeys: Equatable, Sendable {
    public let token: [UInt8]
    public let provisioning: [UInt8]

    public init(token: [UInt8], provisioning: [UInt8]) { (self.token, self.provisioning) = (token, provisioning) }
}
