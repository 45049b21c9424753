// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Why a key-loading facility makes no keys.
public enum KeyLoadingError: Error, Equatable, Sendable {
    /// Not a request, or not by the module whose identity the estate knows.
    case notThisModule
    /// The random number is none, or the certificate not of this facility.
    case transport(TR34Error)
    /// The facility's own certificates are over.
    case expired
}

/// The host's key distribution (ANSI X9 TR-34): keys reach a module under an RSA key that it has just made, and under nothing
/// that was ever loaded into it. That is how a compromised hierarchy is replaced (K01).
///
/// It lives for a day, has keys of its own, and the host's signing key vouches for them. Making one takes RSA keys of 3,072
/// bits: seconds.
public final class KeyLoadingFacility: Sendable {
    static let modulusBits = 3_072
    /// No RSA in use is as strong as AES-256; that is known, and said.
    static let strength = KeyTransportRule.waivingAnyKeyUnderRSA3072
    private static let lifetime: Int64 = 86_400
    private static let skew: Int64 = 300

    private let authority: CertificateAuthority
    private let host: KeyDistributionHost
    private let revocations: RevocationList
    private let endorsement: [UInt8]
    private let validity: ClosedRange<Int64>

    init(signer: borrowing P256PrivateKey, now: Instant) throws(KeyLoadingError) {
        let validity = now.seconds - Self.skew...now.seconds + Self.lifetime
        self.validity = validity
        do {
            let authority = try CertificateAuthority.root(
                name: "Tillguard key-loading authority", privateKey: try Self.key(), validity: validity)
            let key = try Self.key()
            let certificate = try authority.issue(
                name: "Tillguard key distribution", publicKey: key.publicKey, role: .keyDistributionHost,
                validity: validity)
            revocations = try authority.revocationList(revoking: [], number: 1, validity: validity)
            endorsement = try signer.signature(of: KeyTransportCredential.endorsed(authority.certificate.der))
            host = try KeyDistributionHost(certificate: certificate, privateKey: key)
            self.authority = authority
        } catch { throw .expired }
    }

    private static func key() throws -> RSAPrivateKey { try .generate(modulusBits: modulusBits) }

    /// Whether it still serves; make another one else.
    public func isValid(at now: Instant) -> Bool { validity.contains(now.seconds + Self.skew) }

    /// Certifies the key that a module has made.
    ///
    /// - Parameter identity: what the estate knows the module by.
    public func certify(
        _ request: KeyTransportRequest, identity: P256PublicKey, now: Instant
    ) throws(KeyLoadingError) -> KeyTransportCredential {
        guard request.isSigned(by: identity) else { throw .notThisModule }
        guard isValid(at: now) else { throw .expired }
        do {
            let device = try authority.issue(
                name: "\(request.terminal) \(request.serial)", publicKey: request.publicKey,
                role: .keyReceivingDevice, validity: validity)
            return KeyTransportCredential(
                device: device.der, authority: authority.certificate.der, endorsement: endorsement,
                host: try host.credentialToken(revocationList: revocations))
        } catch { throw .notThisModule }
    }

    /// Sends keys to a module that this facility has certified.
    ///
    /// - Parameters:
    ///   - device: the module's certificate.
    ///   - randomNumber: the module's random number token.
    public func send(
        _ provisioning: borrowing ModuleProvisioning, to device: [UInt8], randomNumber: [UInt8]
    ) throws(KeyLoadingError) -> TransportedKeys {
        let key = SecretKey.random(count: ModuleProvisioning.protectionBytes)
        do throws(TR34Error) {
            let certificate: Certificate
            do { certificate = try Certificate(der: device) } catch { throw .certificate(error) }
            let number = try TR34.randomNumber(readingToken: randomNumber)
            let token = try host.keyToken(
                key, header: ModuleProvisioning.protectionHeader, for: certificate, freshness: .randomNumber(number),
                revocationList: revocations, strength: Self.strength)
            return TransportedKeys(token: token, provisioning: provisioning.wrapped(under: key))
        } catch { throw .transport(error) }
    }
}

extension SoftHostModule {
    /// A facility for a day.
    public func makeKeyLoadingFacility(now: Instant) throws(KeyLoadingError) -> KeyLoadingFacility {
        try KeyLoadingFacility(signer: masters.keyLoadingSigner(), now: now)
    }
}
