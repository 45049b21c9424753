// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

/// A supplier, and a module that has its public key pinned.
final class PinnedBench {
    let supplier: P256PrivateKey
    let bench: Bench
    var executable = SHA256.hash(Array("module 1".utf8))
    var application = SHA256.hash(Array("pos 1".utf8))

    /// - Parameters:
    ///   - isPresented: what is installed is signed, and the module knows.
    ///   - signsOn: then it is put in service.
    init(isPresented: Bool = true, signsOn: Bool = true) throws {
        supplier = try P256PrivateKey.generate()
        bench = try Bench(supplier: supplier.publicKey)
        guard isPresented else { return }
        try bench.module.present(manifest(.module, executable), now: bench.now)
        try bench.module.present(manifest(.application, application), now: bench.now)
        measure()
        if signsOn { bench.signOn() }
    }

    func manifest(
        _ component: SoftwareComponent, _ digest: [UInt8], version: UInt8 = 1, security: UInt32 = 1
    ) throws -> SoftwareManifest {
        try SoftwareManifest(
            signing: component, SoftwareVersion(version, 0, 0), digest: digest, securityVersion: security, by: supplier)
    }

    /// What a loader does at each start and once a day.
    func measure() {
        bench.module.measure(executable: executable, application: application, now: bench.now)
        bench.perform()
    }

    /// A start by the loader: it measures before anything else happens.
    func restart() throws {
        try bench.restart(inOrder: true, powersUp: false)
        measure()
    }

    func refusal(_ body: () throws -> Void) -> SoftwareRefusal? {
        do { try body() } catch { return error as? SoftwareRefusal }
        return nil
    }
}

