// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Keypad, frequency, light and key memory")
struct SensorTests {
    @Test(
        "the processor's clock acts at its limits and not before",
        arguments: [
            (45_000, nil), (51_000, nil), (44_999, .h06), (51_001, .h06), (24_000, .h06), (60_000, .h06),
            (23_999, .t02), (60_001, .t02),
        ] as [(Int32, WarningCode?)])
    func frequency(kilohertz: Int32, warning: WarningCode?) throws {
        let bench = try Bench()
        bench.signOn()
        bench.hardware.frequencyKilohertz = kilohertz
        bench.sense()
        #expect(bench.status.openWarnings.codes == (warning.map { [$0] } ?? []))
    }

    @Test("each key that is stuck and each line that is broken fails the scan")
    func scan() {
        #expect(KeypadLines().scan())
        for key in 0..<16 {
            var lines = KeypadLines()
            lines.stuckKeys = 1 << UInt16(key)
            #expect(!lines.scan(), "key \(key)")
        }
        for line in 0..<8 {
            var lines = KeypadLines()
            lines.brokenLines = 1 << UInt8(line)
            #expect(!lines.scan(), "line \(line)")
        }
    }

    @Test("a stuck key is found when a PIN is asked for, in a self-test, and at power-up", arguments: 0..<3)
    func keypad(when: Int) throws {
        let bench = try Bench()
        bench.signOn()
        // The module is told nothing of it: the keypad is its own, and read by its own scan.
        bench.module.hardware.keypad.stuckKeys = 1
        bench.hardware.keypad.stuckKeys = 1
        #expect(bench.status.openWarnings.codes == [])
        switch when {
        case 0: #expect(refusal(bench.handle(.beginPINEntry)) == .halted)
        case 1: _ = bench.handle(.selfTest)
        default: try bench.restart()
        }
        #expect(bench.status.openWarnings == [RaisedWarning(.h07, .s2)])
        #expect(bench.status.keypadCount == nil)
        // One operator's word does nothing while the key is stuck.
        bench.signOn(lease: 2, cleared: [.h07])
        #expect(bench.status.openWarnings.codes == [.h07])
        bench.hardware.repair(.stuckKey)
        bench.sense()
        bench.signOn(lease: 3)
        #expect(bench.status.openWarnings.codes == [.h07])
        bench.signOn(lease: 4, cleared: [.h07])
        #expect(bench.status.openWarnings.codes == [])
    }

    @Test("a case opened while the module had no power is found at the next power-up, though it is closed again")
    func openedUnpowered() throws {
        let bench = try Bench()
        bench.signOn()
        bench.module.shutDown(now: bench.now)
        bench.perform()
        bench.hardware.apply(.openedUnpowered)
        bench.hardware.apply(.tamper)
        bench.hardware.repair(.tamper)
        try bench.restart()
        #expect(bench.status.state == .tampered)
        #expect(bench.module.record.latch?.warning == .t01)
    }

    @Test("a lost key is destroyed: the image does not hold it any more, and the repaired memory is empty")
    func lostKey() throws {
        for profile in KeyProfile.allCases {
            let bench = try Bench(profile)
            bench.signOn()
            let slot = KeySlot.financial(profile)
            let whole = try StoredBlobs(bench.image).count(of: 0)
            bench.make(.missingKey)
            #expect(try !bench.holds(slot) && StoredBlobs(bench.image).count(of: 0) < whole)
            #expect(!bench.load(first: 2_048))
            bench.hardware.repair(.missingKey)
            try bench.restart()
            #expect(!bench.holds(slot))
            #expect(bench.status.openWarnings.codes == [.k02])
            #expect(bench.load(first: 2_048))
            bench.signOn(lease: 2, cleared: [.k02])
            #expect(bench.status.state == .ready, "\(profile)")
        }
    }

    @Test("a file of the first version is read, stuck source and all")
    func firstVersion() throws {
        var hardware = EmulatedHardware(firmware: SoftwareVersion(1, 2, 0))
        hardware.raiseCounter(to: 300)
        hardware.batteryMillivolts = 2_500
        hardware.flaps = 2
        hardware.erasedSlots = [.health]
        for stuck in [false, true] {
            hardware.randomSourceStuck = stuck
            var writer = ByteWriter()
            writer.byte(1)
            writer.flag(false)
            writer.flag(false)
            writer.signed(2_500)
            writer.signed(24)
            writer.signed(5_000)
            writer.flag(true)
            writer.unsigned(UInt32(2))
            writer.list([UInt8]()) { $0.byte($1) }
            writer.list([UInt8(2)]) { $0.byte($1) }
            writer.flag(false)
            writer.unsigned(SoftwareVersion(1, 2, 0).packed)
            writer.unsigned(SoftwareVersion(1, 2, 0).packed)
            writer.flag(stuck)
            writer.unsigned(UInt64(300))
            #expect(try EmulatedHardware(decoding: writer.bytes) == hardware)
        }
        #expect(throws: CodecError.self) { try EmulatedHardware(decoding: [3] + hardware.encoded().dropFirst()) }
    }

    @Test("every noise model comes back from a file")
    func noiseModels() throws {
        let models: [NoiseModel] = [
            .sound, .stuck(7), .biased(255), .periodic(0), .alternating(1, 254), .bursts(length: 9, every: 40_000),
        ]
        for model in models {
            var hardware = EmulatedHardware(firmware: Bench.firmware)
            hardware.noise = model
            #expect(try EmulatedHardware(decoding: hardware.encoded()) == hardware)
        }
    }
}
