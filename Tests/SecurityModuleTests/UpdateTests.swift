// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Updates in two slots")
struct UpdateTests {
    static let new = SHA256.hash(Array("module 2".utf8))
    static let old = SHA256.hash(Array("module 1".utf8))

    /// Starts what the loader would start: the version in the slot that the module names.
    private func start(_ pinned: PinnedBench, from slot: SoftwareSlot = .a) throws {
        pinned.executable = pinned.bench.module.bootSlot == slot ? Self.old : Self.new
        try pinned.restart()
    }

    private func tried(security: UInt32 = 2) throws -> PinnedBench {
        let pinned = try PinnedBench()
        let update = try pinned.manifest(.module, Self.new, version: 2, security: security)
        try pinned.bench.module.stageUpdate(update, now: pinned.bench.now)
        #expect(pinned.bench.module.bootSlot == .a)
        try pinned.bench.module.tryUpdate(now: pinned.bench.now)
        pinned.bench.perform()
        #expect(pinned.bench.module.bootSlot == .b)
        return pinned
    }

    @Test("a version that attests is committed: the slots change, and the security version never falls again")
    func commit() throws {
        let pinned = try tried()
        let bench = pinned.bench
        try start(pinned)
        #expect(bench.status.openWarnings == [])
        #expect(try require(try require(bench.attest()).device).firmwareDigest == Self.new)
        bench.signOn(lease: 2)
        #expect(bench.module.bootSlot == .b)
        #expect(bench.module.auditLog.records.contains { $0.event == .updateCommitted && $0.detail == 2 })
        for _ in 0..<5 { try start(pinned, from: .a) }
        #expect(bench.status.state == .ready && bench.module.bootSlot == .b)
        let older = try pinned.manifest(.module, Self.old, version: 3, security: 1)
        #expect(pinned.refusal { try bench.module.stageUpdate(older, now: bench.now) } == .belowFloor)
        // The old executable under the new manifest is no authentic one any more.
        pinned.executable = Self.old
        try pinned.restart()
        #expect(bench.status.state == .tampered)
    }

    @Test("a version that does not attest in three starts is rolled back: A04 until the old one attests")
    func rollBack() throws {
        let pinned = try tried()
        let bench = pinned.bench
        for _ in 0..<3 {
            #expect(bench.module.bootSlot == .b)
            try start(pinned)
            #expect(bench.status.openWarnings == [])
        }
        #expect(bench.module.bootSlot == .a)
        try start(pinned)
        #expect(bench.status.openWarnings == [RaisedWarning(.a04, .s3)])
        #expect(refusal(bench.protect(.authorisation)) == .halted && isProtected(bench.protect(.delivery)))
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 2, grants: false))
        #expect(bench.status.openWarnings.codes == [.a04])
        bench.signOn(lease: 3)
        #expect(bench.status.openWarnings == [] && isProtected(bench.protect(.authorisation)))
        #expect(bench.module.bootSlot == .a && bench.module.record.software.update.staged == nil)
    }

    @Test("when neither version attests A04 stops everything, and only an operator ends it")
    func neither() throws {
        let pinned = try tried()
        let bench = pinned.bench
        for _ in 0..<4 { try start(pinned) }
        for _ in 0..<2 { try start(pinned) }
        #expect(bench.status.openWarnings == [RaisedWarning(.a04, .s3)])
        try start(pinned)
        #expect(bench.status.openWarnings == [RaisedWarning(.a04, .s2)])
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes == [.a04])
        bench.signOn(lease: 3, cleared: [.a04])
        #expect(bench.status.openWarnings == [])
    }

    @Test("what is not the supplier's, of another component, or during a trial is not staged")
    func refusals() throws {
        let pinned = try PinnedBench()
        let bench = pinned.bench
        #expect(pinned.refusal { try bench.module.tryUpdate(now: bench.now) } == .nothingStaged)
        let application = try pinned.manifest(.application, Self.new)
        #expect(pinned.refusal { try bench.module.stageUpdate(application, now: bench.now) } == .wrongComponent)
        var forged = try pinned.manifest(.module, Self.new)
        forged.securityVersion = 9
        #expect(pinned.refusal { try bench.module.stageUpdate(forged, now: bench.now) } == .notAuthentic)
        let sound = try pinned.manifest(.module, Self.new)
        bench.make(.temperature)
        #expect(pinned.refusal { try bench.module.stageUpdate(sound, now: bench.now) } == nil)
        try bench.module.tryUpdate(now: bench.now)
        #expect(pinned.refusal { try bench.module.stageUpdate(sound, now: bench.now) } == .trialUnderWay)
        #expect(pinned.refusal { try bench.module.tryUpdate(now: bench.now) } == .trialUnderWay)
        bench.make(.tamper)
        #expect(pinned.refusal { try bench.module.stageUpdate(sound, now: bench.now) } == .tampered)
        #expect(pinned.refusal { try bench.module.tryUpdate(now: bench.now) } == .tampered)
    }

    @Test("the loader may fall back by itself: the old version is authentic while another is tried")
    func fallBack() throws {
        let pinned = try tried()
        pinned.executable = Self.old
        try pinned.restart()
        #expect(pinned.bench.status.state == .ready)
        pinned.executable = SHA256.hash([0])
        try pinned.restart()
        #expect(pinned.bench.status.state == .tampered)
    }
}