@Suite("Software that the module answers for")
struct SoftwareTests {
    @Test("what is signed, measured and equal trades, and the evidence says both digests")
    func authentic() throws {
        let pinned = try PinnedBench()
        let bench = pinned.bench
        #expect(bench.status.state == .ready && bench.status.openWarnings == [])
        #expect(isProtected(bench.protect(.authorisation)))
        let device = try require(try require(bench.attest()).device)
        #expect(device.firmwareDigest == pinned.executable && device.applicationDigest == pinned.application)
        try pinned.restart()
        #expect(bench.status.state == .ready)
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("one flipped byte in the file of the executable, wherever it is, is S01: everything goes")
    func flippedByte() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tillguard-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Any file stands for the executable: a copy of this test's own source.
        let file = folder.appending(path: "module")
        try FileManager.default.copyItem(at: URL(filePath: #filePath), to: file)
        let whole = try Data(contentsOf: file)
        func digest() throws -> [UInt8] { SHA256.hash(Array(try Data(contentsOf: file))) }

        for place in [0, whole.count / 2, whole.count - 1] {
            try whole.write(to: file)
            let pinned = try PinnedBench(isPresented: false)
            pinned.executable = try digest()
            let bench = pinned.bench
            try bench.module.present(pinned.manifest(.module, pinned.executable), now: bench.now)
            try bench.module.present(pinned.manifest(.application, pinned.application), now: bench.now)
            pinned.measure()
            bench.signOn()
            #expect(bench.status.state == .ready)

            var flipped = whole
            flipped[place] ^= 1
            try flipped.write(to: file)
            pinned.executable = try digest()
            try pinned.restart()
            #expect(bench.status.state == .tampered && bench.module.record.latch?.warning == .s01)
            #expect(!KeySlot.allCases.contains { bench.holds($0) })
            // The file put right again changes nothing any more.
            try whole.write(to: file)
            pinned.executable = try digest()
            try pinned.restart()
            #expect(bench.status.state == .tampered)
        }
    }

    @Test("an executable that changes while it runs is found by the daily measurement")
    func daily() throws {
        let pinned = try PinnedBench()
        pinned.bench.hardware.apply(.executable)
        pinned.bench.module.hardware = pinned.bench.hardware
        #expect(pinned.bench.status.state == .ready)
        pinned.measure()
        #expect(pinned.bench.status.state == .tampered)
    }

    @Test("an application that is not the signed one is P01: it halts, keeps the keys, and one operator ends it")
    func application() throws {
        let pinned = try PinnedBench()
        let bench = pinned.bench
        bench.make(.application)
        #expect(bench.status.openWarnings == [RaisedWarning(.p01, .s2)])
        #expect(bench.status.lifecycle == .halted && refusal(bench.protect(.authorisation)) == .halted)
        #expect(isProtected(bench.protect(.delivery)))
        bench.signOn(lease: 2, cleared: [.p01])
        #expect(bench.status.openWarnings.codes == [.p01])
        bench.hardware.repair(.application)
        bench.sense()
        bench.signOn(lease: 3)
        #expect(bench.status.openWarnings.codes == [.p01])
        bench.signOn(lease: 4, cleared: [.p01])
        #expect(bench.status.openWarnings == [] && isProtected(bench.protect(.authorisation)))
    }

    @Test("a manifest that is not the supplier's, in any byte, or of an older security version, changes nothing")
    func manifests() throws {
        let pinned = try PinnedBench()
        let bench = pinned.bench
        let sound = try pinned.manifest(.application, SHA256.hash([9]), security: 5)
        var writer = ByteWriter()
        sound.write(to: &writer)
        for index in writer.bytes.indices {
            var bytes = writer.bytes
            bytes[index] ^= 1
            var reader = ByteReader(bytes)
            guard let forged = try? SoftwareManifest(from: &reader) else { continue }
            #expect(pinned.refusal { try bench.module.present(forged, now: bench.now) } == .notAuthentic, "\(index)")
            bench.wait(.seconds(10))
        }
        let stranger = try P256PrivateKey.generate()
        let foreign = try SoftwareManifest(
            signing: .application, SoftwareVersion(9, 0, 0), digest: SHA256.hash([9]), securityVersion: 9, by: stranger)
        #expect(pinned.refusal { try bench.module.present(foreign, now: bench.now) } == .notAuthentic)
        let short = try pinned.manifest(.application, [1, 2, 3])
        #expect(pinned.refusal { try bench.module.present(short, now: bench.now) } == .notAuthentic)
        #expect(bench.status.openWarnings == [])

        pinned.application = SHA256.hash([9])
        try bench.module.present(sound, now: bench.now)
        pinned.measure()
        let older = try pinned.manifest(.application, SHA256.hash([8]), version: 9, security: 4)
        #expect(pinned.refusal { try bench.module.present(older, now: bench.now) } == .belowFloor)
        try pinned.restart()
        #expect(pinned.refusal { try bench.module.present(older, now: bench.now) } == .belowFloor)
        // Presenting a new application was seen before it was measured.
        #expect(bench.status.openWarnings.codes == [.p01])
    }

    @Test("without a pinned key nothing is proved, nothing is claimed, and nothing is stopped")
    func notPinned() throws {
        let bench = try Bench()
        bench.module.measure(executable: SHA256.hash([1]), application: SHA256.hash([2]), now: bench.now)
        bench.signOn()
        bench.make(.executable)
        bench.make(.application)
        #expect(bench.status.openWarnings == [] && isProtected(bench.protect(.authorisation)))
        let device = try require(try require(bench.attest()).device)
        #expect(device.firmwareDigest.isEmpty && device.applicationDigest.isEmpty)
        let supplier = try P256PrivateKey.generate()
        let manifest = try SoftwareManifest(
            signing: .module, SoftwareVersion(1, 0, 0), digest: SHA256.hash([1]), securityVersion: 1, by: supplier)
        #expect(throws: SoftwareRefusal.notPinned) { try bench.module.present(manifest, now: bench.now) }
        #expect(throws: SoftwareRefusal.notPinned) { try bench.module.stageUpdate(manifest, now: bench.now) }
    }

    @Test("what was never measured since power-up, or not for a day, encrypts no PIN")
    func notMeasured() throws {
        let pinned = try PinnedBench()
        let bench = pinned.bench
        try bench.restart(inOrder: true)
        #expect(refusal(bench.protect(.authorisation)) == .selfTestOverdue)
        #expect(bench.status.openWarnings == [])
        let number = bench.status.selfTestNumber
        _ = bench.handle(.selfTest)
        #expect(bench.status.selfTestNumber == number)

        pinned.measure()
        #expect(isProtected(bench.protect(.authorisation)))
        // An application that the loader could not read is not proved.
        bench.module.measure(executable: pinned.executable, application: [], now: bench.now)
        bench.perform()
        #expect(bench.status.openWarnings.codes == [.p01])
        pinned.measure()
        bench.signOn(lease: 2, cleared: [.p01])
        #expect(bench.status.openWarnings == [])
        _ = bench.attest()
        bench.accept(bench.ticket(lease: 3, hours: 100))
        bench.wait(.hours(25))
        #expect(refusal(bench.protect(.authorisation)) == .selfTestOverdue)
        pinned.measure()
        bench.signOn(lease: 4)
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("a provisioning carries the supplier's key through its wrapping, and one without is as before")
    func provisioning() throws {
        let bench = try Bench()
        let supplier = try P256PrivateKey.generate()
        let key = SecretKey.random(count: 32)
        let pinned = bench.host.provision(
            bench.keys, serial: 1, firmware: Bench.firmware, supplier: supplier.publicKey
        ).wrapped(under: key)
        let plain = bench.host.provision(bench.keys, serial: 1, firmware: Bench.firmware).wrapped(under: key)
        guard let one = ModuleProvisioning(wrapped: pinned, under: key),
            let other = ModuleProvisioning(wrapped: plain, under: key)
        else { throw Missing() }
        #expect(one.supplier == supplier.publicKey && one.serial == 1)
        #expect(other.supplier == nil && pinned.count == plain.count + P256PublicKey.compressedCount)
    }
}
