// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `TR-34 reading` {
    private let world = TR34World.shared
    private let now = TR34World.now

    private func expectKey(_ token: LooseToken, _ policy: KeyReceivingDevice.Policy = .init()) throws {
        var device = try world.makeBoundDevice(policy: policy)
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let received = try device.receive(keyToken: token.bytes(randomNumber: number), at: now)
        #expect(holds(received.key.equals(TR34World.makeKey())))
        #expect(received.header.usage == .keyEncryption)
        #expect(received.header.algorithm == .tdes)
    }

    @Test(arguments: LooseToken.Attributes.allCases)
    func `Signed attributes are read in every order`(order: LooseToken.Attributes) throws {
        var token = LooseToken()
        token.attributes = order
        try expectKey(token)
    }

    @Test func `What the samples and field devices do differently is read`() throws {
        func check(_ change: (inout LooseToken) -> Void) throws {
            var token = LooseToken()
            change(&token)
            try expectKey(token)
        }
        try check { $0.signatureAlgorithm = ObjectIdentifier.sha256WithRSA }
        try check { $0.version = 1 }
        try check { $0.listBehindSigners = true }
        try check { $0.untaggedOAEP = true }
        try check { $0.parameters = .sha1 }
        try check { $0.parameters = .sha512 }
        try check { $0.parameters = OAEPParameters(hash: .sha256, maskHash: .sha512, label: Array("label".utf8)) }
        try check { $0.bareEnvelope = true }
        try check { $0.envelopeInContentInfo = true }
        try check { $0.plainHeader = true }
        try check { $0.subjectKeyIdentifiers = true }
        try check { $0.keyBlockVersion = 0 }
        try check { $0.headerText = Array("D9999K0TB00E0000".utf8) }
        try check { $0.headerText = Array("B0000K0TB00E0100LB05x".utf8) }
        try check {
            $0.bareEnvelope = true
            $0.untaggedOAEP = true
            $0.attributes = .unsorted
            $0.version = 1
        }
    }

    @Test func `A key block that fills its blocks may lack the padding`() throws {
        var token = LooseToken()
        token.unpadded = true
        // The text of an optional block brings the block to whole cipher blocks.
        for count in 0..<16 {
            let text = String(repeating: "x", count: count)
            token.headerText = Array("B0000K0TB00E0100LB".utf8) + Array(Hex.text([UInt8(4 + count)]).utf8) + text.utf8
            let block = ClearKeyBlock.encoding(key: TR34World.makeKey(), header: token.headerText, host: world.host.id)
            if holds(block.count % 16 == 0) { return try expectKey(token) }
        }
        Issue.record("no length fits")
    }

    @Test func `BER with indefinite lengths and strings in parts is read`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        for order in LooseToken.Attributes.allCases {
            var token = LooseToken()
            token.attributes = order
            let state = device.state
            let ber = try indefinite(token.bytes(randomNumber: number))
            #expect(ber.contains(0x80))
            let received = try device.receive(keyToken: ber, at: now)
            #expect(holds(received.key.equals(TR34World.makeKey())))
            device.state = state
        }
        #expect(try TR34.randomNumber(readingToken: indefinite(TR34.token(randomNumber: number))) == number)
    }

    @Test func `A header that is none, or of another algorithm, is refused`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        for (text, error) in [
            ("A0256K0TB00E000", TR34Error.malformed("key block header")),
            ("A02x6K0TB00E0000", .malformed("key block header")),
            ("X0256K0TB00E0000", .malformed("version of the key block header")),
            ("A0256K0TB00E00001", .malformed("key block header")),
            ("A0256K0RB00E0000", .unsupportedAlgorithm("key")),
            ("A0256K0AB00E0000", .weakerThanKey),
            ("A0256K0TB00X0000", .header(.malformed(offset: 11, expected: "an exportability E, N or S"))),
        ] {
            var token = LooseToken()
            token.headerText = Array(text.utf8)
            let bytes = try token.bytes(randomNumber: number)
            #expect(thrown { _ = try device.receive(keyToken: bytes, at: now) } == error, "\(text)")
        }
    }

    @Test func `PKCS 1 padding of version 1.5 is not decrypted`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let token = try LooseToken().bytes(randomNumber: number)
        let envelope = try SignedMessage(reading: token).content
        let changed = envelope.replacing(
            ASN1.objectIdentifier(ObjectIdentifier.rsaesOAEP),
            with: ASN1.objectIdentifier(ObjectIdentifier.rsaEncryption))
        #expect(changed != envelope)
        #expect(throws: TR34Error.unsupportedAlgorithm("key encryption")) { try EnvelopedMessage(reading: changed) }
        #expect(throws: TR34Error.self) {
            try EnvelopedMessage(
                reading: envelope.replacing(
                    [0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09], with: [0xA0, 0x0F, 0x04, 0x0D, 0x06, 9]))
        }
    }

    @Test func `A ciphertext has a limit`() throws {
        func envelope(_ count: Int) -> [UInt8] {
            ASN1.sequence(
                ASN1.integer(0), ASN1.set([]),
                ASN1.sequence(
                    ASN1.objectIdentifier(ObjectIdentifier.data),
                    ASN1.sequence(
                        ASN1.objectIdentifier(ObjectIdentifier.tdesCBC), ASN1.octets([UInt8](repeating: 0, count: 8))),
                    ASN1.element(ASN1.Tag.context(0), [UInt8](repeating: 0, count: count))))
        }
        let limit = EnvelopedMessage.ciphertextCountMax
        for count in [8, limit - 8, limit] {
            #expect(try EnvelopedMessage(reading: envelope(count)).ciphertext.count == count)
        }
        for count in [0, 7, limit - 1, limit + 8, 100_000] {
            #expect(throws: TR34Error.malformed("ciphertext")) { try EnvelopedMessage(reading: envelope(count)) }
        }
    }

    @Test func `A rebind token whose inside lacks its SEQUENCE is read, and parties in a SEQUENCE`() throws {
        for (bare, wrapped) in [(true, false), (false, true), (true, true)] {
            var device = try world.makeBoundDevice()
            let ids = world.device.id.encoding + world.host.id.encoding
            var inner = SignedMessage.unsigned(
                data: wrapped ? ASN1.sequence(ids) : ids, certificate: world.otherHost)
            if bare {
                var reader = ASN1Reader(inner[...])
                inner = try reader.next("inside").bytes
            }
            let token = SignedMessage.encoding(
                contentType: ObjectIdentifier.signedData, content: inner,
                attributes: [try TR34.attribute(signingTime: now)], revocationList: world.list,
                certificate: world.deviceAuthority.certificate, privateKey: world.deviceAuthority.privateKey)
            try device.rebind(token: token, at: now)
            #expect(device.state.host == world.otherHost)
        }
    }

    @Test func `An authority's token without attributes is read only where the device allows it`() throws {
        var device = try world.makeBoundDevice()
        let content = world.device.id.encoding + world.host.id.encoding
        let authority = world.deviceAuthority.certificate
        let signature = RSAOperation.sign(content, digest: .sha256, with: world.deviceAuthority.privateKey)
        let sha256 = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.sha256))
        let token = SignedMessage.contentInfo(
            ASN1.sequence(
                ASN1.integer(1), ASN1.set([sha256]),
                ASN1.sequence(
                    ASN1.objectIdentifier(ObjectIdentifier.data),
                    ASN1.element(ASN1.Tag.contextConstructed(0), ASN1.octets(content))),
                ASN1.set([
                    ASN1.sequence(
                        ASN1.integer(1), authority.id.encoding, sha256,
                        ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.rsaEncryption), ASN1.null),
                        ASN1.octets(signature))
                ])))
        #expect(thrown { try device.unbind(token: token, at: now) } == .noFreshness)
        device.policy.allowsUndatedAuthorityTokens = true
        try device.unbind(token: token, at: now)
        #expect(device.state.host == nil)
    }

    @Test func `Signed attributes do not pass for content that was signed without them`() throws {
        // The attributes of a token of the authority, handed in as the content of one without attributes.
        let token = try world.deviceAuthority.unbindToken(device: world.device.id, host: world.host.id, at: now)
        let message = try SignedMessage(reading: token)
        let signer = try message.verify(by: world.deviceAuthority.certificate)
        #expect(signer.attributes?.signingTime == now)
        var policy = KeyReceivingDevice.Policy()
        policy.allowsUndatedAuthorityTokens = true
        var device = try world.makeBoundDevice(policy: policy)
        let start = try #require(token.firstRange(of: [0x30, 0x18, 0x06, 0x09] + ObjectIdentifier.contentType))
        var attributes = ASN1Reader(token[start.lowerBound...])
        var set: [UInt8] = []
        for _ in 0..<3 { set += try attributes.next("attribute").encoding }
        var rest = ASN1Reader(attributes.remainder)
        _ = try rest.next("algorithm")
        let signature = try rest.nextOctets("signature")
        let sha256 = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.sha256))
        let forged = SignedMessage.contentInfo(
            ASN1.sequence(
                ASN1.integer(1), ASN1.set([sha256]),
                ASN1.sequence(
                    ASN1.objectIdentifier(ObjectIdentifier.data),
                    ASN1.element(
                        ASN1.Tag.contextConstructed(0), ASN1.octets(ASN1.element(ASN1.Tag.set, set)))),
                ASN1.set([
                    ASN1.sequence(
                        ASN1.integer(1), world.deviceAuthority.certificate.id.encoding, sha256,
                        ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.rsaEncryption), ASN1.null),
                        ASN1.octets(signature))
                ])))
        // The signature does match: what saves the device is that the content names no parties.
        _ = try SignedMessage(reading: forged).verify(by: world.deviceAuthority.certificate)
        #expect(thrown { try device.unbind(token: forged, at: now) } == .malformed("issuer and serial number"))
    }

    @Test func `A credential token holds one certificate that is no authority's`() throws {
        for certificates in [[world.host.der, world.otherHost.der], [world.hostAuthority.certificate.der], []] {
            let token = SignedMessage.contentInfo(
                ASN1.sequence(
                    ASN1.integer(1), ASN1.set([]), ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.data)),
                    ASN1.set(certificates, tag: ASN1.Tag.contextConstructed(0)), ASN1.set([])))
            #expect(throws: TR34Error.malformed("one certificate")) { try TR34.Credential(reading: token) }
        }
        let broken = TR34.Credential.token(certificate: world.host).replacing(
            ASN1.objectIdentifier([0x55, 0x04, 0x03]), with: [0x06, 0x83, 0x55, 0x04, 0x03], maxReplacements: 1)
        #expect(throws: TR34Error.self) { try TR34.Credential(reading: broken) }
    }

    @Test func `Certificates and lists survive PEM, and names compare as names`() throws {
        #expect(try Certificate(pem: world.host.pem) == world.host)
        #expect(try RevocationList(pem: world.list.pem) == world.list)
        #expect(world.host.subjectText == "CN=Host 1")
        #expect(world.host.id.issuerText == "CN=Host CA")
        #expect(world.host.id.serialNumber.count == 16)
        let utf8 = world.host.id.issuer
        let printable = utf8.replacing([0x0C, 0x07], with: [0x13, 0x07])
        #expect(utf8 != printable)
        #expect(world.host.id == CertificateID(issuer: printable, serialNumber: [0] + world.host.id.serialNumber))
        #expect(world.host.id != CertificateID(issuer: printable, serialNumber: [1]))
        #expect(throws: CertificateProblem.malformed) { try Certificate(der: world.host.der + [0]) }
        #expect(throws: CertificateProblem.malformed) { try RevocationList(der: world.list.der + [0]) }
        #expect(throws: CertificateProblem.malformed) { try Certificate(pem: world.list.pem) }
        #expect(throws: CertificateProblem.malformed) { try RevocationList(pem: "") }
    }

    @Test func `Times are read and written to the second`() throws {
        for seconds: Int64 in [0, 951_782_400, 1_767_225_600, 2_524_607_999, 2_524_608_000, 253_402_300_799] {
            let encoding = try UnixTime.encoding(seconds)
            #expect(encoding[0] == (seconds < 2_524_608_000 ? ASN1.Tag.utcTime : ASN1.Tag.generalizedTime))
            #expect(UnixTime.seconds(tag: encoding[0], Array(encoding[2...])) == seconds)
        }
        #expect(throws: TR34Error.certificate(.unwritable("time"))) { try UnixTime.encoding(-1) }
        #expect(throws: TR34Error.certificate(.unwritable("time"))) { try UnixTime.encoding(253_402_300_800) }
        #expect(UnixTime.seconds(tag: ASN1.Tag.utcTime, Array("991332000000Z".utf8)) == nil)
        #expect(UnixTime.seconds(tag: ASN1.Tag.octets, Array("990131000000Z".utf8)) == nil)
    }
}
