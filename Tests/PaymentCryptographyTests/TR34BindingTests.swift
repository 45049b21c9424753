// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `TR-34 binding` {
    private let world = TR34World.shared
    private let now = TR34World.now

    @Test func `An unbound device takes no key and lets nobody go`() throws {
        var device = try world.makeDevice()
        #expect(thrown { _ = try device.receive(keyToken: [], at: now) } == .notBound)
        #expect(thrown { try device.unbind(token: [], at: now) } == .notBound)
        #expect(thrown { try device.rebind(token: [], at: now) } == .notBound)
    }

    @Test func `A device is bound once, and keeps its own credential`() throws {
        var device = try world.makeBoundDevice()
        #expect(device.state.host == world.host)
        let token = try world.makeOtherHost().credentialToken(revocationList: world.list)
        #expect(thrown { try device.bind(credentialToken: token, at: now) } == .alreadyBound)
        #expect(device.state.host == world.host)
        let credential = try TR34.Credential(reading: device.credentialToken())
        #expect(credential.certificate == world.device)
        #expect(credential.revocationList == nil)
    }

    @Test func `A host that is revoked, unknown, outdated or no host is not bound to`() throws {
        var device = try world.makeDevice()
        func problem(_ certificate: Certificate, _ list: RevocationList?, at seconds: Int64? = nil) -> TR34Error? {
            let token = TR34.Credential.token(certificate: certificate, revocationList: list)
            return thrown { try device.bind(credentialToken: token, at: seconds ?? now) }
        }
        #expect(problem(world.host, try world.list(revoking: [world.host])) == .certificate(.revoked))
        #expect(problem(world.host, nil) == .certificate(.revocationListMissing))
        #expect(problem(world.device, nil) == .certificate(.revocationListMissing))
        #expect(problem(world.host, world.list, at: now + 86_401) == .certificate(.revocationListNotCurrent))
        #expect(problem(world.host, world.list, at: now - 86_401) == .certificate(.revocationListNotCurrent))
        device.policy.requiresRevocationList = false
        #expect(problem(world.device, nil) == .certificate(.untrusted))
        #expect(problem(world.host, nil, at: TR34World.validity.upperBound + 1) == .certificate(.expired))
        #expect(problem(world.host, nil, at: -1) == .certificate(.notYetValid))
        #expect(problem(world.host, nil, at: .max) == .certificate(.notYetValid))
        let device2 = try world.hostAuthority.issue(
            name: "Device at the hosts' authority", publicKey: world.otherDevice.publicKey,
            role: .keyReceivingDevice, validity: TR34World.validity)
        #expect(problem(device2, nil) == .certificate(.wrongUsage))
        #expect(device.state == KeyReceivingDevice.State())
    }

    @Test func `A list that another authority signed proves nothing`() throws {
        var device = try world.makeDevice()
        let impostor = try CertificateAuthority.root(
            name: "Host CA", privateKey: world.strongPrivateKey(), validity: TR34World.validity)
        let list = try impostor.revocationList(revoking: [], number: 9, validity: TR34World.listValidity)
        let token = TR34.Credential.token(certificate: world.host, revocationList: list)
        #expect(thrown { try device.bind(credentialToken: token, at: now) } == .certificate(.revocationListUntrusted))
    }

    @Test func `An authority between host and root may come with the credential`() throws {
        let key = try RSAPrivateKey.generate(modulusBits: 2_048)
        let lower = try world.hostAuthority.issue(
            name: "Lower CA", publicKey: key.publicKey, role: .authority, validity: TR34World.validity)
        let authority = try CertificateAuthority(certificate: lower, privateKey: key)
        let host = try authority.issue(
            name: "Host 4", publicKey: world.otherHost.publicKey, role: .keyDistributionHost,
            validity: TR34World.validity)
        let list = try authority.revocationList(revoking: [], number: 1, validity: TR34World.listValidity)
        var device = try world.makeDevice()
        let alone = TR34.Credential.token(certificate: host, revocationList: list)
        #expect(thrown { try device.bind(credentialToken: alone, at: now) } == .certificate(.untrusted))
        let both = SignedMessage.contentInfo(
            ASN1.sequence(
                ASN1.integer(1), ASN1.set([]), ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.data)),
                ASN1.set([host.der, lower.der], tag: ASN1.Tag.contextConstructed(0)),
                ASN1.element(ASN1.Tag.contextConstructed(1), list.der), ASN1.set([])))
        try device.bind(credentialToken: both, at: now)
        #expect(device.state.host == host)
    }

    @Test func `The host lets its device go by a token over the device's random number`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let host = try world.makeHost()
        let token = try host.unbindToken(device: world.device.id, randomNumber: number, revocationList: world.list)
        try device.unbind(token: token, at: now)
        #expect(device.state.host == nil)
        #expect(device.state.randomNumber == nil)

        try device.bind(credentialToken: host.credentialToken(revocationList: world.list), at: now)
        #expect(thrown { try device.unbind(token: token, at: now) } == .wrongRandomNumber)
        #expect(device.state.host == world.host)
    }

    @Test func `Unbind tokens of other hosts and for other devices are refused`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let ofOther = try world.makeOtherHost().unbindToken(
            device: world.device.id, randomNumber: number, revocationList: nil)
        #expect(thrown { try device.unbind(token: ofOther, at: now) } == .wrongHost)
        let forOther = try world.makeHost().unbindToken(
            device: world.otherDevice.id, randomNumber: number, revocationList: nil)
        #expect(thrown { try device.unbind(token: forOther, at: now) } == .wrongDevice)
        let old = try world.makeHost().unbindToken(
            device: world.device.id, randomNumber: RandomBytes.bytes(16), revocationList: nil)
        #expect(thrown { try device.unbind(token: old, at: now) } == .wrongRandomNumber)
        #expect(device.state.host == world.host)
    }

    @Test func `The host hands its device over, and has no say after that`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let token = try world.makeHost().rebindToken(
            device: world.device.id, newHost: world.otherHost, randomNumber: number, revocationList: world.list)
        try device.rebind(token: token, at: now)
        #expect(device.state.host == world.otherHost)

        let next = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let old = try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .randomNumber(next),
            revocationList: world.list)
        #expect(thrown { _ = try device.receive(keyToken: old, at: now) } == .wrongHost)
        let new = try world.makeOtherHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .randomNumber(next),
            revocationList: world.list)
        let received = try device.receive(keyToken: new, at: now)
        #expect(holds(received.key.equals(TR34World.makeKey())))
    }

    @Test func `Nobody is rebound to a host that could not be bound to`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let stranger = try world.deviceAuthority.issue(
            name: "Host of another authority", publicKey: world.otherHost.publicKey, role: .keyDistributionHost,
            validity: TR34World.validity)
        let strange = try world.makeHost().rebindToken(
            device: world.device.id, newHost: stranger, randomNumber: number, revocationList: nil)
        #expect(thrown { try device.rebind(token: strange, at: now) } == .certificate(.revocationListMissing))
        device.policy.requiresRevocationList = false
        #expect(thrown { try device.rebind(token: strange, at: now) } == .certificate(.untrusted))
        device.policy.requiresRevocationList = true
        let revoked = try world.makeHost().rebindToken(
            device: world.device.id, newHost: world.otherHost, randomNumber: number,
            revocationList: try world.list(revoking: [world.otherHost]))
        #expect(thrown { try device.rebind(token: revoked, at: now) } == .certificate(.revoked))
        #expect(device.state.host == world.host)
        let host = try world.makeHost()
        #expect(
            thrown {
                _ = try host.rebindToken(
                    device: world.device.id, newHost: world.otherDevice, randomNumber: number, revocationList: nil)
            } == .certificate(.wrongUsage))
    }

    @Test func `The authority unbinds without the host, with times that only move forward`() throws {
        var device = try world.makeBoundDevice()
        let first = try world.deviceAuthority.unbindToken(device: world.device.id, host: world.host.id, at: now - 10)
        try device.unbind(token: first, at: now)
        #expect(device.state.host == nil)
        #expect(device.state.lastAuthorityTime == now - 10)

        try device.bind(credentialToken: world.makeHost().credentialToken(revocationList: world.list), at: now)
        #expect(thrown { try device.unbind(token: first, at: now) } == .stale)
        let second = try world.deviceAuthority.unbindToken(device: world.device.id, host: world.host.id, at: now - 9)
        try device.unbind(token: second, at: now)
    }

    @Test func `The authority rebinds, naming the host that is to go`() throws {
        var device = try world.makeBoundDevice()
        func token(_ device: Certificate, _ host: Certificate, at seconds: Int64) throws -> [UInt8] {
            try world.deviceAuthority.rebindToken(
                device: device.id, host: host.id, newHost: world.otherHost, revocationList: world.list, at: seconds)
        }
        for (token, error) in [
            (try token(world.otherDevice, world.host, at: now), TR34Error.wrongDevice),
            (try token(world.device, world.strongHost, at: now), .wrongHost),
            (try token(world.device, world.host, at: now - 31 * 86_400), .stale),
            (try token(world.device, world.host, at: now + 61), .stale),
        ] {
            #expect(thrown { try device.rebind(token: token, at: now) } == error)
        }
        try device.rebind(token: token(world.device, world.host, at: now), at: now)
        #expect(device.state.host == world.otherHost)
        #expect(device.state.lastAuthorityTime == now)
    }

    @Test func `The hosts' authority is not the devices' authority`() throws {
        var device = try world.makeBoundDevice()
        let token = try world.hostAuthority.unbindToken(device: world.device.id, host: world.host.id, at: now)
        #expect(thrown { try device.unbind(token: token, at: now) } == .wrongHost)
        let forged = SignedMessage.encoding(
            contentType: ObjectIdentifier.data, content: world.device.id.encoding + world.host.id.encoding,
            attributes: [try TR34.attribute(signingTime: now)], revocationList: nil,
            certificate: world.deviceAuthority.certificate, privateKey: try world.hostPrivateKey())
        #expect(thrown { try device.unbind(token: forged, at: now) } == .notAuthentic)
    }

    @Test func `A token is not taken for one of another kind`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let host = try world.makeHost()
        let unbind = try host.unbindToken(device: world.device.id, randomNumber: number, revocationList: nil)
        let rebind = try host.rebindToken(
            device: world.device.id, newHost: world.otherHost, randomNumber: number, revocationList: world.list)
        let key = try host.keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .randomNumber(number),
            revocationList: nil)
        for token in [unbind, rebind] {
            #expect(thrown { _ = try device.receive(keyToken: token, at: now) } == .malformed("enveloped data"))
        }
        #expect(thrown { try device.rebind(token: unbind, at: now) } == .malformed("rebind token"))
        #expect(thrown { try device.unbind(token: rebind, at: now) } == .malformed("unbind token"))
        #expect(thrown { try device.rebind(token: key, at: now) } == .malformed("unbind or rebind token"))
        #expect(thrown { try device.unbind(token: key, at: now) } == .malformed("unbind or rebind token"))
        for token in [unbind, rebind, key] {
            #expect(throws: TR34Error.malformed("credential token")) { try TR34.Credential(reading: token) }
        }
    }
}
