// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Journal

struct ChainTests {
    /// Commits of 1, 2, 3, … records.
    static func journal(_ count: Int, seed: UInt64 = 1) -> [Commit] {
        var random = SeededRandom(seed: seed)
        var chain = Chain()
        return (1...count).map { chain.seal(RecordFrame.encode(someRecords($0, &random)), count: $0) }
    }

    @Test func `genesis and the first link are what they have always been`() throws {
        #expect(Chain.genesis == (try goldenBytes("chain-genesis.hex")))
        var chain = Chain()
        let commit = chain.seal(try goldenBytes("frame-1.hex"), count: 3)
        #expect(commit.first == 1 && commit.last == 3)
        #expect(commit.chain == (try goldenBytes("chain-1.hex")))
        #expect(chain.head == JournalHead(next: 4, chain: commit.chain))
    }

    @Test func `a sound journal verifies from the start and from any commit`() throws {
        let journal = Self.journal(8)
        let last = try #require(journal.last)
        let end = JournalHead(after: last)
        #expect(try Chain.verify(journal) == end)
        for start in 0..<journal.count {
            let head = JournalHead(after: journal[start])
            #expect(try Chain.verify(journal[(start + 1)...], from: head, known: head) == end)
            #expect(try Chain.verify(journal, known: head) == end)
        }
        #expect(try Chain.verify([]) == .genesis)
        #expect(try Chain.verify(journal, known: .genesis) == end)
    }

    @Test func `an edit of any byte is found at its commit`() {
        let journal = Self.journal(4)
        for index in journal.indices {
            let good = journal[index]
            for byte in good.bytes.indices {
                var bytes = good.bytes
                bytes[byte] ^= 0x01
                var edited = journal
                edited[index] = Commit(first: good.first, count: good.count, bytes: bytes, chain: good.chain)
                #expect(throws: ChainError.edited(first: good.first)) { try Chain.verify(edited) }
            }
            for byte in good.chain.indices {
                var chain = good.chain
                chain[byte] ^= 0x80
                var edited = journal
                edited[index] = Commit(first: good.first, count: good.count, bytes: good.bytes, chain: chain)
                #expect(throws: ChainError.edited(first: good.first)) { try Chain.verify(edited) }
            }
        }
    }

    @Test(arguments: [0, -1, Int.min, Int.max, 1, 3])
    func `another number of records is found`(count: Int) {
        let journal = Self.journal(3)
        var edited = journal
        edited[1] = Commit(first: 2, count: count, bytes: journal[1].bytes, chain: journal[1].chain)
        let expected = 1...RecordFrame.recordsMax ~= count ? ChainError.edited(first: 2) : .count(first: 2)
        #expect(throws: expected) { try Chain.verify(edited) }
    }

    @Test func `a number of records that is not the frame's is found even with a fitting chain value`() {
        var chain = Chain()
        let commit = chain.seal(RecordFrame.encode([[1], [2]]), count: 3)
        #expect(throws: ChainError.count(first: 1)) { try Chain.verify([commit]) }
    }

    @Test func `a missing, doubled or misplaced commit is found where it is`() {
        let journal = Self.journal(4)
        #expect(throws: ChainError.sequence(expected: 2, found: 4)) {
            try Chain.verify([journal[0], journal[2], journal[3]])
        }
        #expect(throws: ChainError.sequence(expected: 4, found: 2)) {
            try Chain.verify([journal[0], journal[1], journal[1]])
        }
        #expect(throws: ChainError.sequence(expected: 1, found: 2)) { try Chain.verify(journal.dropFirst()) }
    }

    @Test func `a cut tail is found against a known head only`() throws {
        let journal = Self.journal(5)
        let known = try Chain.verify(journal)
        #expect(try Chain.verify(journal.dropLast()).next == 11)
        #expect(throws: ChainError.cut(next: 11, known: 16)) { try Chain.verify(journal.dropLast(), known: known) }
        #expect(throws: ChainError.cut(next: 1, known: 16)) { try Chain.verify([], known: known) }
    }

    @Test func `a journal written anew is a fork at the known head`() throws {
        let known = JournalHead(after: Self.journal(3)[2])
        let other = Self.journal(6, seed: 2)
        #expect(throws: ChainError.forked(first: 4)) { try Chain.verify(other, known: known) }
    }

    @Test func `a known head inside a commit is a fork`() {
        let known = JournalHead(next: 3, chain: Chain.genesis)
        #expect(throws: ChainError.forked(first: 2)) { try Chain.verify(Self.journal(3), known: known) }
    }

    @Test func `a fork at the start itself is found with and without commits behind it`() {
        let journal = Self.journal(3)
        let start = JournalHead(after: journal[0])
        let known = JournalHead(next: start.next, chain: Chain.genesis)
        #expect(throws: ChainError.forked(first: 2)) { try Chain.verify(journal[1...], from: start, known: known) }
        #expect(throws: ChainError.forked(first: 2)) { try Chain.verify([], from: start, known: known) }
    }

    @Test func `a bad commit leaves the chain where it was`() throws {
        let journal = Self.journal(2)
        var chain = Chain()
        try chain.verify(journal[0])
        let before = chain
        #expect(throws: ChainError.self) { try chain.verify(journal[0]) }
        #expect(chain == before)
        try chain.verify(journal[1])
    }

    @Test func `numbers beyond the last sequence are refused, not trapped on`() {
        let head = JournalHead(next: Chain.sequenceMax, chain: Chain.genesis)
        let commit = Commit(first: Chain.sequenceMax, count: 1, bytes: [], chain: [])
        #expect(throws: ChainError.count(first: Chain.sequenceMax)) { try Chain.verify([commit], from: head) }
        #expect(Commit(first: .max, count: .max, bytes: [], chain: []).last == UInt64(Int.max) - 2)
    }

    @Test func `every error says in words where to look`() {
        let errors: [ChainError] = [
            .sequence(expected: 2, found: 4), .sequence(expected: 4, found: 2), .count(first: 7), .edited(first: 7),
            .cut(next: 5, known: 9), .forked(first: 7),
        ]
        #expect(
            errors.map(\.description) == [
                "records 2 to 3 are missing",
                "a commit begins with record 2 where record 4 should follow",
                "the commit that begins with record 7 has a wrong number of records",
                "the commit that begins with record 7 was changed after it was written",
                "the journal ends before record 5, but it is known to have reached record 8",
                "the commit that begins with record 7 is not the one that is known to have been there",
            ])
    }
}
