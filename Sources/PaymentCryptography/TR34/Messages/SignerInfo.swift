// SPDX-License-Identifier: Apache-2.0

/// SignerInfo (RFC 5652 5.3) and what it signs.
struct SignerInfo {
    let id: PartyIdentifier
    let digest: DigestAlgorithm
    let attributes: SignedAttributes?
    /// The encodings of the attributes that the signature may be over: as they stand; with definite lengths; and sorted,
    /// as DER wants. TR-34's samples are signed unsorted, other writers sort before they sign and store unsorted.
    private let attributeEncodings: [[UInt8]]
    private let signature: [UInt8]

    init(reading element: ASN1Element<ArraySlice<UInt8>>) throws(TR34Error) {
        var reader = element.reader
        let version = try reader.next(ASN1.Tag.integer, "version of the signer").bytes
        id = try PartyIdentifier(reading: try reader.next("signer's identifier"))
        guard version == [id.version] else { throw .malformed("version of the signer") }
        let hash = try AlgorithmIdentifier.simple(try reader.next("digest algorithm"), "digest algorithm")
        guard let digest = ObjectIdentifier.digest(hash), digest != .sha1 else {
            throw .unsupportedAlgorithm("digest")
        }
        self.digest = digest
        if let signed = try reader.nextIf(ASN1.Tag.contextConstructed(0), "signed attributes") {
            attributes = try SignedAttributes(reading: signed)
            let definite = try ASN1Reader.definiteElements(signed.content)
            var encodings = [ASN1.element(ASN1.Tag.set, signed.content)]
            for encoding in [ASN1.element(ASN1.Tag.set, definite.flatMap { $0 }), ASN1.set(definite)]
            where !encodings.contains(encoding) {
                encodings.append(encoding)
            }
            attributeEncodings = encodings
        } else {
            attributes = nil
            attributeEncodings = []
        }
        let algorithm = try AlgorithmIdentifier.simple(try reader.next("signature algorithm"), "signature algorithm")
        guard Self.isAlgorithm(algorithm, of: digest) else { throw .unsupportedAlgorithm("signature") }
        signature = try reader.nextOctets("signature")
        _ = try reader.nextIf(ASN1.Tag.contextConstructed(1), "unsigned attributes")
        try reader.end("end of the signer")
    }

    /// RSASSA-PKCS1-v1_5, named by the key's type or with the hash.
    private static func isAlgorithm(_ identifier: [UInt8], of digest: DigestAlgorithm) -> Bool {
        switch identifier {
        case ObjectIdentifier.rsaEncryption: true
        case ObjectIdentifier.sha256WithRSA: digest == .sha256
        case ObjectIdentifier.sha384WithRSA: digest == .sha384
        case ObjectIdentifier.sha512WithRSA: digest == .sha512
        default: false
        }
    }

    /// Whether the content is what the key signed.
    func isSigned(contentType: [UInt8], content: [UInt8], by key: RSAPublicKey) -> Bool {
        guard let attributes else {
            // RFC 5652 5.3: attributes may be absent only where the content is plain data.
            return contentType == ObjectIdentifier.data && !content.isEmpty
                && RSAOperation.verify(signature, of: content, digest: digest, with: key)
        }
        guard attributes.contentType == contentType,
            constantTimeEquals(attributes.messageDigest, digest.hash(content))
        else { return false }
        return attributeEncodings.contains { RSAOperation.verify(signature, of: $0, digest: digest, with: key) }
    }

    // MARK: Writing

    /// A SignerInfo of SHA-256 with RSA over the attributes.
    static func encoding(
        attributes: [[UInt8]], certificate: Certificate, privateKey: borrowing RSAPrivateKey
    ) -> [UInt8] {
        let signature = RSAOperation.sign(ASN1.set(attributes), digest: .sha256, with: privateKey)
        return ASN1.sequence(
            ASN1.integer(1), certificate.id.encoding,
            ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.sha256)),
            ASN1.set(attributes, tag: ASN1.Tag.contextConstructed(0)),
            ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.rsaEncryption), ASN1.null),
            ASN1.octets(signature))
    }
}

/// SignerIdentifier and RecipientIdentifier (RFC 5652 5.3, 6.2.1).
enum PartyIdentifier: Equatable {
    case certificate(CertificateID)
    case subjectKeyIdentifier([UInt8])

    init<Bytes: ASN1Bytes>(reading element: ASN1Element<Bytes>) throws(TR34Error) {
        switch element.tag {
        case ASN1.Tag.context(0) where (1...64).contains(element.content.count):
            self = .subjectKeyIdentifier(element.bytes)
        default: self = .certificate(try CertificateID(reading: element))
        }
    }

    /// The version of a SignerInfo that is identified so.
    var version: UInt8 {
        switch self {
        case .certificate: 1
        case .subjectKeyIdentifier: 3
        }
    }

    /// Whether it names the certificate.
    func names(_ certificate: Certificate) -> Bool {
        switch self {
        case .certificate(let id): id == certificate.id
        case .subjectKeyIdentifier(let identifier): identifier == certificate.subjectKeyIdentifier
        }
    }
}
