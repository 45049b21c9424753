// SPDX-License-Identifier: Apache-2.0

/// EnvelopedData (RFC 5652 6) with RSA-OAEP recipients (RFC 3560), as key tokens have it.
struct EnvelopedMessage {
    struct Recipient {
        let id: PartyIdentifier
        let parameters: OAEPParameters
        let encryptedKey: [UInt8]
    }

    /// The longest ciphertext read, in bytes: a key block with the longest header fits well.
    static let ciphertextCountMax = 8_192

    let recipients: [Recipient]
    let cipher: ContentCipher
    let vector: [UInt8]
    let ciphertext: [UInt8]

    private typealias Element = ASN1Element<ArraySlice<UInt8>>
    private typealias Reader = ASN1Reader<ArraySlice<UInt8>>

    /// Reads EnvelopedData, by itself, in a ContentInfo, or without its SEQUENCE as in TR-34's sample of 2012.
    init(reading bytes: [UInt8]) throws(TR34Error) {
        var outer = Reader(bytes[...])
        if outer.tag == ASN1.Tag.sequence {
            let whole = try outer.next("enveloped data")
            try outer.end("end of the enveloped data")
            outer = whole.reader
            if outer.tag == ASN1.Tag.objectIdentifier {
                guard try outer.next("enveloped data").bytes == ObjectIdentifier.envelopedData else {
                    throw .malformed("enveloped data")
                }
                var explicit = try outer.next(ASN1.Tag.contextConstructed(0), "enveloped data").reader
                try outer.end("end of the enveloped data")
                outer = try explicit.next(ASN1.Tag.sequence, "enveloped data").reader
                try explicit.end("end of the enveloped data")
            }
        }
        let version = try outer.next(ASN1.Tag.integer, "version of the enveloped data").bytes
        guard version.count == 1, version[0] <= 4 else { throw .malformed("version of the enveloped data") }
        _ = try outer.nextIf(ASN1.Tag.contextConstructed(0), "originator")
        var infos = try outer.next(ASN1.Tag.set, "recipients").reader
        var recipients: [Recipient] = []
        while !infos.isAtEnd { recipients.append(try Self.recipient(try infos.next("recipient"))) }
        self.recipients = recipients
        var content = try outer.next(ASN1.Tag.sequence, "encrypted content").reader
        _ = try outer.nextIf(ASN1.Tag.contextConstructed(1), "unprotected attributes")
        try outer.end("end of the enveloped data")

        guard try content.next("type of the encrypted content").bytes == ObjectIdentifier.data else {
            throw .malformed("type of the encrypted content")
        }
        var algorithm = try content.next(ASN1.Tag.sequence, "content encryption algorithm").reader
        let identifier = try algorithm.next(ASN1.Tag.objectIdentifier, "content encryption algorithm").bytes
        guard let cipher = ContentCipher(identifier: identifier) else {
            throw .unsupportedAlgorithm("content encryption")
        }
        vector = try algorithm.nextOctets("initialization vector")
        guard vector.count == cipher.blockCount else { throw .malformed("initialization vector") }
        // The sample of 2012 has the ciphertext inside the algorithm.
        let encrypted = try algorithm.isAtEnd ? content.next("ciphertext") : algorithm.next("ciphertext")
        guard encrypted.tag & ~ASN1.Tag.constructed == ASN1.Tag.context(0) else { throw .malformed("ciphertext") }
        ciphertext = try Reader.octets(encrypted, "ciphertext", depth: 0)
        try algorithm.end("end of the algorithm")
        try content.end("end of the encrypted content")
        guard (1...Self.ciphertextCountMax).contains(ciphertext.count), ciphertext.count % cipher.blockCount == 0 else {
            throw .malformed("ciphertext")
        }
        self.cipher = cipher
    }

    private static func recipient(_ element: Element) throws(TR34Error) -> Recipient {
        guard element.tag == ASN1.Tag.sequence else { throw .unsupportedAlgorithm("recipient") }
        var reader = element.reader
        let version = try reader.next(ASN1.Tag.integer, "version of the recipient").bytes
        guard version == [0] || version == [2] else { throw .malformed("version of the recipient") }
        let id = try PartyIdentifier(reading: try reader.next("recipient's identifier"))
        let parameters = try OAEPParameters(reading: try reader.next(ASN1.Tag.sequence, "key encryption algorithm"))
        let encryptedKey = try reader.nextOctets("encrypted key")
        try reader.end("end of the recipient")
        return Recipient(id: id, parameters: parameters, encryptedKey: encryptedKey)
    }

    /// Decrypts what is for the device, whose key it is.
    func open(
        device: Certificate, privateKey: borrowing RSAPrivateKey, acceptingMixedMasks: Bool
    ) throws(TR34Error) -> SecretKey {
        guard let recipient = recipients.first(where: { $0.id.names(device) }) else { throw .wrongDevice }
        var key = RSAOperation.decrypt(recipient.encryptedKey, parameters: recipient.parameters, with: privateKey)
        if acceptingMixedMasks, key == nil {
            key = MixedMaskOAEP.decrypt(recipient.encryptedKey, with: privateKey)
        }
        guard let key, key.count == cipher.keyCount else { throw .notAuthentic }
        return cipher.decrypt(ciphertext, key: key, vector: vector)
    }

    // MARK: Writing

    /// EnvelopedData of the content for one recipient.
    static func encoding(of content: borrowing SecretKey, for recipient: Certificate, cipher: ContentCipher) -> [UInt8]
    {
        let key = cipher.makeKey()
        let vector = RandomBytes.bytes(cipher.blockCount)
        let parameters = OAEPParameters.sha256
        let info = ASN1.sequence(
            ASN1.integer(0), recipient.id.encoding, parameters.encoding,
            ASN1.octets(RSAOperation.encrypt(key, parameters: parameters, for: recipient.publicKey)))
        let ciphertext = cipher.encrypt(content, key: key, vector: vector)
        return ASN1.sequence(
            ASN1.integer(0), ASN1.set([info]),
            ASN1.sequence(
                ASN1.objectIdentifier(ObjectIdentifier.data),
                ASN1.sequence(ASN1.objectIdentifier(cipher.identifier), ASN1.octets(vector)),
                ASN1.element(ASN1.Tag.context(0), ciphertext)))
    }
}
