// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

/// The module's side of the sealed journal: what is sealed, what the image keeps, and what tampering leaves.
@Suite("Sealing by the module")
struct SealCommandTests {
    private func seal(
        _ bench: Bench, _ stored: UInt64, _ requests: [SealRequest]
    ) throws -> [SealedItem] {
        guard case .sealed(let items) = bench.handle(.seal(stored: stored, requests)) else { throw Missing() }
        return items
    }

    private func open(_ bench: Bench, _ items: [SealedItem], _ state: JournalState = JournalState()) -> JournalDelivery
    {
        bench.host.openJournal(
            OpenJournalCommand(
                identity: JournalIdentity(bench.keys, serial: 77), state: state, records: items.map(\.bytes)))
    }

    @Test("the host reads what the module has sealed, and the closing record names what is open")
    func sealing() throws {
        let bench = try Bench()
        bench.signOn()
        #expect(bench.status.journalIndex == 0)
        var kept = try seal(bench, 0, [SealRequest([1], opens: true), SealRequest([2], opens: true)])
        kept += try seal(bench, 2, [SealRequest([], covers: [1])])
        #expect(bench.status.journalIndex == 2)
        bench.make(.mesh)
        #expect(bench.status.closings.map(\.index) == [3, 4])
        let delivery = open(bench, kept + [try #require(bench.status.closings.last)])
        #expect(delivery.findings.isEmpty && delivery.records.map(\.kind) == [.intent, .intent, .note, .closing])
        #expect(delivery.records.last?.intents == [2] && delivery.records.last?.closing?.warning == .t01)
        // The application that never got the third record has the other one.
        let without = open(bench, Array(kept.prefix(2)) + [bench.status.closings[0]])
        #expect(without.findings.isEmpty && without.records.last?.intents == [1, 2])
        // The latch keeps them, and no key with them.
        let closings = bench.status.closings
        try bench.restart()
        #expect(bench.status.closings == closings && bench.status.journalIndex == nil)
    }

    @Test("a record that was not stored was never written: its number is used again")
    func neverStored() throws {
        let bench = try Bench()
        let first = try seal(bench, 0, [SealRequest([1], opens: true)])
        let lost = try seal(bench, 1, [SealRequest([2], covers: [1])])
        let again = try seal(bench, 1, [SealRequest([3], opens: true)])
        #expect(lost.map(\.index) == [2] && again.map(\.index) == [2])
        let delivery = open(bench, first + again)
        #expect(delivery.findings.isEmpty && delivery.records.map(\.content) == [[1], [3]])
    }

    @Test("nothing is sealed by halves, beyond what was sealed, or for an intent that is not open")
    func refusals() throws {
        let bench = try Bench()
        let first = try seal(bench, 0, [SealRequest([1], opens: true)])
        for (stored, requests) in [
            (UInt64(2), [SealRequest([])]), (1, [SealRequest([2]), SealRequest([], covers: [7])]),
            (1, Array(repeating: SealRequest([]), count: 17)),
            (1, [SealRequest([UInt8](repeating: 0, count: SealedRecord.contentCountMax + 1))]),
        ] {
            #expect(refusal(bench.handle(.seal(stored: stored, requests))) == .badRequest)
        }
        let next = try seal(bench, 1, [SealRequest([3], covers: [1])])
        #expect(open(bench, first + next).findings.isEmpty)
    }

    @Test(
        "cut between sealing, storing and the image: what is stored goes on, without a gap or a second record",
        arguments: [1, 5])
    func cuts(imageEvery: Int) throws {
        for cut in 0..<24 {
            let bench = try Bench()
            bench.signOn()
            var (kept, step): ([SealedItem], Int) = ([], 0)
            func runs() -> Bool {
                step += 1
                return step <= cut
            }
            records: for number in 0..<10 {
                guard runs() else { break }
                let last = kept.last?.index ?? 0
                let opens = number % 2 == 0
                let items = try seal(
                    bench, last, [SealRequest([UInt8(number)], opens: opens, covers: opens ? [] : [last])])
                guard runs() else { break records }
                kept += items
                // Any event that stores an image; it never knows of more than is stored.
                if number % imageEvery == 0 { _ = bench.handle(.selfTest) }
            }
            try bench.restart(powersUp: false)
            let isWhole = bench.module.resumeJournal(kept.map(\.bytes))
            #expect(isWhole)
            bench.module.powerUp(now: bench.now)
            let next = try seal(bench, kept.last?.index ?? 0, [SealRequest([0xFF])])
            bench.make(.tamper)
            kept += next + [try #require(bench.status.closings.last)]
            let delivery = open(bench, kept)
            #expect(delivery.findings.isEmpty, "cut \(cut): \(delivery.findings)")
            #expect(delivery.records.count == kept.count, "cut \(cut)")
        }
    }

    @Test("tampered with while it was dark: shown what is stored, it closes behind that")
    func darkness() throws {
        let bench = try Bench()
        bench.signOn()
        let kept = try seal(bench, 0, [SealRequest([1], opens: true)])
        bench.hardware.apply(.mesh)
        try bench.restart(powersUp: false)
        let isWhole = bench.module.resumeJournal(kept.map(\.bytes))
        #expect(isWhole)
        bench.module.powerUp(now: bench.now)
        let delivery = open(bench, kept + bench.status.closings)
        #expect(delivery.findings.isEmpty && delivery.records.last?.intents == [1])
    }

    @Test("records of another journal are not taken, and an intent that nobody has any more is forgotten")
    func strangers() throws {
        let bench = try Bench()
        _ = try seal(bench, 0, [SealRequest([1], opens: true)])
        _ = try seal(bench, 1, [])
        _ = bench.handle(.selfTest)
        try bench.restart(powersUp: false)
        let other = try seal(try Bench(), 0, [SealRequest([1]), SealRequest([2])])
        let taken = [other.map(\.bytes), [[1, 2]], []].map { bench.module.resumeJournal($0) }
        #expect(taken == [false, false, true])
        #expect(refusal(bench.handle(.seal(stored: 1, [SealRequest([], covers: [1])]))) == .badRequest)
        #expect(try seal(bench, 1, [SealRequest([2])]).map(\.index) == [2])
    }

    @Test("what is attested is settled and stored: the host needs nothing of it")
    func attested() throws {
        let bench = try Bench()
        bench.signOn()
        func settled() -> UInt32? { bench.attest()?.device?.journalIndex }
        #expect(settled() == 0)
        _ = try seal(bench, 0, [SealRequest([1]), SealRequest([2], opens: true), SealRequest([3])])
        #expect(settled() == 0, "not known to be stored")
        _ = try seal(bench, 3, [SealRequest([], covers: [2])])
        #expect(settled() == 1, "the second is open")
        _ = try seal(bench, 4, [])
        #expect(settled() == 4)
    }

    @Test("a journal whose keys do not come back stops the module (H03), and a new key set does not end it")
    func lost() throws {
        let bench = try Bench()
        bench.signOn()
        _ = try seal(bench, 0, [SealRequest([1])])
        _ = bench.handle(.selfTest)
        // Behind the journal stands the identity key alone.
        bench.image[try storedParts(bench.image)[6].upperBound - 1] ^= 1
        try bench.restart()
        #expect(bench.status.openWarnings.contains(.h03) && bench.status.state == .halted)
        #expect(refusal(bench.handle(.seal(stored: 0, []))) == .halted)
        #expect(bench.load(first: 4_096, keySet: 4))
        let isThere = bench.module.isCausePresent(.h03, bench.now)
        #expect(isThere)
        bench.make(.mesh)
        #expect(bench.status.closings.isEmpty && bench.status.deathToken != nil)
    }

    @Test("a module that was personalised before there were journals keeps none, and works")
    func without() throws {
        let bench = try Bench()
        let keys = bench.keys
        var provisioning = ModuleProvisioning(
            keys: keys, serial: 77, firmware: Bench.firmware, firstCounter: 1, supplier: nil, hostKey: nil, signer: nil)
        try provisioning.add(bench.host.masters.initialKey(keys), as: .initial)
        try provisioning.add(bench.host.masters.healthKey(keys), as: .health)
        try provisioning.add(bench.host.masters.leaseKey(keys), as: .lease)
        guard
            let module = TerminalSecurityModule(
                provisioning: provisioning, storageKey: bench.storageKey,
                hardware: EmulatedHardware(firmware: Bench.firmware), now: bench.now)
        else { throw Missing() }
        bench.hardware = EmulatedHardware(firmware: Bench.firmware)
        bench.module = module
        bench.module.powerUp(now: bench.now)
        bench.perform()
        bench.signOn()
        #expect(bench.status.state == .ready && bench.status.journalIndex == nil)
        #expect(refusal(bench.handle(.seal(stored: 0, [SealRequest([1])]))) == .halted)
        bench.make(.mesh)
        #expect(bench.status.closings.isEmpty && bench.status.deathToken != nil)
    }

    @Test("another module of the same terminal and identity has another journal")
    func serials() throws {
        let bench = try Bench()
        let items = try seal(bench, 0, [SealRequest([1])])
        let other = bench.host.openJournal(
            OpenJournalCommand(
                identity: JournalIdentity(bench.keys, serial: 78), state: JournalState(), records: items.map(\.bytes)))
        #expect(other.findings == [.edited(1)] && other.records.isEmpty)
    }
}
