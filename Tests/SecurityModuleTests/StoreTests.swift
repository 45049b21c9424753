// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@Suite("The stored image")
struct StoreTests {
    @Test("a restart keeps lease, counters, warnings and log", arguments: KeyProfile.allCases)
    func restart(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        bench.make(.battery)
        let before = bench.status
        try bench.restart()
        let after = bench.status
        #expect(after.state == .ready && after.leaseExpires == before.leaseExpires)
        #expect(after.openWarnings.codes == [.h05] && after.eventCounter == before.eventCounter)
        #expect(after.selfTestNumber == before.selfTestNumber + 1)
        #expect(bench.module.auditLog.isIntact)
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("no KSN and no health counter repeats, whenever the power is cut", arguments: KeyProfile.allCases)
    func neverRepeats(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        var random = SeededRandom(seed: 11)
        var last: (ksn: UInt32, health: UInt32) = (0, 0)
        for _ in 0..<60 {
            for _ in 0..<random.below(40) {
                guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
                let verdict = bench.open(message)
                let health = try require(verdict.health?.counter)
                #expect(verdict.macAuthentic && verdict.ksnCounter > last.ksn && health > last.health)
                last = (verdict.ksnCounter, health)
            }
            // Slowly enough to be no crash loop.
            bench.wait(.minutes(5))
            try bench.restart()
        }
    }

    @Test("an older image comes up with H04 and without financial keys, and repeats no counter")
    func olderImage() throws {
        let bench = try Bench()
        bench.signOn()
        let older = bench.image
        var seen: (event: UInt32, health: UInt32) = (0, 0)
        for _ in 0..<100 {
            guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
            seen.health = try require(bench.open(message).health?.counter)
        }
        bench.make(.battery)
        bench.make(.temperature)
        seen.event = bench.status.eventCounter
        bench.image = older
        try bench.restart()
        #expect(bench.status.openWarnings.codes.contains(.h04))
        #expect(bench.status.eventCounter > seen.event)
        for purpose in ProtectionPurpose.allCases { #expect(refusal(bench.protect(purpose)) == .halted) }
        #expect(try require(bench.attest()).healthCounter > seen.health)
        // Also after one more restart.
        try bench.restart()
        #expect(bench.status.openWarnings.codes.contains(.h04))
        #expect(refusal(bench.protect(.signOn)) == .halted)
    }

    @Test(
        "a cut after any effect leaves a module that comes up tampered, and zeroised in the end",
        arguments: [HardwareFault.tamper, .mesh, .batteryEmpty, .overheat])
    func latchSurvives(fault: HardwareFault) throws {
        let effectCount = 6
        for cut in 0...effectCount {
            let bench = try Bench()
            bench.signOn()
            let hash = try require(bench.attest()).deathTokenHash
            bench.hardware.apply(fault)
            bench.module.sense(bench.hardware, now: bench.now)
            let effects = bench.module.takeEffects()
            #expect(effects.count == effectCount)
            guard case .store(let latched) = effects[0], case .store(let zeroised) = effects[3] else { throw Missing() }
            #expect(effects[1] == .barrier && effects[2] == .eraseStorageKey && effects[4] == .barrier)
            #expect(TerminalSecurityModule.isLatched(latched) && TerminalSecurityModule.isLatched(zeroised))
            #expect(latched.count > zeroised.count)
            for effect in effects[..<cut] {
                if case .store(let image) = effect { bench.image = image }
                if case .raiseCounter(let value) = effect { bench.hardware.raiseCounter(to: value) }
            }
            // Whoever opened the case may close it again, once the latch is stored.
            if cut >= 1 { bench.hardware.repair(fault) }
            try bench.restart()
            #expect(bench.status.state == .tampered && bench.status.lifecycle == .tampered, "cut after \(cut)")
            #expect(SHA256.hash(try require(bench.status.deathToken)) == hash)
            #expect(try storedParts(bench.image).allSatisfy(\.isEmpty))
            try bench.restart()
            #expect(bench.status.state == .tampered)
            for purpose in ProtectionPurpose.allCases { #expect(refusal(bench.protect(purpose)) == .tampered) }
        }
    }

    @Test("a latched image needs no storage key, and its record is not turned back by one")
    func latchedWithoutKey() throws {
        let bench = try Bench()
        bench.signOn()
        let sound = bench.image
        bench.make(.tamper)
        let stranger = SecretKey.random(count: 32)
        var hardware = bench.hardware
        hardware.repair(.tamper)
        guard
            let again = TerminalSecurityModule(
                sealedState: bench.image, storageKey: stranger, hardware: hardware, now: bench.now)
        else { throw Missing() }
        let status = again.status(now: bench.now)
        #expect(status.state == .tampered)
        // The image from before, put back: the counter tells, should the storage key have survived.
        bench.hardware.repair(.tamper)
        bench.image = sound
        try bench.restart()
        #expect(bench.status.openWarnings.codes.contains(.h04) && bench.status.state == .halted)
    }

    @Test("an image that is changed, cut short or under another key is not believed")
    func changedImage() throws {
        let bench = try Bench(.tdes)
        bench.signOn()
        let image = bench.image
        let stranger = SecretKey.random(count: 32)
        func comesUp(_ image: [UInt8]) throws -> Bool {
            bench.image = image
            do { try bench.restart() } catch { return false }
            return bench.status.state == .ready
        }
        #expect(try comesUp(image))
        let refused =
            TerminalSecurityModule(
                sealedState: image, storageKey: stranger, hardware: bench.hardware, now: bench.now) == nil
        #expect(refused)
        for index in stride(from: 0, to: image.count, by: 13) {
            var changed = image
            changed[index] ^= 4
            let authentic = try comesUp(changed)
            #expect(!authentic || index > image.count - 50, "byte \(index)")
        }
        for count in stride(from: 0, to: image.count, by: 61) { #expect(try !comesUp(Array(image[..<count]))) }
    }

    @Test("a stored key that does not come back is H03 and is gone", arguments: [1, 2, 3])
    func corruptSlot(slot: Int) throws {
        let bench = try Bench()
        bench.signOn()
        bench.image[try storedParts(bench.image)[slot - 1].upperBound - 20] ^= 1
        try bench.restart()
        #expect(bench.status.openWarnings.codes == [.h03])
        #expect(refusal(bench.protect(.authorisation)) == .halted)
        let loaded = bench.module.load(
            bench.host.provision(bench.keys, serial: 77, firmware: Bench.firmware, firstCounter: 64), now: bench.now)
        #expect(loaded)
        bench.perform()
        bench.signOn(lease: 2, cleared: [.h03])
        #expect(bench.status.state == .ready)
    }

    @Test("an effect list ends durable before the reply: image, barrier, counter")
    func effects() throws {
        let bench = try Bench()
        bench.signOn()
        var writes = 0
        for _ in 0..<34 {
            _ = bench.module.handle(
                .protect(
                    purpose: .report, message: bench.request(pin: false).message,
                    holes: bench.request(pin: false).holes, pan: nil), now: bench.now, random: &bench.random)
            let effects = bench.module.takeEffects()
            guard !effects.isEmpty else { continue }
            writes += 1
            guard case .store = effects[0], effects[1] == .barrier, case .raiseCounter = effects[2] else {
                throw Missing()
            }
        }
        #expect(writes == 2)
    }

    @Test("the audit log keeps its records until they are acknowledged, and evidence names its head")
    func audit() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<100 { _ = bench.handle(.selfTest) }
        let log = bench.module.auditLog
        #expect(log.records.count > 100 && log.records.first?.index == 1 && log.isIntact)
        #expect(log.records.last?.event == .selfTestPassed)
        let attested = try require(bench.attest()).auditHead
        #expect(attested == bench.module.auditLog.head && attested != log.head)
        try bench.restart()
        #expect(bench.module.auditLog.isIntact)
        #expect(bench.module.auditLog.records.contains { $0.event == .attested })
    }
}

@Suite("Counters at their end")
struct CounterEndTests {
    @Test("a hardware counter at its end stops the module and not the process")
    func hostileCounter() throws {
        let bench = try Bench()
        bench.signOn()
        bench.hardware.raiseCounter(to: .max)
        bench.sense()
        #expect(bench.status.openWarnings.codes == [.h04])
        bench.make(.temperature)
        try bench.restart()
        #expect(bench.status.state == .halted)
        for purpose in ProtectionPurpose.allCases { #expect(refusal(bench.protect(purpose)) == .halted) }
        bench.make(.tamper)
        #expect(bench.status.state == .tampered)
    }
}
