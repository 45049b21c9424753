// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Faults in the hardware")
struct HardwareFaultTests {
    /// Faults of the hardware that a module without pinned software finds by itself, in the step that shows them.
    static let found = HardwareFault.allCases.filter {
        ($0.detector == .module || $0 == .loose) && ![.clock, .executable, .application].contains($0)
    }

    /// Makes a fault so that the module can see it: a loose connector takes four contacts lost, a random source a command,
    /// which tests it first.
    private func make(_ fault: HardwareFault, _ bench: Bench) {
        for _ in 0..<(fault == .loose ? 4 : 1) { bench.make(fault) }
        if fault.warning == .h02 { _ = bench.handle(.status) }
    }

    @Test(
        "every fault raises its warning, counts, is logged, and stops what the catalogue says, in the same step",
        arguments: found)
    func raises(fault: HardwareFault) throws {
        let bench = try Bench()
        bench.signOn()
        let before = bench.status
        #expect(before.state == .ready)
        make(fault, bench)
        let status = bench.status
        #expect(status.openWarnings == [RaisedWarning(fault.warning, fault.warning.severity)])
        #expect(status.eventCounter == before.eventCounter + 1)
        #expect(bench.module.auditLog.records.contains { $0.event == .warningRaised && $0.warning == fault.warning })
        #expect(bench.module.auditLog.isIntact)

        let effect = fault.warning.level(at: fault.warning.severity)
        let reply = bench.protect(.authorisation)
        switch effect.halts {
        case .none: #expect(isProtected(reply) && status.state == .ready && status.lifecycle == .active)
        case .newSales: #expect(refusal(reply) == .halted && status.lifecycle == .active)
        case .all:
            #expect(refusal(reply) != nil)
            #expect(
                status.lifecycle
                    == (effect.zeroises == .all ? .tampered : fault == .notActivated ? .suspended : .halted))
        }
        for slot in KeySlot.required(.aes) {
            #expect(bench.holds(slot) == (effect.zeroises != .all && !(fault == .missingKey && slot == .dukpt)))
        }
        if effect.zeroises == .all {
            #expect(status.state == .tampered)
            for purpose in ProtectionPurpose.allCases { #expect(refusal(bench.protect(purpose)) == .tampered) }
        } else if fault == .missingKey {
            for purpose in ProtectionPurpose.allCases { #expect(refusal(bench.protect(purpose)) == .halted) }
        } else {
            for purpose in [ProtectionPurpose.delivery, .signOn, .report] {
                #expect(isProtected(bench.protect(purpose)))
            }
        }
        // Seeing the same again adds nothing.
        bench.sense()
        #expect(bench.status.eventCounter == status.eventCounter)
    }

    @Test("a repaired fault stays open until a ticket clears it; tampering for ever", arguments: found)
    func clears(fault: HardwareFault) throws {
        let bench = try Bench()
        bench.signOn()
        make(fault, bench)
        if fault.warning.zeroises == .all {
            bench.hardware.repair(fault)
            bench.sense()
            #expect(!bench.signOn(lease: 2, cleared: [fault.warning]))
            #expect(bench.status.state == .tampered)
            return
        }
        // While the cause is there nothing clears it.
        bench.signOn(lease: 2, cleared: [fault.warning])
        if fault != .loose { #expect(bench.status.openWarnings.codes == [fault.warning]) }

        bench.hardware.repair(fault)
        bench.sense()
        #expect(fault == .loose || bench.status.openWarnings.codes == [fault.warning])
        if fault == .missingKey {
            // The memory is whole again; what it held is not.
            bench.signOn(lease: 3, cleared: [.k02])
            #expect(bench.status.openWarnings.codes == [.k02])
            #expect(bench.load(first: 2_048))
        }
        bench.signOn(lease: 3)
        let byProof = fault == .loose || fault.warning.clearance == .auto
        #expect(bench.status.openWarnings.codes == (byProof ? [] : [fault.warning]))
        bench.signOn(lease: 4, cleared: [fault.warning])
        #expect(bench.status.openWarnings.codes == [])
        #expect(bench.status.state == .ready && bench.status.lifecycle == .active)
        #expect(isProtected(bench.protect(.authorisation)))
    }

    @Test("flaps of the connector are cleared by name, not by proof")
    func flapsNeedAnOrder() throws {
        let bench = try Bench()
        bench.signOn()
        make(.loose, bench)
        bench.signOn(lease: 2)
        #expect(bench.status.openWarnings.codes == [.l01])
        bench.signOn(lease: 3, cleared: [.l01])
        #expect(bench.status.openWarnings.codes == [])
    }

    @Test("three flaps in ten minutes, or four in more, are borne")
    func flapsBelowTheLimit() throws {
        let bench = try Bench()
        bench.signOn()
        for _ in 0..<3 { bench.make(.loose) }
        #expect(bench.status.openWarnings.codes == [])
        bench.wait(.minutes(11))
        bench.make(.loose)
        #expect(bench.status.openWarnings.codes == [])
    }

    @Test("an algorithm unit that fails again within seven days needs the service centre")
    func secondFailure() throws {
        let bench = try Bench()
        bench.signOn()
        for (round, days) in [(1, 0), (2, 6), (3, 8)] {
            // A lease and a self-test a day, as in service.
            for _ in 0..<days {
                bench.wait(.hours(23))
                bench.sense()
                bench.signOn(lease: 9)
                bench.wait(.hours(1))
            }
            bench.make(.selfTest)
            #expect(bench.status.openWarnings.codes == [.h01])
            bench.hardware.repair(.selfTest)
            bench.sense()
            bench.signOn(lease: 9)
            #expect(bench.status.openWarnings.codes == (round == 2 ? [.h01] : []))
            if round == 2 {
                bench.signOn(lease: 9, cleared: [.h01])
                #expect(bench.status.openWarnings.codes == [])
            }
        }
    }

    @Test("each known-answer test fails by itself", arguments: KnownAnswerTest.allCases)
    func eachKnownAnswer(test: KnownAnswerTest) throws {
        let bench = try Bench()
        bench.signOn()
        let number = bench.status.selfTestNumber
        _ = bench.handle(.selfTest)
        #expect(bench.status.selfTestNumber == number + 1)
        bench.hardware.faultyAlgorithms = [test]
        bench.sense()
        #expect(bench.status.openWarnings.codes == [.h01])
        _ = bench.handle(.selfTest)
        #expect(bench.status.selfTestNumber == number + 1)
    }

    @Test(
        "sensors act at their limits and not before",
        arguments: [
            (0, 2_600, 5_000, nil), (50, 2_600, 5_000, nil), (51, 3_000, 5_000, .h06), (-1, 3_000, 5_000, .h06),
            (85, 3_000, 5_000, .h06), (86, 3_000, 5_000, .t02), (-25, 3_000, 5_000, .h06), (-26, 3_000, 5_000, .t02),
            (20, 2_599, 5_000, .h05), (20, 2_000, 5_000, .h05), (20, 1_999, 5_000, .t02), (20, 3_000, 4_500, nil),
            (20, 3_000, 4_499, .h06), (20, 3_000, 3_599, .t02), (20, 3_000, 5_501, .h06), (20, 3_000, 6_501, .t02),
        ] as [(Int32, Int32, Int32, WarningCode?)])
    func limits(celsius: Int32, battery: Int32, supply: Int32, warning: WarningCode?) throws {
        let bench = try Bench()
        bench.signOn()
        bench.hardware.temperatureCelsius = celsius
        bench.hardware.batteryMillivolts = battery
        bench.hardware.supplyMillivolts = supply
        bench.sense()
        #expect(bench.status.openWarnings.codes == (warning.map { [$0] } ?? []))
    }

    @Test("a lost key is used for nothing, and loading keys again never goes back to a used counter")
    func reload() throws {
        let bench = try Bench(.tdes)
        bench.signOn()
        guard case .protected(let message) = bench.protect(.authorisation) else { throw Missing() }
        let used = bench.open(message).ksnCounter
        func load(_ first: UInt32, keySet: UInt16 = 3, serial: UInt64 = 77) -> Bool {
            guard serial == 77 else {
                return bench.module.load(
                    bench.host.provision(bench.keys, serial: serial, firmware: Bench.firmware, firstCounter: first),
                    now: bench.now)
            }
            return bench.load(first: first, keySet: keySet)
        }
        // What the stored image has reserved counts as used.
        #expect(!load(used))
        #expect(!load(17))
        #expect(!load(2_048, serial: 78))
        #expect(load(2_048))
        guard case .protected(let next) = bench.protect(.authorisation) else { throw Missing() }
        #expect(bench.open(next).ksnCounter == 2_048)

        // Another module of the same image has raised the counter: this one is a copy (H04), its financial keys go, and
        // only another initial key brings it back.
        bench.hardware.raiseCounter(to: 10_000)
        bench.sense()
        #expect(bench.status.openWarnings.codes == [.h04])
        for purpose in ProtectionPurpose.allCases { #expect(refusal(bench.protect(purpose)) == .halted) }
        #expect(!load(4_096))
        try bench.restart()
        #expect(!load(4_096))
        #expect(load(1, keySet: 4))
        #expect(bench.status.openWarnings.codes == [.h04])
        bench.signOn(lease: 2, cleared: [.h04])
        #expect(bench.status.state == .ready)
        guard case .protected(let renewed) = bench.protect(.authorisation) else { throw Missing() }
        #expect(bench.open(renewed).ksnCounter == 1)
    }

    @Test("without its keys a cleared module says that they are missing")
    func missingAfterClearing() throws {
        let bench = try Bench()
        bench.signOn()
        bench.hardware.raiseCounter(to: 10_000)
        bench.sense()
        bench.signOn(lease: 2, cleared: [.h04])
        #expect(bench.status.openWarnings.codes == [.k02])
    }

    @Test("the hardware in a file is the hardware")
    func codec() throws {
        var hardware = EmulatedHardware(firmware: Bench.firmware)
        for fault in HardwareFault.allCases { hardware.apply(fault) }
        hardware.temperatureCelsius = -40
        hardware.raiseCounter(to: 12)
        hardware.raiseCounter(to: 11)
        #expect(hardware.nvCounter == 12)
        let bytes = hardware.encoded()
        #expect(try EmulatedHardware(decoding: bytes) == hardware)
        for count in 0..<bytes.count {
            #expect(throws: CodecError.self) { try EmulatedHardware(decoding: Array(bytes[..<count])) }
        }
        for fault in HardwareFault.allCases { hardware.repair(fault) }
        hardware.flaps = 0
        var sound = EmulatedHardware(firmware: Bench.firmware)
        sound.raiseCounter(to: 12)
        #expect(hardware == sound)
    }
}
