// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `TR-34 tokens that were changed` {
    private let world = TR34World.shared
    private let now = TR34World.now

    /// Two parts of SignedData are not signed and may be written in more than one way: its version, of which 1 and 3 are
    /// read, and the name in the signer's identifier, which is compared without regard to case and string type.
    private func mayDiffer(_ token: [UInt8], _ index: Int, signer: Certificate) -> Bool {
        if token[..<index].suffix(2) == [0x02, 0x01], index < 32 { return true }
        return token.ranges(of: signer.id.issuer).last?.contains(index) == true
    }

    @Test func `No changed byte of a key token is accepted`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let token = try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .randomNumber(number),
            revocationList: world.list)
        let state = device.state
        for index in token.indices {
            for mask: UInt8 in [1 << (index % 8), 0xFF] {
                var changed = token
                changed[index] ^= mask
                let refused = thrown { _ = try device.receive(keyToken: changed, at: now) } != nil
                #expect(refused || mayDiffer(token, index, signer: world.host), "byte \(index)")
                #expect(!refused || device.state == state, "byte \(index)")
                device.state = state
            }
        }
        #expect(device.state == state)
        for count in token.indices {
            #expect(thrown { _ = try device.receive(keyToken: Array(token[..<count]), at: now) } != nil)
        }
        #expect(
            thrown { _ = try device.receive(keyToken: token + [0], at: now) }
                == .malformed("end of the token"))
        _ = try device.receive(keyToken: token, at: now)
    }

    @Test func `No changed byte of an unbind or rebind token is accepted`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let host = try world.makeHost()
        let (host1, device1) = (world.host.id, world.device.id)
        let unbind = [
            try host.unbindToken(device: device1, randomNumber: number, revocationList: nil),
            try world.deviceAuthority.unbindToken(device: device1, host: host1, at: now),
        ]
        let rebind = [
            try host.rebindToken(
                device: device1, newHost: world.otherHost, randomNumber: number, revocationList: world.list),
            try world.deviceAuthority.rebindToken(
                device: device1, host: host1, newHost: world.otherHost, revocationList: world.list, at: now),
        ]
        let state = device.state
        func check(_ token: [UInt8], _ signer: Certificate, _ step: ([UInt8]) throws -> Void) throws {
            for index in token.indices {
                var changed = token
                changed[index] ^= 1 << (index % 8)
                let refused = thrown { try step(changed) } != nil
                #expect(refused || mayDiffer(token, index, signer: signer), "byte \(index)")
                #expect(!refused || device.state == state, "byte \(index)")
                device.state = state
            }
            #expect(device.state == state)
            try step(token)
            device.state = state
        }
        let signers = [world.host, world.deviceAuthority.certificate]
        for (token, signer) in zip(unbind, signers) {
            try check(token, signer) { try device.unbind(token: $0, at: now) }
        }
        for (token, signer) in zip(rebind, signers) {
            try check(token, signer) { try device.rebind(token: $0, at: now) }
        }
    }

    @Test func `A revocation list or certificate whose outer algorithm differs in any way is refused`() throws {
        // sha256WithRSAEncryption with NULL: once in what is signed, and once behind it.
        let algorithm = ASN1.sequence(ASN1.objectIdentifier(ObjectIdentifier.sha256WithRSA), ASN1.null)
        func check(_ der: [UInt8], _ read: ([UInt8]) throws -> Void) throws {
            let places = der.ranges(of: algorithm)
            #expect(places.count == 2)
            try read(der)
            for index in try #require(places.last) {
                for mask: UInt8 in 1...0xFF {
                    var changed = der
                    changed[index] ^= mask
                    #expect(thrown(CertificateProblem.self) { try read(changed) } != nil, "byte \(index), mask \(mask)")
                }
            }
        }
        try check(world.list.der) {
            try world.hostAuthorities.validate(
                world.host, as: .keyDistributionHost, at: now, revocationList: RevocationList(der: $0))
        }
        try check(world.host.der) {
            try world.hostAuthorities.validate(Certificate(der: $0), as: .keyDistributionHost, at: now)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `Tokens cut up and put together at random neither bring the reader down nor do anything new`(seed: UInt64)
        throws
    {
        var random = SeededRandom(seed: seed)
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let host = try world.makeHost()
        let tokens = [
            try LooseToken().bytes(randomNumber: number), try indefinite(LooseToken().bytes(randomNumber: number)),
            try host.rebindToken(
                device: world.device.id, newHost: world.otherHost, randomNumber: number, revocationList: world.list),
            try world.deviceAuthority.unbindToken(device: world.device.id, host: world.host.id, at: now),
            host.certificate.der, try host.credentialToken(revocationList: world.list),
        ]
        let state = device.state
        for _ in 0..<1_500 {
            var token = tokens[random.below(tokens.count)]
            for _ in 0...random.below(4) {
                let index = random.below(max(1, token.count))
                switch random.below(4) {
                case 0 where !token.isEmpty: token[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: token.removeSubrange(index..<min(token.count, index + random.below(64)))
                case 2:
                    let other = tokens[random.below(tokens.count)]
                    let start = random.below(other.count)
                    token.insert(contentsOf: other[start..<min(other.count, start + random.below(200))], at: index)
                default: token.insert(contentsOf: [0x30, 0x80, 0x24, 0x80].prefix(random.below(5)), at: index)
                }
            }
            _ = thrown { _ = try TR34.Credential(reading: token) }
            _ = thrown { _ = try TR34.randomNumber(readingToken: token) }
            _ = thrown(CertificateProblem.self) { _ = try Certificate(der: token) }
            _ = thrown(CertificateProblem.self) { _ = try RevocationList(der: token) }
            // A change of what nobody signed may leave a sound token; it then does what it did before.
            _ = thrown {
                let received = try device.receive(keyToken: token, at: now)
                #expect(holds(received.key.equals(TR34World.makeKey())), "seed \(seed)")
            }
            device.state = state
            _ = thrown { try device.unbind(token: token, at: now) }
            #expect(device.state.host == nil || device.state == state, "seed \(seed)")
            device.state = state
            _ = thrown { try device.rebind(token: token, at: now) }
            #expect(device.state.host == world.otherHost || device.state == state, "seed \(seed)")
            device.state = state
        }
    }

    @Test func `Nesting without end is refused`() {
        let nested = [UInt8](repeating: 0, count: 100_000).enumerated().map {
            $0.offset % 2 == 0 ? 0x30 : 0x80 as UInt8
        }
        #expect(throws: TR34Error.self) { try SignedMessage(reading: nested) }
        #expect(throws: TR34Error.malformed("length of the token")) {
            try SignedMessage(reading: [UInt8](repeating: 0x30, count: ASN1.messageCountMax + 1))
        }
        #expect(throws: TR34Error.self) { try SignedMessage(reading: [UInt8](repeating: 0x30, count: 1 << 18)) }
        for bytes: [UInt8] in [
            [], [0x30], [0x30, 0x80], [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0, 0], [0x1F, 0x1F, 1],
        ] {
            #expect(throws: TR34Error.self) { try SignedMessage(reading: bytes) }
            #expect(throws: TR34Error.self) { try EnvelopedMessage(reading: bytes) }
            #expect(throws: TR34Error.self) { try TR34.randomNumber(readingToken: bytes) }
        }
    }
}
