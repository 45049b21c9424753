// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

/// A host's key, a journal's first key, and what belongs to them.
final class JournalWorld {
    static let now = Instant(seconds: 1_786_700_000)

    let identity: JournalIdentity
    let hostKey: P256PublicKey
    let firstKey = SecretKey.random(count: ForwardMAC.keyCount)
    let storageKey = SecretKey.random(count: 32)
    var opener: SealOpener

    init() throws {
        identity = JournalIdentity(terminal: try require(TerminalID("T0000001")), identityEpoch: 3, serial: 77)
        let key = try P256PrivateKey.generate()
        hostKey = key.publicKey
        opener = SealOpener(key: key)
    }

    func journal() throws -> SealedJournal {
        try SealedJournal(identity, hostKey: hostKey, firstKey: firstKey)
    }

    func verifier(_ state: JournalState = JournalState()) throws -> JournalVerifier {
        guard let verifier = JournalVerifier(identity, firstKey: firstKey, state: state) else { throw Missing() }
        return verifier
    }

    /// What a new verifier says of some records.
    func open(_ records: [SealedRecord]) throws -> JournalDelivery {
        var verifier = try verifier()
        return verifier.open(records.map { $0.encoded() }, with: &opener)
    }
}

@Suite("Sealed journal")
struct SealedJournalTests {
    @Test("the host reads every record by its number, and what is open and covered")
    func reading() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        let first = try journal.seal([1], opens: true)
        let second = try journal.seal([2], opens: true)
        let third = try journal.seal([3], covers: [1])
        let fourth = try journal.seal([], opens: true, covers: [2])
        #expect([first, second, third, fourth].map(\.index) == [1, 2, 3, 4])
        let stillOpen = journal.open
        #expect(stillOpen == [4])
        var verifier = try world.verifier()
        let delivery = verifier.open([first, second, third, fourth].map { $0.encoded() }, with: &world.opener)
        #expect(delivery.findings.isEmpty)
        #expect(delivery.records.map(\.content) == [[1], [2], [3], []])
        #expect(delivery.records.map(\.kind) == [.intent, .intent, .note, .intent])
        #expect(delivery.records.map(\.intents) == [[], [], [1], [2]])
        let state = verifier.state
        #expect(state.through == 4 && state.open == [4] && state.closedAt == nil)
    }

    @Test("nothing is sealed that is too long, covers what is not open, or opens too much")
    func limits() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        func problem(_ content: [UInt8], _ opens: Bool = false, _ covers: [UInt64] = []) -> SealedJournalError? {
            do throws(SealedJournalError) {
                _ = try journal.seal(content, opens: opens, covers: covers)
            } catch { return error }
            return nil
        }
        let long = [UInt8](repeating: 7, count: SealedRecord.contentCountMax + 1)
        #expect(problem(long) == .tooLong(long.count))
        #expect(problem([], false, [1]) == .notOpen(1))
        #expect(problem([], true) == nil)
        #expect(problem([], false, [1, 1]) == .notOpen(1))
        for _ in 1..<SealedRecord.intentsMax { #expect(problem([], true) == nil) }
        #expect(problem([], true) == .tooManyIntents(SealedRecord.intentsMax + 1))
        #expect(problem([], true, [1]) == nil)
        let longest = Array(long.dropLast())
        let covers = journal.open
        let record = try journal.seal(longest, covers: covers)
        #expect(record.intents.count == SealedRecord.intentsMax)
        #expect(record.encoded().count <= SealedRecord.byteCountMax)
        #expect(try SealedRecord(decoding: record.encoded()) == record)
        let index = journal.nextIndex
        #expect(index == UInt64(SealedRecord.intentsMax) + 3)
    }

    @Test("tampering writes a last record that names the open intents, and the keys go with it")
    func closing() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        var records = [try journal.seal([1], opens: true), try journal.seal([2], opens: true)]
        records.append(try journal.seal([3], covers: [1]))
        records.append(try require(journal.close(.t01, at: JournalWorld.now)))
        var verifier = try world.verifier()
        let delivery = verifier.open(records.map { $0.encoded() }, with: &world.opener)
        #expect(delivery.findings.isEmpty)
        let last = try #require(delivery.records.last)
        #expect(last.kind == .closing && last.intents == [2] && last.content.isEmpty)
        #expect(last.closing == JournalClosing(warning: .t01, at: JournalWorld.now))
        let state = verifier.state
        #expect(state.closedAt == 4 && state.open == [2])
    }

    @Test("no bit of a record can be changed, and no record cut or grown")
    func bits() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        let first = try journal.seal([1], opens: true)
        let second = try journal.seal([2, 3, 4], covers: [1])
        let third = try journal.seal([5])
        let bytes = second.encoded()
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            var verifier = try world.verifier()
            let delivery = verifier.open([first.encoded(), changed, third.encoded()], with: &world.opener)
            #expect(delivery.records.map(\.index) == [1, 3], "bit \(bit)")
            #expect(delivery.findings.contains(.missing(2...2)), "bit \(bit)")
            #expect(delivery.findings.count == 2, "bit \(bit)")
        }
        for count in 0..<bytes.count {
            #expect(throws: CodecError.self, "\(count) bytes") {
                try SealedRecord(decoding: Array(bytes.prefix(count)))
            }
        }
        #expect(throws: CodecError.self) { try SealedRecord(decoding: bytes + [0]) }
    }

    @Test("it comes back from its store under the same key, and goes on")
    func stored() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        var records = [try journal.seal([1], opens: true), try journal.seal([2])]
        let bytes = journal.wrapped(under: world.storageKey)
        guard
            var again = SealedJournal(
                unwrapping: bytes, under: world.storageKey, world.identity, hostKey: world.hostKey)
        else { throw Missing() }
        let open = again.open
        #expect(open == [1])
        records.append(try again.seal([3], covers: [1]))
        let delivery = try world.open(records)
        #expect(delivery.findings.isEmpty && delivery.records.count == 3)
        for count in 0..<bytes.count {
            let cut = SealedJournal(
                unwrapping: Array(bytes.prefix(count)), under: world.storageKey, world.identity,
                hostKey: world.hostKey)
            let isRefused = cut == nil
            #expect(isRefused)
        }
        let other = SealedJournal(
            unwrapping: bytes, under: .random(count: 32), world.identity, hostKey: world.hostKey)
        let isRefused = other == nil
        #expect(isRefused)
    }

    @Test("whoever takes the module, with every key of now, neither changes nor adds to what it has written")
    func pastIsSealed() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        var records: [SealedRecord] = []
        for number in 0..<6 as Range<UInt8> { records.append(try journal.seal([number], opens: true)) }
        // The thief has the journal as it is, keys and all, and the host's public key.
        let stolen = journal.wrapped(under: world.storageKey)
        for place in records.indices {
            guard
                var thief = SealedJournal(
                    unwrapping: stolen, under: world.storageKey, world.identity, hostKey: world.hostKey)
            else { throw Missing() }
            let forged = try thief.seal([0xEE])
            let old = records[place]
            var changed = records
            changed[place] = SealedRecord(
                index: old.index, kind: old.kind, intents: old.intents, box: forged.box, code: forged.code)
            let delivery = try world.open(changed)
            #expect(delivery.findings.contains(.edited(old.index)))
            #expect(delivery.records.map(\.index) == records.map(\.index).filter { $0 != old.index })
            // Cutting the end off shows as soon as the module's closing record, or its next one, is there.
            let next = try thief.seal([0xEE])
            let cut = try world.open(Array(records[..<place]) + [next])
            #expect(cut.findings == [.missing(old.index...next.index - 1)])
        }
        // After the closing record there is no key at all.
        let last = try require(journal.close(.t01, at: JournalWorld.now))
        var thief = try SealedJournal(world.identity, hostKey: world.hostKey, firstKey: .random(count: 32))
        for _ in 0...last.index { _ = try thief.seal([]) }
        let added = try thief.seal([0xEE])
        let behind = SealedRecord(
            index: last.index + 1, kind: .note, intents: [], box: added.box, code: added.code)
        let delivery = try world.open(records + [last, behind])
        #expect(delivery.findings == [.edited(last.index + 1)])
    }
}
