// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Keys by TR-34")
struct KeyTransportTests {
    static let host = SoftHostModule.create()
    /// RSA keys take their time: one facility for all.
    static let facility = try? host.makeKeyLoadingFacility(now: Instant(seconds: 1_786_700_000))

    /// And one key for all modules but the first's, who makes a fresh one as it must.
    final class Fresh: Sendable {
        let der: SecretKey
        let publicKey: RSAPublicKey

        init() throws {
            let key = try RSAPrivateKey.generate(modulusBits: 3_072)
            der = key.der()
            publicKey = key.publicKey
        }
    }
    static let fresh = try? Fresh()

    /// As `beginKeyTransport` does it, with the key of all.
    private func begin(_ bench: Bench) throws -> KeyTransportRequest {
        let fresh = try require(Self.fresh)
        bench.module.transport = KeyTransport()
        bench.module.transport.privateKey = try RSAPrivateKey(der: fresh.der)
        bench.module.transport.deadline = bench.now + KeyTransport.timeMax
        let keys = bench.keys
        let request = bench.module.keys.identity.borrowed { identity in
            try? KeyTransportRequest(keys, serial: 77, publicKey: fresh.publicKey, by: identity)
        }
        return try require(request ?? nil)
    }

    /// A terminal in service, personalised by the facility's host, and the identity that the estate knows.
    private func stage() throws -> (bench: Bench, facility: KeyLoadingFacility, identity: P256PublicKey) {
        let bench = try Bench(host: Self.host)
        bench.signOn()
        let identity = try P256PrivateKey.generate()
        let publicKey = identity.publicKey
        bench.module.keys.identity = consume identity
        return (bench, try require(Self.facility), publicKey)
    }

    private func provisioning(_ bench: Bench, keySet: UInt16 = 4) -> ModuleProvisioning {
        var keys = bench.keys
        keys.keySet = keySet
        return bench.host.provision(keys, serial: 77, firmware: Bench.firmware)
    }

    private func refusal(_ body: () throws -> Void) -> KeyLoadRefusal? {
        do { try body() } catch { return error as? KeyLoadRefusal }
        return nil
    }

    @Test("after its key set was revoked, a module gets new keys under a key that it has just made")
    func rekeys() throws {
        let (bench, facility, identity) = try stage()
        bench.module.record.revoke(keySet: 3)
        let sent = try bench.module.beginKeyTransport(now: bench.now)
        let request = try KeyTransportRequest(decoding: sent.bytes)
        #expect(request == sent && request.terminal == bench.keys.terminal)
        let credential = try facility.certify(request, identity: identity, now: bench.now)
        let number = try bench.module.acceptCredential(credential, now: bench.now)
        let keys = try facility.send(provisioning(bench), to: credential.device, randomNumber: number)
        try bench.module.loadKeys(keys, now: bench.now)
        bench.perform()
        #expect(bench.module.terminalKeys.keySet == 4)
        #expect(isProtected(bench.protect(.delivery)))
        // Once, and only with a transport of its own.
        #expect(refusal { try bench.module.loadKeys(keys, now: bench.now) } == .noTransport)
    }

    @Test("a request that another module has signed gets no certificate; changed anywhere it is none")
    func requests() throws {
        let (bench, facility, identity) = try stage()
        let stranger = try P256PrivateKey.generate().publicKey
        let request = try begin(bench)
        #expect(throws: KeyLoadingError.notThisModule) {
            try facility.certify(request, identity: stranger, now: bench.now)
        }
        #expect(throws: KeyLoadingError.expired) {
            try facility.certify(request, identity: identity, now: bench.now + .hours(24))
        }
        let bytes = request.bytes
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var changed = bytes
            changed[index] ^= 1
            let read = try? KeyTransportRequest(decoding: changed)
            #expect(read?.isSigned(by: identity) != true, "byte \(index)")
            #expect(throws: CodecError.self) { try KeyTransportRequest(decoding: Array(bytes[..<index])) }
        }
        bench.module.keys.identity = nil
        #expect(refusal { _ = try bench.module.beginKeyTransport(now: bench.now) } == .noIdentity)
    }

    @Test("a facility that the host does not vouch for, or of another key, is not bound to")
    func credentials() throws {
        let (bench, facility, identity) = try stage()
        func accept(_ change: (KeyTransportCredential) -> KeyTransportCredential) throws -> KeyLoadRefusal? {
            let request = try begin(bench)
            let credential = try facility.certify(request, identity: identity, now: bench.now)
            return refusal { _ = try bench.module.acceptCredential(change(credential), now: bench.now) }
        }
        #expect(try accept { $0 } == nil)
        let endorsement = try accept {
            var changed = $0.endorsement
            changed[3] ^= 1
            return KeyTransportCredential(
                device: $0.device, authority: $0.authority, endorsement: changed, host: $0.host)
        }
        #expect(endorsement == .notEndorsed)
        let other = try accept {
            KeyTransportCredential(
                device: $0.authority, authority: $0.authority, endorsement: $0.endorsement, host: $0.host)
        }
        #expect(other == .transport(.wrongPrivateKey))
        let request = try begin(bench)
        let late = try facility.certify(request, identity: identity, now: bench.now)
        bench.wait(.minutes(11))
        #expect(refusal { _ = try bench.module.acceptCredential(late, now: bench.now) } == .noTransport)
        try bench.restart()
        #expect(refusal { _ = try bench.module.acceptCredential(late, now: bench.now) } == .noTransport)
    }

    @Test("a token that is changed, answers another number or carries another key set's blocks loads nothing")
    func tokens() throws {
        let (bench, facility, identity) = try stage()
        bench.module.record.revoke(keySet: 3)
        func load(
            keySet: UInt16 = 4, _ change: (TransportedKeys, [UInt8]) throws -> TransportedKeys
        ) throws -> KeyLoadRefusal? {
            let request = try begin(bench)
            let credential = try facility.certify(request, identity: identity, now: bench.now)
            let number = try bench.module.acceptCredential(credential, now: bench.now)
            let keys = try facility.send(
                provisioning(bench, keySet: keySet), to: credential.device, randomNumber: number)
            let changed = try change(keys, number)
            return refusal { try bench.module.loadKeys(changed, now: bench.now) }
        }
        var first: TransportedKeys?
        let cut = try load { keys, _ in
            first = keys
            var token = keys.token
            token[token.count - 1] ^= 1
            return TransportedKeys(token: token, provisioning: keys.provisioning)
        }
        #expect(cut == .transport(.notAuthentic))
        let old = try require(first)
        #expect(try load { _, _ in old } == .transport(.wrongRandomNumber))
        let mixed = try load { keys, _ in TransportedKeys(token: keys.token, provisioning: old.provisioning) }
        #expect(mixed == .unreadable)
        #expect(try load(keySet: 3) { keys, _ in keys } == .revoked)
        #expect(bench.module.terminalKeys.keySet == 3)
        #expect(try load { keys, _ in keys } == nil)
    }
}
