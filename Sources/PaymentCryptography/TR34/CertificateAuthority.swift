// SPDX-License-Identifier: Apache-2.0

/// The authority's side of TR-34: it certifies hosts and devices, revokes, and unbinds or rebinds a device without its
/// host.
public struct CertificateAuthority: ~Copyable, Sendable {
    /// The authority's certificate.
    public let certificate: Certificate
    let privateKey: RSAPrivateKey

    /// An authority from its certificate and the private key of it.
    public init(certificate: Certificate, privateKey: consuming RSAPrivateKey) throws(TR34Error) {
        guard certificate.permits(.authority) else { throw .certificate(.wrongUsage) }
        guard certificate.matches(privateKey) else { throw .wrongPrivateKey }
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// An authority from PEM: a certificate, and its private key, not encrypted.
    public init(certificatePEM: String, privateKeyPEM: borrowing SecretKey) throws(TR34Error) {
        let certificate: Certificate
        do { certificate = try Certificate(pem: certificatePEM) } catch { throw .certificate(error) }
        let key: RSAPrivateKey
        do { key = try RSAPrivateKey(pem: privateKeyPEM) } catch { throw .certificate(.key(error)) }
        try self.init(certificate: certificate, privateKey: key)
    }

    /// A root: its certificate is signed with its own key.
    ///
    /// - Parameter name: the common name, 1 to 64 characters.
    /// - Parameter validity: first and last second, since 1970.
    public static func root(
        name: String, privateKey: consuming RSAPrivateKey, validity: ClosedRange<Int64>
    ) throws(CertificateProblem) -> CertificateAuthority {
        let request = CertificateWriter(
            name: name, publicKey: privateKey.publicKey, role: .authority, validity: validity)
        let certificate = try request.sign(issuer: nil, with: privateKey)
        return CertificateAuthority(certificate, privateKey)
    }

    private init(_ certificate: Certificate, _ privateKey: consuming RSAPrivateKey) {
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// A certificate for a host, a device or a lower authority.
    ///
    /// - Parameter name: the common name, 1 to 64 characters.
    /// - Parameter validity: first and last second, since 1970; within the authority's own.
    public func issue(
        name: String, publicKey: RSAPublicKey, role: CertificateRole, validity: ClosedRange<Int64>
    ) throws(CertificateProblem) -> Certificate {
        guard validity.lowerBound >= certificate.notBefore else { throw .notYetValid }
        guard validity.upperBound <= certificate.notAfter else { throw .expired }
        return try CertificateWriter(name: name, publicKey: publicKey, role: role, validity: validity)
            .sign(issuer: certificate, with: privateKey)
    }

    /// A revocation list (RFC 5280 5).
    ///
    /// - Parameter serialNumbers: of the certificates of this authority that are revoked.
    /// - Parameter number: the list's own number, higher than that of the list before.
    /// - Parameter validity: `thisUpdate` and `nextUpdate`, in seconds since 1970.
    public func revocationList(
        revoking serialNumbers: [[UInt8]], number: UInt32, validity: ClosedRange<Int64>
    ) throws(CertificateProblem) -> RevocationList {
        try RevocationListWriter(
            issuer: certificate, serialNumbers: serialNumbers, number: number, validity: validity
        ).sign(with: privateKey)
    }

    /// UBT_CA: makes the device let its host go (TR-34 B.13). Always dated, which the sample is not.
    ///
    /// - Parameter seconds: the time of signing, since 1970; later than that of the device's last such token.
    public func unbindToken(
        device: CertificateID, host: CertificateID, at seconds: Int64
    ) throws(TR34Error) -> [UInt8] {
        SignedMessage.encoding(
            contentType: ObjectIdentifier.data, content: device.encoding + host.encoding,
            attributes: [try TR34.attribute(signingTime: seconds)], revocationList: nil, certificate: certificate,
            privateKey: privateKey)
    }

    /// RBT_CA: gives the device another host (TR-34 B.10).
    ///
    /// - Parameter host: the one that the device is bound to.
    /// - Parameter revocationList: of the new host's issuer, which the device wants to see.
    /// - Parameter seconds: the time of signing, since 1970; later than that of the device's last such token.
    public func rebindToken(
        device: CertificateID, host: CertificateID, newHost: Certificate, revocationList: RevocationList?,
        at seconds: Int64
    ) throws(TR34Error) -> [UInt8] {
        guard newHost.permits(.keyDistributionHost) else { throw .certificate(.wrongUsage) }
        if let revocationList, !revocationList.isOf(newHost) { throw .certificate(.revocationListMissing) }
        return SignedMessage.encoding(
            contentType: ObjectIdentifier.signedData,
            content: SignedMessage.unsigned(data: device.encoding + host.encoding, certificate: newHost),
            attributes: [try TR34.attribute(signingTime: seconds)], revocationList: revocationList,
            certificate: certificate, privateKey: privateKey)
    }
}
