// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Sealed journal at the host")
struct JournalVerifierTests {
    private func records(_ world: JournalWorld, _ count: Int) throws -> [SealedRecord] {
        var journal = try world.journal()
        var records: [SealedRecord] = []
        for number in 0..<count { records.append(try journal.seal([UInt8(truncatingIfNeeded: number)])) }
        return records
    }

    @Test("each record is delivered once, in any order and however often it is sent")
    func once() throws {
        for seed in 0..<20 as Range<UInt64> {
            var random = SeededRandom(seed: 20_260_814 &+ seed)
            let world = try JournalWorld()
            let records = try records(world, 30)
            var verifier = try world.verifier()
            var delivered: [UInt64] = []
            for _ in 0..<40 {
                let batch = (0..<random.below(6)).map { _ in records[random.below(records.count)] }
                let delivery = verifier.open(batch.map { $0.encoded() }, with: &world.opener)
                delivered += delivery.records.map(\.index)
                for finding in delivery.findings {
                    switch finding {
                    case .repeated, .missing: break
                    default: Issue.record("seed \(seed): \(finding)")
                    }
                }
            }
            let rest = verifier.open(records.map { $0.encoded() }, with: &world.opener)
            delivered += rest.records.map(\.index)
            #expect(delivered.sorted() == records.map(\.index), "seed \(seed)")
            let through = verifier.state.through
            #expect(through == 30, "seed \(seed)")
        }
    }

    @Test("gaps are named until they are filled, and only what has none before it is acknowledged")
    func gaps() throws {
        let world = try JournalWorld()
        let records = try records(world, 9)
        var verifier = try world.verifier()
        func open(_ places: [Int]) -> JournalDelivery {
            verifier.open(places.map { records[$0 - 1].encoded() }, with: &world.opener)
        }
        #expect(open([1, 2, 5, 8, 9]).findings == [.missing(3...4), .missing(6...7)])
        #expect(open([]).findings == [.missing(3...4), .missing(6...7)])
        var through = verifier.state.through
        #expect(through == 2)
        #expect(open([4, 3]).findings == [.missing(6...7)])
        verifier.giveUp(9)
        verifier.giveUp(6)
        #expect(open([]).findings == [.missing(7...7)])
        let late = open([6, 7])
        #expect(late.records.map(\.index) == [7] && late.findings == [.repeated(6)])
        through = verifier.state.through
        #expect(through == 9)
    }

    @Test("a record of another journal, another identity or another host's key is none of this one")
    func strangers() throws {
        let (world, other) = (try JournalWorld(), try JournalWorld())
        let stranger = try records(other, 1)[0]
        #expect(try world.open([stranger]).findings == [.edited(1)])
        var journal = try SealedJournal(
            JournalIdentity(terminal: world.identity.terminal, identityEpoch: 4, serial: 77), hostKey: world.hostKey,
            firstKey: world.firstKey)
        #expect(try world.open([try journal.seal([1])]).findings == [.edited(1)])
        var elsewhere = try SealedJournal(world.identity, hostKey: other.hostKey, firstKey: world.firstKey)
        #expect(try world.open([try elsewhere.seal([1])]).findings == [.unreadable(1)])
        var verifier = try world.verifier()
        #expect(verifier.open([[1], [], [9, 9]], with: &world.opener).findings == (0..<3).map { .malformed($0) })
    }

