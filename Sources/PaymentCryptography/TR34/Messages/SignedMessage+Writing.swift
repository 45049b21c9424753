// SPDX-License-Identifier: Apache-2.0

extension SignedMessage {
    /// A ContentInfo of SignedData in DER, signed with the certificate's key. Content type and message digest are added
    /// to the attributes.
    static func encoding(
        contentType: [UInt8], content: [UInt8], attributes: [[UInt8]], revocationList: RevocationList?,
        certificate: Certificate, privateKey: borrowing RSAPrivateKey
    ) -> [UInt8] {
        let attributes =
            attributes + [
                SignedAttributes.attribute(ObjectIdentifier.contentType, ASN1.objectIdentifier(contentType)),
                SignedAttributes.attribute(
                    ObjectIdentifier.messageDigest, ASN1.octets(DigestAlgorithm.sha256.hash(content))),
            ]
        let signer = SignerInfo.encoding(attributes: attributes, certificate: certificate, privateKey: privateKey)
        let sha256 = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.sha256))
        let encapsulated = ASN1.sequence(
            ASN1.objectIdentifier(contentType),
            ASN1.element(ASN1.Tag.contextConstructed(0), ASN1.octets(content)))
        return contentInfo(
            ASN1.sequence(
                ASN1.integer(contentType == ObjectIdentifier.data ? 1 : 3), ASN1.set([sha256]), encapsulated,
                lists(revocationList), ASN1.set([signer])))
    }

    /// SignedData without a signer, which only carries a certificate, perhaps a revocation list, and perhaps data.
    static func unsigned(
        data: [UInt8]? = nil, certificate: Certificate, revocationList: RevocationList? = nil
    ) -> [UInt8] {
        let content = data.map { ASN1.element(ASN1.Tag.contextConstructed(0), ASN1.octets($0)) } ?? []
        return ASN1.sequence(
            ASN1.integer(1), ASN1.set([]),
            ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.data), content),
            ASN1.element(ASN1.Tag.contextConstructed(0), certificate.der), lists(revocationList), ASN1.set([]))
    }

    static func contentInfo(_ signedData: [UInt8]) -> [UInt8] {
        ASN1.sequence(
            ASN1.objectIdentifier(ObjectIdentifier.signedData),
            ASN1.element(ASN1.Tag.contextConstructed(0), signedData))
    }

    private static func lists(_ list: RevocationList?) -> [UInt8] {
        list.map { ASN1.element(ASN1.Tag.contextConstructed(1), $0.der) } ?? []
    }
}
