// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("What evidence says of the device")
struct DeviceClaimsTests {
    private func device(_ bench: Bench) throws -> DeviceClaims {
        try require(try require(bench.attest()).device)
    }

    @Test("model, revision, place and debugger are what the hardware says")
    func hardware() throws {
        let bench = try Bench()
        bench.hardware.model = 7
        bench.hardware.revision = 3
        bench.hardware.installedPosition = Position(latitude: 31_230_416, longitude: 121_473_701)
        bench.hardware.position = bench.hardware.installedPosition
        bench.sense()
        let sound = try device(bench)
        #expect(sound.model == 7 && sound.revision == 3 && !sound.isDebuggable)
        #expect(sound.position == Position(latitude: 31_230_416, longitude: 121_473_701))
        // Nobody has said what the software should be.
        #expect(sound.firmwareDigest.isEmpty && sound.applicationDigest.isEmpty)
        #expect(sound.journalIndex == 0)

        for fault in [HardwareFault.otherRevision, .debugger, .moved] {
            #expect(fault.detector == .estate)
            bench.make(fault)
        }
        #expect(bench.status.openWarnings.codes == [.a01])
        let odd = try device(bench)
        #expect(odd.revision == .max && odd.isDebuggable && odd.position != sound.position)
        for fault in [HardwareFault.otherRevision, .debugger, .moved] { bench.hardware.repair(fault) }
        bench.hardware.revision = 3
        bench.sense()
        let again = try device(bench)
        #expect(again.revision == 3 && !again.isDebuggable && again.position == sound.position)
    }

    @Test("the boot count rises with each start and does not come back with an older image")
    func bootCount() throws {
        let bench = try Bench()
        bench.signOn()
        #expect(try device(bench).bootCount == 1)
        let older = bench.image
        for count in UInt32(2)...4 {
            try bench.restart(inOrder: true)
            #expect(try device(bench).bootCount == count)
        }
        bench.image = older
        try bench.restart()
        #expect(try device(bench).bootCount > 4)
    }

    @Test("what a ticket binds the terminal to is claimed from then on, also after a restart")
    func binding() throws {
        let bench = try Bench()
        #expect(try device(bench).binding == 0)
        bench.accept(bench.ticket(binding: 0xFEDC_BA98_7654_3210))
        #expect(try device(bench).binding == 0xFEDC_BA98_7654_3210)
        try bench.restart()
        #expect(try device(bench).binding == 0xFEDC_BA98_7654_3210)
        // A ticket that says nothing of it changes nothing.
        bench.accept(bench.ticket(lease: 2))
        #expect(try device(bench).binding == 0xFEDC_BA98_7654_3210)
    }

    @Test("the log's index is that of its head's record")
    func logIndex() throws {
        let bench = try Bench()
        let claims = try require(bench.attest())
        let log = bench.module.auditLog
        // The attestation itself is the newest one.
        let index = try require(claims.device?.logIndex)
        #expect(index == log.records.last?.index && claims.auditHead == log.head)
        _ = bench.handle(.selfTest)
        #expect(try device(bench).logIndex == index + 2)
    }

    @Test("the inventory names every key that is there, with its check value", arguments: KeyProfile.allCases)
    func inventory(profile: KeyProfile) throws {
        let bench = try Bench(profile)
        bench.signOn()
        let provisioning = bench.host.provision(bench.keys, serial: 77, firmware: Bench.firmware)
        let inventory = try device(bench).inventory
        let slots: [KeySlot] = profile.isSession ? [.health, .lease, .master, .session] : [.dukpt, .health, .lease]
        #expect(inventory.map(\.slot) == slots.map(\.rawValue))
        for entry in inventory {
            switch KeySlot(rawValue: entry.slot) {
            case .health: #expect(entry.checkValue == Array(KCV.aes(try provisioning.key(.health)).prefix(3)))
            case .lease: #expect(entry.checkValue == Array(KCV.aes(try provisioning.key(.lease)).prefix(3)))
            case .master: #expect(entry.checkValue.count == 3)
            default: #expect(entry.checkValue.isEmpty)
            }
        }
        let left = slots.filter { $0 != .dukpt && $0 != .master }.map(\.rawValue)
        bench.make(.missingKey)
        #expect(try device(bench).inventory.map(\.slot) == left)
        bench.hardware.repair(.missingKey)
        bench.sense()
        #expect(try device(bench).inventory.map(\.slot) == left)
    }
}
