// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

/// Key tokens with the oddities that are read and never written.
struct LooseToken {
    /// What the signature is over, and how the attributes are stored.
    enum Attributes: CaseIterable {
        case sorted
        /// Signed as they stand, in no order: TR-34's samples.
        case unsorted
        /// Signed in DER order, stored in another.
        case storedUnsorted
    }

    var attributes = Attributes.sorted
    var signatureAlgorithm = ObjectIdentifier.rsaEncryption
    var version: UInt8 = 3
    var listBehindSigners = false
    /// OAEP parameters without the tags of RFC 4055, as the samples have them.
    var untaggedOAEP = false
    var parameters = OAEPParameters.sha256
    /// EnvelopedData without its SEQUENCE, and the ciphertext inside the algorithm: the sample of 2012.
    var bareEnvelope = false
    var envelopeInContentInfo = false
    /// The inner header without object identifier and SET: annex D.
    var plainHeader = false
    /// Without padding where the block fits; the key's length is chosen so that it does.
    var unpadded = false
    var subjectKeyIdentifiers = false
    var keyBlockVersion: UInt8 = 1
    var headerText = Array("A0256K0TB00E0000".utf8)

    private let world = TR34World.shared

    func bytes(randomNumber: [UInt8], key: borrowing SecretKey = TR34World.makeKey()) throws -> [UInt8] {
        let envelope = try self.envelope(key)
        var unsorted = [
            SignedAttributes.attribute(
                ObjectIdentifier.messageDigest, ASN1.octets(DigestAlgorithm.sha256.hash(envelope))),
            try TR34.attribute(randomNumber: randomNumber),
            SignedAttributes.attribute(ObjectIdentifier.data, ASN1.octets(headerText)),
            SignedAttributes.attribute(
                ObjectIdentifier.contentType, ASN1.objectIdentifier(ObjectIdentifier.envelopedData)),
        ]
        let signed =
            attributes == .unsorted ? ASN1.element(ASN1.Tag.set, unsorted.flatMap { $0 }) : ASN1.set(unsorted)
        if attributes == .sorted { unsorted.sort { $0.lexicographicallyPrecedes($1) } }
        let signature = RSAOperation.sign(signed, digest: .sha256, with: try world.hostPrivateKey())
        let sha256 = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.sha256))
        let signer = ASN1.sequence(
            ASN1.integer(subjectKeyIdentifiers ? 3 : 1), identifier(world.host), sha256,
            ASN1.element(ASN1.Tag.contextConstructed(0), unsorted.flatMap { $0 }),
            ASN1.sequence(ASN1.objectIdentifier(signatureAlgorithm), ASN1.null), ASN1.octets(signature))
        let list = ASN1.element(ASN1.Tag.contextConstructed(1), world.list.der)
        return SignedMessage.contentInfo(
            ASN1.sequence(
                ASN1.integer(version), ASN1.set([sha256]),
                ASN1.sequence(
                    ASN1.objectIdentifier(ObjectIdentifier.envelopedData),
                    ASN1.element(ASN1.Tag.contextConstructed(0), ASN1.octets(envelope))),
                listBehindSigners ? ASN1.set([signer]) + list : list + ASN1.set([signer])))
    }

    private func identifier(_ certificate: Certificate) -> [UInt8] {
        subjectKeyIdentifiers
            ? ASN1.element(ASN1.Tag.context(0), certificate.subjectKeyIdentifier) : certificate.id.encoding
    }

    private func envelope(_ key: borrowing SecretKey) throws -> [UInt8] {
        let block = keyBlock(key)
        let cipher = ContentCipher.aes128
        let contentKey = cipher.makeKey()
        let vector = RandomBytes.bytes(16)
        var ciphertext = cipher.encrypt(block, key: contentKey, vector: vector)
        if unpadded {
            #expect(holds(block.count % 16 == 0))
            ciphertext.removeLast(16)
        }
        let encryptedKey = RSAOperation.encrypt(contentKey, parameters: parameters, for: world.device.publicKey)
        let recipient = ASN1.sequence(
            ASN1.integer(subjectKeyIdentifiers ? 2 : 0), identifier(world.device), oaep, ASN1.octets(encryptedKey))
        let encrypted = ASN1.element(ASN1.Tag.context(0), ciphertext)
        let algorithm = ASN1.objectIdentifier(cipher.identifier) + ASN1.octets(vector)
        let content = ASN1.sequence(
            ASN1.objectIdentifier(ObjectIdentifier.data), ASN1.sequence(algorithm, bareEnvelope ? encrypted : []),
            bareEnvelope ? [] : encrypted)
        let inside = ASN1.integer(0) + ASN1.set([recipient]) + content
        if bareEnvelope { return inside }
        guard envelopeInContentInfo else { return ASN1.sequence(inside) }
        return ASN1.sequence(
            ASN1.objectIdentifier(ObjectIdentifier.envelopedData),
            ASN1.element(ASN1.Tag.contextConstructed(0), ASN1.sequence(inside)))
    }

    private var oaep: [UInt8] {
        guard untaggedOAEP else { return parameters.encoding }
        let hash = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.sha256), ASN1.null)
        let maskHash = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.sha256))
        return ASN1.sequence(
            ASN1.objectIdentifier(ObjectIdentifier.rsaesOAEP),
            ASN1.sequence(
                hash, ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.mgf1), maskHash),
                ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.pSpecified), ASN1.octets([]))))
    }

    private func keyBlock(_ key: borrowing SecretKey) -> SecretKey {
        let header =
            plainHeader
            ? ASN1.octets(headerText)
            : SignedAttributes.attribute(ObjectIdentifier.data, ASN1.octets(headerText))
        let bytes = key.withBytes { Array($0) }
        let block = ASN1.sequence(
            ASN1.integer(keyBlockVersion), identifier(world.host), ASN1.octets(bytes), header)
        return SecretKey(count: block.count) { $0.copyBytes(from: block) }
    }
}

/// DER as BER with indefinite lengths, and with long OCTET STRINGs in parts. Revocation lists stay as they are, since
/// their signatures are over their bytes.
func indefinite(_ bytes: [UInt8], depth: Int = 0) throws -> [UInt8] {
    var output: [UInt8] = []
    var reader = ASN1Reader(bytes[...])
    while !reader.isAtEnd {
        let element = try reader.next("element")
        if depth == 3, element.tag == ASN1.Tag.contextConstructed(1) {
            output += element.encoding
        } else if element.tag & ASN1.Tag.constructed != 0 {
            output += [element.tag, 0x80] + (try indefinite(element.bytes, depth: depth + 1)) + [0, 0]
        } else if element.tag == ASN1.Tag.octets, element.content.count > 200 {
            let half = element.content.startIndex + element.content.count / 2
            output += [ASN1.Tag.octets | ASN1.Tag.constructed, 0x80] + ASN1.octets(element.content[..<half])
            output += ASN1.octets(element.content[half...]) + [0, 0]
        } else {
            output += element.encoding
        }
    }
    return output
}
