// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A transport of keys that is under way. It is not stored: after a cut of power it begins again.
struct KeyTransport: ~Copyable, Sendable {
    static let timeMax = Interval.minutes(10)

    var privateKey: RSAPrivateKey?
    var device: KeyReceivingDevice?
    var deadline = Instant.epoch

    init() {
        privateKey = nil
        device = nil
    }
}

/// Keys from a facility, by TR-34 in two passes, under nothing that was loaded before (K01). Also while a warning is open.
extension TerminalSecurityModule {
    /// Makes an RSA key and asks for a certificate of it. It takes some tenths of a second.
    ///
    /// - Throws: `noIdentity` for a module that has no identity key, or was personalised without a host's signing key.
    public mutating func beginKeyTransport(now: Instant) throws(KeyLoadRefusal) -> KeyTransportRequest {
        guard record.latch == nil else { throw .notForThisModule }
        let now = tick(now)
        guard record.signer != nil, let key = try? RSAPrivateKey.generate(modulusBits: KeyLoadingFacility.modulusBits)
        else { throw .noIdentity }
        let (publicKey, own, serial) = (key.publicKey, record.keys, record.serial)
        let request = keys.identity.borrowed { identity in
            try? KeyTransportRequest(own, serial: serial, publicKey: publicKey, by: identity)
        }
        guard let request = request ?? nil else { throw .noIdentity }
        transport = KeyTransport()
        transport.privateKey = consume key
        transport.deadline = now + KeyTransport.timeMax
        return request
    }

    /// Binds to the facility, if the host vouches for it.
    ///
    /// - Returns: TR-34's random number token.
    public mutating func acceptCredential(
        _ credential: KeyTransportCredential, now: Instant
    ) throws(KeyLoadRefusal) -> [UInt8] {
        guard record.latch == nil else { throw .notForThisModule }
        let now = tick(now)
        guard now <= transport.deadline, let privateKey = transport.privateKey.take() else { throw .noTransport }
        guard let signer = record.signer,
            signer.verifies(
                credential.endorsement, of: KeyTransportCredential.endorsed(credential.authority)),
            let authority = try? Certificate(der: credential.authority),
            let certificate = try? Certificate(der: credential.device)
        else {
            countMisuse(now)
            throw .notEndorsed
        }
        do throws(TR34Error) {
            var policy = KeyReceivingDevice.Policy()
            policy.strength = KeyLoadingFacility.strength
            policy.allowsOnePass = false
            var device = try KeyReceivingDevice(
                certificate: certificate, privateKey: privateKey, authority: authority,
                hostAuthorities: TrustedAuthorities(anchors: [authority]), policy: policy)
            try device.bind(credentialToken: credential.host, at: now.seconds)
            let token = device.makeRandomNumberToken()
            transport.device = consume device
            return token
        } catch {
            countMisuse(now)
            throw .transport(error)
        }
    }

    /// Loads what came. The transport is over, whatever comes of it.
    public mutating func loadKeys(_ transported: TransportedKeys, now: Instant) throws(KeyLoadRefusal) {
        guard record.latch == nil else { throw .notForThisModule }
        let now = tick(now)
        let isInTime = now <= transport.deadline
        guard var device = transport.device.take(), isInTime else { throw .noTransport }
        transport = KeyTransport()
        let received: TR34.ReceivedKey
        do { received = try device.receive(keyToken: transported.token, at: now.seconds) } catch {
            countMisuse(now)
            throw .transport(error)
        }
        guard KeyOperation.openKeyBlocks.permits(received.header.attributes) else { throw .unreadable }
        let key = received.takeKey()
        guard let provisioning = ModuleProvisioning(wrapped: transported.provisioning, under: key) else {
            countMisuse(now)
            throw .unreadable
        }
        try loadKeys(provisioning, now: now)
    }
}
