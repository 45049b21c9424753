// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Sealed journal and cuts of power")
struct JournalPowerTests {
    /// A terminal's disk: the module's image and the file of sealed records.
    private struct Disk {
        var image: [UInt8]
        var records: [SealedRecord] = []
    }

    @Test("a cut between any two steps leaves records that open without a gap or a second one", arguments: [1, 3, 8])
    func cuts(imageEvery: Int) throws {
        let world = try JournalWorld()
        // Steps of each record: sealed, stored, and now and then the image.
        for cut in 0..<40 {
            var journal = try world.journal()
            var disk = Disk(image: journal.wrapped(under: world.storageKey))
            var step = 0
            func runs() -> Bool {
                step += 1
                return step <= cut
            }
            var sent = 0
            writing: for number in 0..<12 {
                guard runs() else { break writing }
                let covers = number % 3 == 2 ? journal.open : []
                let record = try journal.seal([UInt8(number)], opens: number % 3 == 0, covers: covers)
                guard runs() else { break writing }
                disk.records.append(record)
                guard number % imageEvery == imageEvery - 1 else { continue }
                guard runs() else { break writing }
                disk.image = journal.wrapped(under: world.storageKey)
                sent = disk.records.count
            }
            // The power is back.
            var again = try require(
                SealedJournal(
                    unwrapping: disk.image, under: world.storageKey, world.identity, hostKey: world.hostKey))
            let newer = try again.resume(disk.records)
            #expect(newer < imageEvery || sent + newer == disk.records.count)
            let next = again.nextIndex
            #expect(next == UInt64(disk.records.count) + 1)
            disk.records.append(try again.seal([0xFF], covers: again.open))
            let delivery = try world.open(disk.records)
            #expect(delivery.findings.isEmpty, "cut \(cut): \(delivery.findings)")
            #expect(delivery.records.count == disk.records.count, "cut \(cut)")
            let open = again.open
            #expect(open.isEmpty)
        }
    }

    @Test("stored records that are not this journal's, or not the next, are refused")
    func resuming() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        let image = journal.wrapped(under: world.storageKey)
        let records = [try journal.seal([1]), try journal.seal([2]), try journal.seal([3])]
        func problem(_ stored: [SealedRecord]) throws -> SealedJournalError? {
            var again = try require(
                SealedJournal(unwrapping: image, under: world.storageKey, world.identity, hostKey: world.hostKey))
            do { _ = try again.resume(stored) } catch { return error }
            return nil
        }
        #expect(try problem(records) == nil && problem([]) == nil)
        #expect(try problem([records[0], records[2]]) == .notOurs(3))
        #expect(try problem([records[1]]) == .notOurs(2))
        let other = SealedRecord(index: 1, kind: .note, intents: [], box: records[1].box, code: records[1].code)
        #expect(try problem([other]) == .notOurs(1))
    }

    @Test("what the host has acknowledged is not sent again")
    func tail() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        var tail = SealedTail()
        var verifier = try world.verifier()
        var delivered = 0
        func item(_ record: SealedRecord) -> SealedItem { SealedItem(index: record.index, bytes: record.encoded()) }
        for number in 0..<50 {
            #expect(tail.append(item(try journal.seal([UInt8(number)]))))
            guard number % 7 == 0 else { continue }
            let sent = tail.next(bytesMax: 400)
            #expect(!sent.isEmpty && (sent.count == 1 || sent.tail.count <= 400))
            #expect(sealedRecords(ofTail: sent.tail) == sent.map(\.bytes))
            let delivery = verifier.open(sent.map(\.bytes), with: &world.opener)
            #expect(delivery.findings.isEmpty)
            delivered += delivery.records.count
            tail.acknowledge(through: verifier.state.through)
            #expect(tail.items.first?.index == tail.acknowledged + 1 || tail.items.isEmpty)
        }
        while !tail.items.isEmpty {
            delivered += verifier.open(tail.next(bytesMax: 1).map(\.bytes), with: &world.opener).records.count
            tail.acknowledge(through: verifier.state.through)
        }
        #expect(delivered == 50 && tail.acknowledged == 50)
        tail.acknowledge(through: 51)
        tail.acknowledge(through: 3)
        #expect(tail.acknowledged == 50)
        let (first, second, third) = (
            item(try journal.seal([])), item(try journal.seal([])), item(try journal.seal([]))
        )
        #expect(tail.append(first) && !tail.append(first) && !tail.append(third) && tail.append(second))
        // A tail that was lost goes on where the journal stands.
        var resumed = SealedTail(acknowledged: 50)
        #expect(resumed.append(second) && resumed.items == [second] && !resumed.append(first))
        var writer = ByteWriter()
        tail.write(to: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try SealedTail(from: &reader) == tail && reader.isAtEnd)
    }

    @Test("a tail takes so many records and none more")
    func tailLimit() {
        var tail = SealedTail()
        let taken = (1...SealedTail.recordsMax + 1).map { tail.append(SealedItem(index: UInt64($0), bytes: [])) }
        #expect(taken.firstIndex(of: false) == SealedTail.recordsMax)
    }
}
