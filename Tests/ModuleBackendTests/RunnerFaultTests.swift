// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

@Suite("A module behind a hardware and a store that fail")
struct RunnerFaultTests {
    let now = Counterpart.start

    /// A day at the till: personalised, signed on, sales with a battery warning between them.
    ///
    /// - Returns: the sales the host has accepted.
    private func day(_ world: FailingWorld, _ counterpart: Counterpart) throws(ModuleFailure) -> Int {
        var module = try world.personalise(counterpart, now: now)
        return try trade(&module, world, counterpart)
    }

    private func trade(
        _ module: inout FailingWorld.Module, _ world: FailingWorld, _ counterpart: Counterpart
    ) throws(ModuleFailure) -> Int {
        var sold = 0
        do {
            guard try module.signOn(counterpart, now: now) else { return 0 }
            for sale in 0..<40 {
                if sale == 20 { world.sensors.apply(.battery) }
                if try module.sell(counterpart, now: now) { sold += 1 }
            }
        } catch let failure as ModuleFailure { throw failure } catch { Issue.record(error) }
        return sold
    }

    @Test(
        "whichever call fails, no counter is used twice and the terminal trades again after a restart",
        arguments: FailingWorld.Failure.allCases)
    func anywhere(failure: FailingWorld.Failure) throws {
        let counterpart = try Counterpart()
        let whole = FailingWorld()
        #expect(try day(whole, counterpart) == 40)
        let calls = whole.calls
        #expect(calls > 8)
        for call in 1...calls {
            let counterpart = try Counterpart()
            let world = FailingWorld()
            (world.failingCall, world.failure) = (call, failure)
            #expect(throws: ModuleFailure.self, "call \(call)") { try day(world, counterpart) }
            world.restart()
            do {
                var module = try world.resume(now: now)
                // The counterpart accepts only counters above all it has seen.
                #expect(try trade(&module, world, counterpart) == 40, "call \(call)")
                #expect(module.status(now: now).openWarnings.codes == [.h05])
            } catch ModuleFailure.notPersonalised {
                #expect(try day(world, counterpart) == 40, "call \(call)")
            } catch ModuleFailure.imageRefused {
                // A store that tears an image has lost the module, and nothing is used twice.
                #expect(failure == .torn && world.image != nil)
            }
        }
    }

    @Test("after a failed call nothing behind it is done, and no further reply comes")
    func stops() throws {
        let counterpart = try Counterpart()
        let world = FailingWorld()
        var module = try world.personalise(counterpart, now: now)
        #expect(try module.signOn(counterpart, now: now))
        let counter = world.counter
        (world.failingCall, world.failure) = (world.calls + 1, .full)
        world.sensors.apply(.battery)
        #expect(throws: ModuleFailure.store(ModuleStoreError(errno: 28))) { try module.sense(now: now) }
        #expect(world.log.last == "store" && world.counter == counter)
        #expect(module.failure == .store(ModuleStoreError(errno: 28)))
        #expect(throws: ModuleFailure.stopped) { try module.handle(.status, now: now) }
        #expect(throws: ModuleFailure.stopped) { try module.press(.enter, now: now) }
        #expect(throws: ModuleFailure.stopped) { try module.sense(now: now) }
        #expect(throws: ModuleFailure.stopped) { try module.load(counterpart.provisioning, now: now) }
        #expect(world.log.last == "store" && world.counter == counter)
    }

