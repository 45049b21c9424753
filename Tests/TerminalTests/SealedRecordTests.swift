// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite("Sealed records in the terminal's journal")
struct SealedRecordTests {
    static let intent = ReversalIntent(
        stan: STAN(7), pan: Rig.pan, amount: Money(minorUnits: 1_250, .eur), at: Rig.start, state: .inFlight)
    static let item = SealedItem(index: 41, bytes: [1, 2, 3])

    @Test("a record and its sealed form are one, read back whole, and never one in another")
    func codec() throws {
        let sealed = TerminalRecord.sealed(Self.item, covers: [3, 9], .intent(Self.intent))
        for record in [sealed, .sealedAcknowledged(41), .sealed(Self.item, covers: [], .declined(STAN(1)))] {
            let bytes = record.encoded()
            #expect(try TerminalRecord(decoding: bytes) == record)
            for count in 0..<bytes.count {
                #expect(throws: CodecError.self) { try TerminalRecord(decoding: Array(bytes[..<count])) }
            }
        }
        let nested = TerminalRecord.sealed(Self.item, covers: [], sealed).encoded()
        #expect(throws: CodecError.self) { try TerminalRecord(decoding: nested) }
    }

    @Test("what an earlier version of this program wrote is read for ever")
    func golden() throws {
        #expect(TerminalRecord.sealedAcknowledged(41).encoded() == [1, 27, 41])
        #expect(
            TerminalRecord.sealed(Self.item, covers: [3, 9], .declined(STAN(7))).encoded()
                == [1, 26, 41, 3, 1, 2, 3, 2, 3, 9, 3, 1, 4, 7])
    }

    @Test("an intent is covered by the next record after its end, and a snapshot keeps what is not")
    func covering() throws {
        var book = TerminalBook()
        func apply(_ record: TerminalRecord) -> Bool { book.apply(record) }
        #expect(apply(.sealed(Self.item, covers: [], .intent(Self.intent))))
        #expect(book.intents[0].sealed == 41 && book.sealed.last == 41)
        #expect(!apply(.sealed(Self.item, covers: [], .stan(STAN(9)))), "not the next")
        #expect(apply(.declined(STAN(7))))
        #expect(book.uncovered == [41])
        let snapshot = TerminalRecord.snapshot(book).encoded()
        #expect(try TerminalRecord(decoding: snapshot) == .snapshot(book))
        var next = Self.intent
        next.stan = STAN(8)
        #expect(apply(.sealed(SealedItem(index: 42, bytes: [4]), covers: [41], .intent(next))))
        #expect(book.uncovered.isEmpty && book.intents[0].sealed == 42)
        #expect(apply(.sealedAcknowledged(41)) && book.sealed.items.map(\.index) == [42])
        #expect(apply(.service(.paired(Pairing(serial: 1, identityEpoch: 1)))))
        #expect(book.sealed.last == 42, "the first pairing")
        #expect(apply(.service(.paired(Pairing(serial: 2, identityEpoch: 1)))))
        #expect(book.sealed == SealedTail() && book.intents[0].sealed == nil, "another module has another journal")
    }

    @Test("so many open intents, or so long a tail, stop new sales")
    func limits() {
        var rig = Rig.ready()
        for number in 0..<SealedTail.recordsMax - 64 {
            _ = rig.terminal.book.sealed.append(SealedItem(index: UInt64(number) + 1, bytes: []))
        }
        rig.fire(.timerFired(.heartbeat))
        #expect(!rig.terminal.openWarnings.contains(.p04))
        _ = rig.terminal.book.sealed.append(SealedItem(index: rig.terminal.book.sealed.last + 1, bytes: []))
        rig.fire(.timerFired(.heartbeat))
        #expect(rig.terminal.openWarnings.contains(.p04))
        rig.terminal.book.sealed.acknowledge(through: 100)
        rig.fire(.timerFired(.heartbeat))
        #expect(!rig.terminal.openWarnings.contains(.p04))
    }
}
