// SPDX-License-Identifier: Apache-2.0
import ModuleWire
import PaymentCryptography

/// The two keys of one line: agreed at its introduction from two keys that were made for it, and gone with it. No PIN and no
/// key is in clear in what passes.
final class ChannelKeys: Sendable {
    /// PINs on their way to the module, in blocks of ISO 9564-1 format 4; AES-256.
    let pin: SecretKey
    /// Keys on their way from the module; AES-256.
    let transport: SecretKey

    private static let keyBytes = 32
    private static let label = Array("tillguard module line".utf8)

    /// - Parameters:
    ///   - own: this side's private scalar.
    ///   - publicKeys: both sides', the client's first.
    ///   - peer: the other side's public key.
    /// - Returns: nil for a point that is none.
    init?(own: borrowing SecretKey, peer: [UInt8], publicKeys: [UInt8]) {
        guard let secret = try? ECDH.sharedSecret(curve: .p256, privateKey: own, peer: peer) else { return nil }
        func key(_ purpose: UInt8) -> SecretKey {
            X963KDF.derive(
                secret: secret, sharedInfo: Self.label + [purpose] + publicKeys, digest: .sha256, count: Self.keyBytes)
        }
        pin = key(1)
        transport = key(2)
    }
}

/// One side's half of an agreement.
struct ChannelHalf: ~Copyable {
    private let scalar: SecretKey
    /// `04 ‖ x ‖ y`.
    let publicKey: [UInt8]

    init() {
        scalar = ECDH.generatePrivateKey(curve: .p256)
        do { publicKey = try ECDH.publicKey(curve: .p256, privateKey: scalar) } catch {
            preconditionFailure("a scalar that was made has its point")
        }
    }

    /// The client's keys.
    consuming func keys(server: [UInt8]) -> ChannelKeys? {
        ChannelKeys(own: scalar, peer: server, publicKeys: publicKey + server)
    }

    /// The server's keys.
    consuming func keys(client: [UInt8]) -> ChannelKeys? {
        ChannelKeys(own: scalar, peer: client, publicKeys: client + publicKey)
    }
}