    @Test("two authentic records of one number are a fork, together or one after the other")
    func forks() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        let first = try journal.seal([1])
        guard
            var copy = SealedJournal(
                unwrapping: journal.wrapped(under: world.storageKey), under: world.storageKey, world.identity,
                hostKey: world.hostKey)
        else { throw Missing() }
        let (left, right) = (try journal.seal([2]), try copy.seal([3]))
        let both = try world.open([first, left, right])
        #expect(both.findings == [.forked(2)] && both.records.count == 2)
        var verifier = try world.verifier()
        _ = verifier.open([first, left].map { $0.encoded() }, with: &world.opener)
        let state = verifier.state
        let again = verifier.open([right.encoded()], with: &world.opener)
        let after = verifier.state
        #expect(again.findings == [.forked(2)] && again.records.isEmpty && after == state)
        // A life behind the closing record is a second one too.
        let last = try require(journal.close(.t02, at: JournalWorld.now))
        for _ in 0..<2 { _ = try copy.seal([4]) }
        let late = try copy.seal([5])
        let lives = verifier.open([last.encoded(), late.encoded()], with: &world.opener)
        #expect(lives.findings.contains(.forked(5)) && lives.records.map(\.kind) == [.closing])
    }

    @Test("an intent that is covered before it comes is never open, and the closing record has to agree")
    func intents() throws {
        let world = try JournalWorld()
        var journal = try world.journal()
        let first = try journal.seal([1], opens: true)
        let second = try journal.seal([2], opens: true)
        let third = try journal.seal([3], covers: [1])
        let last = try require(journal.close(.t01, at: JournalWorld.now))
        var verifier = try world.verifier()
        for record in [third, last] { _ = verifier.open([record.encoded()], with: &world.opener) }
        var open = verifier.state.open
        #expect(open.isEmpty)
        #expect(verifier.open([first.encoded()], with: &world.opener).findings == [.missing(2...2)])
        #expect(verifier.open([second.encoded()], with: &world.opener).findings.isEmpty)
        open = verifier.state.open
        #expect(open == [2])
        // A journal that has forgotten an intent closes with another list than it has told before.
        var honest = try world.journal()
        let intent = try honest.seal([1], opens: true)
        let wrapped = honest.wrapped(under: world.storageKey)
        let forgetful = try require(
            SealedJournal(
                unwrapping: wrapped.dropLast(2) + [0], under: world.storageKey, world.identity,
                hostKey: world.hostKey))
        let forgotten = forgetful.open
        #expect(forgotten.isEmpty)
        let wrong = try require(forgetful.close(.t01, at: JournalWorld.now))
        #expect(try world.open([intent, wrong]).findings == [.contradicted(2)])
    }

    @Test("the window ends where it says: 256 records below, 1,024 beyond")
    func window() throws {
        let world = try JournalWorld()
        let records = try records(world, 1_300)
        var verifier = try world.verifier()
        let far = verifier.open([records[1_023], records[1_024]].map { $0.encoded() }, with: &world.opener)
        #expect(far.records.map(\.index) == [1_024] && far.findings.first == .tooFar(1_025))
        let rest = verifier.open(records.map { $0.encoded() }, with: &world.opener)
        #expect(rest.records.count == 1_023)
        let more = verifier.open(records[1_024...].map { $0.encoded() }, with: &world.opener)
        #expect(more.records.count == 276 && more.findings.isEmpty)
        var (state, delivered) = (verifier.state, verifier.state.delivered.count)
        #expect(state.through == 1_300 && state.windowStart == 1_045 && delivered == JournalState.windowMax)
        #expect(verifier.open([records[1_043].encoded()], with: &world.opener).findings == [.repeated(1_044)])
        let other = SealedRecord(
            index: 1_045, kind: .note, intents: [], box: records[0].box, code: records[0].code)
        #expect(verifier.open([other.encoded()], with: &world.opener).findings == [.edited(1_045)])

        // The host forgets it all but for the state, and goes on.
        var writer = ByteWriter()
        state.write(to: &writer)
        var reader = ByteReader(writer.bytes)
        state = try JournalState(from: &reader)
        delivered = state.delivered.count
        #expect(reader.isAtEnd && delivered == JournalState.windowMax)
        var again = try world.verifier(state)
        #expect(again.open([records[1_299].encoded()], with: &world.opener).findings == [.repeated(1_300)])
        for count in stride(from: 0, to: writer.bytes.count, by: 19) {
            var cut = ByteReader(Array(writer.bytes.prefix(count)))
            #expect(throws: CodecError.self) { try JournalState(from: &cut) }
        }
    }
}
