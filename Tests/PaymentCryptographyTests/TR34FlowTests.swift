// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `TR-34 key tokens` {
    private let world = TR34World.shared
    private let now = TR34World.now

    private func twoPassToken(_ device: inout KeyReceivingDevice) throws -> [UInt8] {
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        return try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .randomNumber(number),
            revocationList: world.list)
    }

    private func onePassToken(at seconds: Int64, list: RevocationList? = nil) throws -> [UInt8] {
        try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .signingTime(seconds),
            revocationList: list ?? world.list)
    }

    @Test func `A key of a two-pass token arrives with its attributes`() throws {
        var device = try world.makeBoundDevice()
        let received = try device.receive(keyToken: twoPassToken(&device), at: now)
        #expect(received.header == TR34World.header)
        #expect(holds(received.key.equals(TR34World.makeKey())))
    }

    @Test(arguments: ContentCipher.allCases)
    func `Every cipher carries a TDES key`(cipher: ContentCipher) throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let token = try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .randomNumber(number),
            revocationList: world.list, cipher: cipher)
        #expect(try TR34.KeyToken(reading: token).cipher == cipher)
        let received = try device.receive(keyToken: token, at: now)
        #expect(holds(received.key.equals(TR34World.makeKey())))
    }

    @Test func `A random number is answered once`() throws {
        var device = try world.makeBoundDevice()
        let token = try twoPassToken(&device)
        _ = try device.receive(keyToken: token, at: now)
        #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .wrongRandomNumber)
        _ = device.makeRandomNumberToken()
        #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .wrongRandomNumber)
    }

    @Test func `A new random number takes the place of the one before`() throws {
        var device = try world.makeBoundDevice()
        let token = try twoPassToken(&device)
        _ = device.makeRandomNumberToken()
        #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .wrongRandomNumber)
    }

    @Test func `A refused token changes nothing`() throws {
        var device = try world.makeBoundDevice()
        var token = try twoPassToken(&device)
        let state = device.state
        token[token.count - 1] ^= 1
        #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .notAuthentic)
        #expect(device.state == state)
        token[token.count - 1] ^= 1
        _ = try device.receive(keyToken: token, at: now)
    }

    @Test func `One-pass tokens are taken in the order of their signing times, each once`() throws {
        var device = try world.makeBoundDevice()
        let (first, second) = (try onePassToken(at: now - 20), try onePassToken(at: now - 10))
        let received = try device.receive(keyToken: first, at: now)
        #expect(received.header == TR34World.header)
        #expect(thrown { _ = try device.receive(keyToken: first, at: now) } == .stale)
        _ = try device.receive(keyToken: second, at: now)
        #expect(thrown { _ = try device.receive(keyToken: first, at: now) } == .stale)
    }

    @Test func `A one-pass token is neither too old nor from the future`() throws {
        var policy = KeyReceivingDevice.Policy()
        policy.keyTokenAgeMax = 100
        policy.clockSkewMax = 10
        var device = try world.makeBoundDevice(policy: policy)
        for seconds in [now - 101, now + 11] {
            let token = try onePassToken(at: seconds)
            #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .stale)
        }
        _ = try device.receive(keyToken: onePassToken(at: now - 100), at: now)
        _ = try device.receive(keyToken: onePassToken(at: now + 10), at: now)
        device.policy.allowsOnePass = false
        let token = try onePassToken(at: now + 10)
        #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .noFreshness)
    }

    @Test func `A revocation list that is older than one seen before is refused`() throws {
        var device = try world.makeBoundDevice()
        let newer = try world.list(revoking: [world.otherHost], at: -10)
        _ = try device.receive(keyToken: onePassToken(at: now - 5, list: newer), at: now)
        #expect(device.state.revocationLists == [newer])
        let token = try onePassToken(at: now - 4)
        #expect(
            thrown { _ = try device.receive(keyToken: token, at: now) }
                == .certificate(.revocationListSuperseded))
    }

    @Test func `A host that was revoked is refused, with and without the list`() throws {
        var device = try world.makeBoundDevice()
        let token = try onePassToken(at: now - 5, list: try world.list(revoking: [world.host], at: -10))
        #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .certificate(.revoked))

        device.state.revocationLists = [try world.list(revoking: [world.host], at: -10)]
        device.policy.requiresRevocationList = false
        let bare = try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .signingTime(now),
            revocationList: nil)
        #expect(thrown { _ = try device.receive(keyToken: bare, at: now) } == .certificate(.revoked))
        device.state.revocationLists = []
        _ = try device.receive(keyToken: bare, at: now)
    }

    @Test func `A token without a revocation list needs one seen before that is still current`() throws {
        var device = try world.makeBoundDevice()
        let token = try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .signingTime(now),
            revocationList: nil)
        let lists = device.state.revocationLists
        device.state.revocationLists = []
        #expect(
            thrown { _ = try device.receive(keyToken: token, at: now) }
                == .certificate(.revocationListMissing))
        device.state.revocationLists = lists
        #expect(
            thrown { _ = try device.receive(keyToken: token, at: now + 2 * 86_400) }
                == .certificate(.revocationListNotCurrent))
        _ = try device.receive(keyToken: token, at: now)
    }

    @Test func `A host's certificate counts within its validity only`() throws {
        var device = try world.makeBoundDevice()
        device.policy.requiresRevocationList = false
        device.state.revocationLists = []
        for (seconds, problem) in [
            (TR34World.validity.upperBound + 1, CertificateProblem.expired),
            (TR34World.validity.lowerBound - 1, .notYetValid),
        ] {
            let token = try world.makeHost().keyToken(
                TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .signingTime(seconds),
                revocationList: nil)
            #expect(thrown { _ = try device.receive(keyToken: token, at: seconds) } == .certificate(problem))
        }
    }

    @Test func `A token for another device and a token of another host are refused`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let forOther = try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.otherDevice, freshness: .randomNumber(number),
            revocationList: world.list)
        #expect(thrown { _ = try device.receive(keyToken: forOther, at: now) } == .wrongDevice)
        let ofOther = try world.makeOtherHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .randomNumber(number),
            revocationList: world.list)
        #expect(thrown { _ = try device.receive(keyToken: ofOther, at: now) } == .wrongHost)
    }

    @Test func `A host that signs in the name of another is not believed`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let content = try TR34.KeyToken(
            reading: world.makeHost().keyToken(
                TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .randomNumber(number),
                revocationList: world.list))
        #expect(content.randomNumber == number)
        // The bound host's identifier with another key.
        let forged = SignedMessage.encoding(
            contentType: ObjectIdentifier.envelopedData,
            content: EnvelopedMessage.encoding(
                of: ClearKeyBlock.encoding(
                    key: TR34World.makeKey(), header: try TransportedHeader.text(TR34World.header),
                    host: world.host.id),
                for: world.device, cipher: .aes128),
            attributes: [
                try TR34.attribute(randomNumber: number),
                SignedAttributes.attribute(
                    ObjectIdentifier.data, ASN1.octets(try TransportedHeader.text(TR34World.header))),
            ], revocationList: world.list, certificate: world.host, privateKey: try world.devicePrivateKey())
        #expect(thrown { _ = try device.receive(keyToken: forged, at: now) } == .notAuthentic)
    }

    @Test func `An inside that contradicts the signed outside is refused`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        var other = TR34World.header
        other.usage = .pinEncryption
        for (inside, id) in [(other, world.host.id), (TR34World.header, world.otherHost.id)] {
            let token = SignedMessage.encoding(
                contentType: ObjectIdentifier.envelopedData,
                content: EnvelopedMessage.encoding(
                    of: ClearKeyBlock.encoding(
                        key: TR34World.makeKey(), header: try TransportedHeader.text(inside), host: id),
                    for: world.device, cipher: .aes128),
                attributes: [
                    try TR34.attribute(randomNumber: number),
                    SignedAttributes.attribute(
                        ObjectIdentifier.data, ASN1.octets(try TransportedHeader.text(TR34World.header))),
                ], revocationList: world.list, certificate: world.host, privateKey: try world.hostPrivateKey())
            #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .notAuthentic)
        }
    }

    @Test func `A host sends only to devices, and with a list of its own issuer`() throws {
        let host = try world.makeHost()
        #expect(
            thrown {
                _ = try host.keyToken(
                    TR34World.makeKey(), header: TR34World.header, for: world.otherHost, freshness: .signingTime(now),
                    revocationList: nil)
            } == .certificate(.wrongUsage))
        let foreign = try world.deviceAuthority.revocationList(
            revoking: [], number: 1, validity: TR34World.listValidity)
        #expect(
            thrown { _ = try host.credentialToken(revocationList: foreign) }
                == .certificate(.revocationListMissing))
        #expect(thrown { _ = try TR34.token(randomNumber: [1, 2, 3, 4, 5, 6, 7]) } == .malformed("random number"))
    }

    @Test func `A device whose certificate names no encipherment is sent to when told so`() throws {
        let signer = try world.deviceAuthority.issue(
            name: "Device 1", publicKey: world.device.publicKey, role: .keyDistributionHost,
            validity: TR34World.validity)
        let host = try world.makeHost()
        func token(_ ignoring: Bool, _ number: [UInt8]) throws -> [UInt8] {
            try host.keyToken(
                TR34World.makeKey(), header: TR34World.header, for: signer, freshness: .randomNumber(number),
                revocationList: world.list, ignoringKeyUsage: ignoring)
        }
        #expect(thrown { _ = try token(false, RandomBytes.bytes(16)) } == .certificate(.wrongUsage))
        var device = try KeyReceivingDevice(
            certificate: signer, privateKey: world.devicePrivateKey(), authority: world.deviceAuthority.certificate,
            hostAuthorities: world.hostAuthorities)
        try device.bind(credentialToken: host.credentialToken(revocationList: world.list), at: now)
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let received = try device.receive(keyToken: token(true, number), at: now)
        #expect(holds(received.key.equals(TR34World.makeKey())))
    }

    @Test func `A party needs the private key of its certificate`() throws {
        #expect(
            thrown {
                _ = try KeyDistributionHost(certificate: world.host, privateKey: world.devicePrivateKey())
            } == .wrongPrivateKey)
        #expect(
            thrown {
                _ = try KeyReceivingDevice(
                    certificate: world.device, privateKey: world.hostPrivateKey(),
                    authority: world.deviceAuthority.certificate, hostAuthorities: world.hostAuthorities)
            } == .wrongPrivateKey)
        let host = try KeyDistributionHost(certificatePEM: world.host.pem, privateKeyPEM: world.hostPEM())
        let certificate = host.certificate
        #expect(certificate == world.host)
    }
}
