// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Orders in a ticket")
struct OrderTests {
    @Test(
        "an order to erase everything latches in the same step, whatever code it names",
        arguments: [WarningCode.k04, .t03, .t01, .a01, .s04])
    func erase(code: WarningCode) throws {
        let bench = try Bench()
        bench.signOn()
        let hash = try require(bench.attest()).deathTokenHash
        let reply = bench.accept(bench.ticket(lease: 2, orders: [.eraseEverything(code), .unlockSupervisors]))
        #expect(refusal(reply) == .tampered)
        #expect(bench.status.state == .tampered && bench.status.lifecycle == .tampered)
        #expect(SHA256.hash(try require(bench.status.deathToken)) == hash)
        #expect(bench.module.record.latch?.warning == code)
        #expect(!KeySlot.allCases.contains { bench.holds($0) })
        try bench.restart()
        #expect(bench.status.state == .tampered)
        #expect(bench.attest() == nil)
    }

    @Test("a revoked key set is zeroised, halts, and never comes back", arguments: [KeyProfile.tdes, .sessionSM4])
    func revoke(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let before = bench.status.eventCounter
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 2, orders: [.revokeKeys(keySet: 3)]))
        #expect(bench.status.openWarnings == [RaisedWarning(.k01, .s1)])
        #expect(bench.status.eventCounter == before + 1)
        #expect(bench.status.state == .halted && bench.status.lifecycle == .halted)
        #expect(![KeySlot.dukpt, .master, .session].contains { bench.holds($0) })
        for purpose in ProtectionPurpose.allCases { #expect(refusal(bench.protect(purpose)) == .halted) }
        #expect(try require(bench.attest()).openWarnings.codes == [.k01])
        // Two people say that all is well: not before there are other keys.
        bench.accept(bench.ticket(lease: 3, cleared: [.k01]))
        #expect(bench.status.openWarnings.codes == [.k01])
        try bench.restart()
        #expect(!bench.load(first: 4_096))
        #expect(bench.load(first: 1, keySet: 4))
        #expect(bench.status.openWarnings.codes == [.k01])
        bench.signOn(lease: 4, cleared: [.k01])
        #expect(bench.status.openWarnings.codes == [] && bench.status.state == .ready)
        #expect(!bench.load(first: 8_192, keySet: 3))
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("the order for another key set raises nothing, and keeps that set out")
    func otherSet() throws {
        let bench = try Bench()
        bench.signOn()
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 2, orders: [.revokeKeys(keySet: 9)]))
        #expect(bench.status.openWarnings.codes == [] && bench.status.state == .ready)
        #expect(!bench.load(first: 1, keySet: 9))
        #expect(bench.load(first: 1, keySet: 10))
        for keySet in UInt16(20)..<60 {
            _ = bench.attest()
            bench.accept(bench.ticket(lease: 2, orders: [.revokeKeys(keySet: keySet)]))
        }
        #expect(bench.module.record.revokedKeySets.count == ModuleRecord.revokedMax)
        #expect(bench.module.record.revokedKeySets.last == 59)
    }

    @Test("the ticket of a refused sign-on brings its orders and no lease, and ends nothing by proof")
    func refusedSignOn() throws {
        let bench = try Bench()
        bench.signOn()
        bench.make(.temperature)
        bench.hardware.repair(.temperature)
        bench.sense()
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 2, grants: false, orders: [.revokeKeys(keySet: 3)]))
        #expect(bench.status.openWarnings.codes == [.h06, .k01])
        #expect(bench.module.record.lease?.number == 1)
        #expect(bench.load(first: 1, keySet: 4))
        bench.signOn(lease: 3)
        #expect(bench.status.openWarnings.codes == [.k01])
    }

    @Test("an order is carried out once: its ticket answers one attestation")
    func once() throws {
        let bench = try Bench()
        bench.signOn()
        _ = bench.attest()
        let bytes = bench.sealed(bench.ticket(lease: 2, orders: [.revokeKeys(keySet: 3)]), ksn: bench.anyKSN)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x10
            #expect(refusal(bench.handle(.acceptLease(ticket: changed))) == .ticketRefused)
            bench.wait(.seconds(10))
        }
        #expect(bench.status.openWarnings.codes == [])
        _ = bench.handle(.acceptLease(ticket: bytes))
        #expect(bench.status.openWarnings.codes == [.k01])
        #expect(bench.load(first: 1, keySet: 4))
        bench.signOn(lease: 3, cleared: [.k01])
        #expect(refusal(bench.handle(.acceptLease(ticket: bytes))) == .ticketRefused)
        #expect(bench.attest(nonce: Array(repeating: 9, count: 16)) != nil)
        #expect(refusal(bench.handle(.acceptLease(ticket: bytes))) == .ticketRefused)
        #expect(bench.status.state == .ready)
    }
}
