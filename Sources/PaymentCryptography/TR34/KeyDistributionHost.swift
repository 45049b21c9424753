// SPDX-License-Identifier: Apache-2.0

/// The host's side of TR-34: it holds its certificate's private key, and writes tokens in DER.
public struct KeyDistributionHost: ~Copyable, Sendable {
    /// The host's credential.
    public let certificate: Certificate
    private let privateKey: RSAPrivateKey

    /// A host from its credential and the private key of it.
    public init(certificate: Certificate, privateKey: consuming RSAPrivateKey) throws(TR34Error) {
        guard certificate.permits(.keyDistributionHost) else { throw .certificate(.wrongUsage) }
        guard certificate.matches(privateKey) else { throw .wrongPrivateKey }
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// A host from PEM: a certificate, and its private key, not encrypted.
    public init(certificatePEM: String, privateKeyPEM: borrowing SecretKey) throws(TR34Error) {
        let certificate: Certificate
        do { certificate = try Certificate(pem: certificatePEM) } catch { throw .certificate(error) }
        let key: RSAPrivateKey
        do { key = try RSAPrivateKey(pem: privateKeyPEM) } catch { throw .certificate(.key(error)) }
        try self.init(certificate: certificate, privateKey: key)
    }

    /// CT_KDH, with which a device is bound (TR-34 B.6).
    public func credentialToken(revocationList: RevocationList) throws(TR34Error) -> [UInt8] {
        try check(revocationList)
        return TR34.Credential.token(certificate: certificate, revocationList: revocationList)
    }

    /// KT_KDH: the key for one device (TR-34 B.8, B.9).
    ///
    /// - Parameter header: the attributes of the key; they travel as text, signed, and encrypted with the key.
    /// - Parameter device: the receiver's credential, which the caller has validated.
    /// - Parameter revocationList: of this host's issuer; devices that insist on one refuse a token without it.
    /// - Parameter cipher: of the inside; the weakest that is no weaker than the key when nil.
    /// - Parameter ignoringKeyUsage: also sends to a device whose certificate has a key usage without encipherment, as
    ///   some manufacturers' have.
    public func keyToken(
        _ key: borrowing SecretKey, header: KeyBlockHeader, for device: Certificate, freshness: TR34.Freshness,
        revocationList: RevocationList?, cipher: ContentCipher? = nil, strength: KeyTransportRule = .strict,
        ignoringKeyUsage: Bool = false
    ) throws(TR34Error) -> [UInt8] {
        let algorithm = try TransportedHeader.algorithm(header)
        do { try KeyGuard.check(key, for: algorithm) } catch { throw .unusableKey(error) }
        guard ignoringKeyUsage || device.permits(.keyReceivingDevice) else { throw .certificate(.wrongUsage) }
        let cipher = cipher ?? .fitting(algorithm, keyCount: key.count)
        try TR34.Transport(device: device, host: certificate, cipher: cipher, strength: strength)
            .check(algorithm, keyCount: key.count)
        try check(revocationList)
        let text = try TransportedHeader.text(header)
        let fresh =
            switch freshness {
            case .randomNumber(let number): try TR34.attribute(randomNumber: number)
            case .signingTime(let seconds): try TR34.attribute(signingTime: seconds)
            }
        let block = ClearKeyBlock.encoding(key: key, header: text, host: certificate.id)
        return SignedMessage.encoding(
            contentType: ObjectIdentifier.envelopedData,
            content: EnvelopedMessage.encoding(of: block, for: device, cipher: cipher),
            attributes: [fresh, SignedAttributes.attribute(ObjectIdentifier.data, ASN1.octets(text))],
            revocationList: revocationList, certificate: certificate, privateKey: privateKey)
    }

    /// UBT_KDH: lets the device go (TR-34 B.14).
    ///
    /// - Parameter randomNumber: of the device's token.
    public func unbindToken(
        device: CertificateID, randomNumber: [UInt8], revocationList: RevocationList?
    ) throws(TR34Error) -> [UInt8] {
        try check(revocationList)
        return SignedMessage.encoding(
            contentType: ObjectIdentifier.data, content: device.encoding,
            attributes: [try TR34.attribute(randomNumber: randomNumber)], revocationList: revocationList,
            certificate: certificate, privateKey: privateKey)
    }

    /// RBT_KDH: hands the device over to another host (TR-34 B.11).
    ///
    /// - Parameter randomNumber: of the device's token.
    /// - Parameter revocationList: of the new host's issuer, which the device wants to see.
    public func rebindToken(
        device: CertificateID, newHost: Certificate, randomNumber: [UInt8], revocationList: RevocationList?
    ) throws(TR34Error) -> [UInt8] {
        guard newHost.permits(.keyDistributionHost) else { throw .certificate(.wrongUsage) }
        if let revocationList, !revocationList.isOf(newHost) { throw .certificate(.revocationListMissing) }
        return SignedMessage.encoding(
            contentType: ObjectIdentifier.signedData,
            content: SignedMessage.unsigned(data: device.encoding, certificate: newHost),
            attributes: [try TR34.attribute(randomNumber: randomNumber)], revocationList: revocationList,
            certificate: certificate, privateKey: privateKey)
    }

    private func check(_ revocationList: RevocationList?) throws(TR34Error) {
        if let revocationList, !revocationList.isOf(certificate) { throw .certificate(.revocationListMissing) }
    }
}
