// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("The module's identity key")
struct IdentityTests {
    /// Evidence as the host's module is asked about it, behind a body of its own.
    private func open(_ bench: Bench, _ evidence: [UInt8]) throws -> EvidenceClaims? {
        let profile = bench.keys.profile
        let (ksn, health) = (0..<profile.ksnLength, profile.ksnLength..<profile.ksnLength + HealthElement.length)
        let range = health.upperBound..<health.upperBound + evidence.count
        let mac = range.upperBound..<range.upperBound + MessageHoles.macLength
        let message =
            [UInt8](repeating: 0, count: range.lowerBound) + evidence + [UInt8](repeating: 0, count: mac.count)
        let holes = MessageHoles(ksn: ksn, health: health, pinBlock: nil, mac: mac)
        guard
            case .protected(let protected) = bench.handle(
                .protect(purpose: .signOn, message: message, holes: holes, pan: nil))
        else { throw Missing() }
        let verdict = bench.host.open([
            OpenCommand(
                keys: bench.keys, message: protected, ksn: ksn, mac: mac, health: health, evidence: range)
        ])[0]
        #expect(verdict.macAuthentic)
        return verdict.evidence
    }

    private func evidence(_ bench: Bench) throws -> [UInt8] {
        guard case .evidence(let bytes, _) = bench.handle(.attest(nonce: Bench.nonce, application: Bench.application))
        else { throw Missing() }
        return bytes
    }

    /// The CMAC anew, as whoever has the health key makes it.
    private func authenticated(_ body: [UInt8], _ bench: Bench) -> [UInt8] {
        body + AESCMAC(key: bench.host.masters.healthKey(bench.keys)).code(body)
    }

    @Test("evidence is signed by it, and who has the health key alone makes none that is believed")
    func evidence() throws {
        let bench = try Bench()
        let bytes = try evidence(bench)
        let body = Array(bytes.dropLast(EvidenceClaims.macLength))
        let signed = try SignedEvidence(decoding: body)
        let key = try require(bench.module.identityKey)
        #expect(signed.claims.identity == IdentityClaims(key: key.compressed, logEpoch: 1))
        #expect(key.verifies(signed.signature, of: SignedEvidence.signedBytes(signed.claims)))
        #expect(try open(bench, bytes) == signed.claims)
        // Its size leaves room for warnings in UnionPay's field 57.
        #expect(bytes.count + HealthElement.length + 20 <= 512, "\(bytes.count)")

        var other = signed
        other.claims.eventCounter += 1
        #expect(try open(bench, authenticated(other.encoded(), bench)) == nil)
        other = signed
        other.claims.identity?.key = try P256PrivateKey.generate().publicKey.compressed
        #expect(try open(bench, authenticated(other.encoded(), bench)) == nil)
        // Without a key it is what modules of before give: the estate knows whether that will do.
        other.claims.identity = nil
        other.signature = []
        #expect(try open(bench, authenticated(other.encoded(), bench)) == other.claims)
    }

    @Test("it is made once, comes back from the image, and goes with everything else")
    func life() throws {
        let bench = try Bench()
        #expect(bench.module.identityKey == nil)
        _ = bench.attest()
        let key = try require(bench.module.identityKey)
        try bench.restart()
        #expect(try require(bench.attest()).identity?.key == key.compressed)
        #expect(bench.load(first: 1_000))
        #expect(try require(bench.attest()).identity?.key == key.compressed)
        #expect(bench.module.keys.identity.borrowed { _ in true } == true)
        bench.make(.tamper)
        #expect(bench.module.keys.identity.borrowed { _ in true } == nil)
        #expect(bench.module.identityKey == key)
    }

    @Test("one that does not come back is H03, which no ticket ends, and no other takes its place")
    func lost() throws {
        let bench = try Bench()
        bench.signOn()
        let key = bench.module.identityKey
        var parts = try StoredBlobs(bench.image)
        parts.damage(fromEnd: 0)
        bench.image = parts.image
        try bench.restart()
        #expect(bench.status.openWarnings.codes == [.h03] && bench.attest() == nil)
        #expect(bench.module.identityKey == key)
        try bench.restart()
        #expect(bench.status.openWarnings.codes == [.h03] && bench.attest() == nil)
        #expect(bench.module.identityKey == key)
    }

    @Test("a broken source of random bytes makes no key")
    func noise() throws {
        let bench = try Bench()
        bench.hardware.apply(.random)
        bench.sense()
        _ = bench.handle(.status)
        #expect(bench.module.identityKey == nil && bench.status.openWarnings.contains(.h02))
    }
}