    @Test(
        "whichever call of a zeroisation fails, the restarted module is tampered and no key is left, the case closed again or not",
        arguments: FailingWorld.Failure.allCases, [HardwareFault.tamper, .overheat])
    func latch(failure: FailingWorld.Failure, fault: HardwareFault) throws {
        for call in 1...4 {
            let counterpart = try Counterpart()
            let world = FailingWorld()
            var module = try world.personalise(counterpart, now: now)
            #expect(try module.signOn(counterpart, now: now))
            (world.failingCall, world.failure) = (world.calls + call, failure)
            world.sensors.apply(fault)
            #expect(throws: ModuleFailure.self, "call \(call)") { try module.sense(now: now) }
            // A medium that is dead from the first call on has taken no note: there the sensor has to tell.
            let isNoted = call > 1 || failure != .dead
            if isNoted { world.sensors.repair(fault) }
            let isTornImage = failure == .torn && [1, 3].contains(call)
            world.restart()
            if isTornImage {
                #expect(throws: ModuleFailure.imageRefused, "call \(call)") { _ = try world.resume(now: now).profile }
            } else {
                let resumed = try world.resume(now: now)
                #expect(resumed.status(now: now).state == .tampered, "\(failure) at call \(call)")
            }
            #expect(world.isErased && world.sealed == nil, "\(failure) at call \(call)")
            // And it stays so.
            world.restart()
            if !isTornImage { #expect(try world.resume(now: now).status(now: now).state == .tampered) }
        }
    }

    @Test("a disk that takes nothing any more does not save the keys")
    func fullDisk() throws {
        let counterpart = try Counterpart()
        let world = FailingWorld()
        var module = try world.personalise(counterpart, now: now)
        (world.failingCall, world.failure) = (world.calls + 1, .full)
        world.sensors.apply(.tamper)
        #expect(throws: ModuleFailure.store(ModuleStoreError(errno: 28))) { try module.sense(now: now) }
        #expect(world.log.suffix(2) == ["store", "erase"] && world.isErased)
        world.restart()
        world.sensors.repair(.tamper)
        let resumed = try world.resume(now: now)
        #expect(resumed.status(now: now).state == .tampered && resumed.status(now: now).openWarnings.contains(.t02))
        #expect(world.image.map(TerminalSecurityModule.isLatched) == true)
    }

    @Test("an erasure that fails is tried again at every call until it succeeds")
    func eraseAgain() throws {
        let counterpart = try Counterpart()
        let world = FailingWorld()
        var module = try world.personalise(counterpart, now: now)
        (world.failingCall, world.failure) = (world.calls + 2, .full)
        world.sensors.apply(.tamper)
        #expect(throws: ModuleFailure.hardware(.storage(errno: 5))) { try module.sense(now: now) }
        #expect(world.isErased)
        #expect(throws: ModuleFailure.stopped) { try module.handle(.status, now: now) }
        #expect(world.log.suffix(3) == ["store", "erase", "erase"])
    }

    @Test("an older image on an erased hardware comes up tampered, not trading")
    func olderImage() throws {
        let counterpart = try Counterpart()
        let world = FailingWorld()
        var module = try world.personalise(counterpart, now: now)
        #expect(try module.signOn(counterpart, now: now))
        let older = world.image
        world.sensors.apply(.tamper)
        try module.sense(now: now)
        #expect(module.status(now: now).state == .tampered && world.isErased)
        world.image = older
        world.sensors.repair(.tamper)
        world.restart()
        var resumed = try world.resume(now: now)
        guard case .refused(.tampered, _) = try resumed.handle(counterpart.request(.report), now: now) else {
            Issue.record("a tampered module answers")
            return
        }
    }

    @Test("a damaged image is refused, and one that was latched erases the hardware first")
    func damagedImage() throws {
        let counterpart = try Counterpart()
        for isLatched in [false, true] {
            let world = FailingWorld()
            _ = try world.personalise(counterpart, now: now).profile
            var image = try require(world.image)
            if isLatched { image = Array(image.prefix(4)) + [1] + image.dropFirst(5).prefix(7) }
            image[image.count - 1] ^= 1
            image.removeLast()
            world.image = image
            #expect(throws: ModuleFailure.imageRefused) { _ = try world.resume(now: now).profile }
            #expect(world.isErased == isLatched)
        }
    }

    @Test("a hardware that gives no random bytes is H02, and nothing is protected")
    func noRandom() throws {
        let counterpart = try Counterpart()
        let world = FailingWorld()
        var module = try world.personalise(counterpart, now: now)
        #expect(try module.signOn(counterpart, now: now))
        world.randomFails = true
        // What was drawn ahead is sound; then there is no more.
        let attest = TerminalModuleCommand.attest(nonce: Counterpart.nonce, application: SoftwareVersion(3, 0, 1))
        var attested = 0
        while case .evidence = try module.handle(attest, now: now), attested < 1_000 { attested += 1 }
        #expect(attested < 1_000)
        #expect(try module.sell(counterpart, now: now) == false)
        #expect(module.status(now: now).openWarnings.contains(.h02))
        #expect(module.failure == nil)
    }

    @Test("any other call of the module is held back until what it wants done is durable")
    func otherCalls() throws {
        let counterpart = try Counterpart()
        let world = FailingWorld()
        var module = try world.personalise(counterpart, now: now)
        let image = world.image
        #expect(
            try module.call { module, random in
                module.sense(world.sensors, now: now)
                return random.next() != random.next()
            } == true)
        world.sensors.apply(.battery)
        try module.call { module, _ in module.sense(world.sensors, now: now) }
        #expect(world.image != image)
        (world.failingCall, world.failure) = (world.calls + 1, .full)
        world.sensors.apply(.temperature)
        #expect(throws: ModuleFailure.store(ModuleStoreError(errno: 28))) {
            try module.call { module, _ in module.sense(world.sensors, now: now) }
        }
        #expect(throws: ModuleFailure.stopped) { try module.call { _, _ in } }
    }

    @Test("a command whose random bytes end in the middle has not happened")
    func runsDry() throws {
        let counterpart = try Counterpart()
        let world = FailingWorld()
        var module = try world.personalise(counterpart, now: now)
        let image = world.image
        // Enough for what is drawn ahead, not for the start-up test of the noise source.
        world.randomCallsLeft = 2
        #expect(throws: ModuleFailure.hardware(.unavailable)) {
            try module.handle(counterpart.request(.signOn), now: now)
        }
        #expect(module.failure == .hardware(.unavailable) && world.image == image)
        world.restart()
        world.randomCallsLeft = nil
        var resumed = try world.resume(now: now)
        #expect(try resumed.signOn(counterpart, now: now))
    }
}
