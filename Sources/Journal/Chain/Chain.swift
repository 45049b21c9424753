// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// The hash chain over the commits of a journal.
///
/// `chain(n) = SHA-256(chain(n-1) ‖ first ‖ count ‖ bytes)`, first and count as eight bytes, big-endian. The chain
/// detects an edit, a gap and a changed order by itself; a cut tail or a rewritten journal shows only against a
/// head that was kept elsewhere (a snapshot, a back-up, a terminal's record).
public struct Chain: Equatable, Sendable {
    /// The length of a chain value in bytes.
    public static let valueBytes = 32

    /// The largest sequence number: what SQLite's signed integers can hold.
    public static let sequenceMax = UInt64(Int64.max)

    /// The value before the first commit: the hash of a text that names project and format.
    public static let genesis = SHA256.hash(Array("tillguard journal, format 1".utf8))

    /// Where the chain stands.
    public private(set) var head: JournalHead

    /// A chain that goes on after a head.
    public init(after head: JournalHead = .genesis) {
        self.head = head
    }

    /// Makes the next commit of a frame and moves the head behind it.
    ///
    /// - Precondition: the frame holds `count` records, and the sequence numbers are not used up.
    public mutating func seal(_ bytes: [UInt8], count: Int) -> Commit {
        precondition(count > 0 && head.next <= Chain.sequenceMax - UInt64(count), "sequence numbers are used up")
        let chain = Chain.value(after: head.chain, first: head.next, count: count, bytes: bytes)
        let commit = Commit(first: head.next, count: count, bytes: bytes, chain: chain)
        head = JournalHead(after: commit)
        return commit
    }

    /// Checks that a commit follows the head, and moves the head behind it; a bad commit leaves the head.
    public mutating func verify(_ commit: Commit) throws(ChainError) {
        guard commit.first == head.next else { throw .sequence(expected: head.next, found: commit.first) }
        guard commit.count > 0, commit.count <= RecordFrame.recordsMax,
            commit.first <= Chain.sequenceMax - UInt64(commit.count)
        else { throw .count(first: commit.first) }
        let value = Chain.value(after: head.chain, first: commit.first, count: commit.count, bytes: commit.bytes)
        guard value == commit.chain else { throw .edited(first: commit.first) }
        // After the hash: a frame that disagrees with its row here was written so, not changed afterwards.
        guard let framed = try? RecordFrame.count(commit.bytes), framed == commit.count else {
            throw .count(first: commit.first)
        }
        head = JournalHead(after: commit)
    }

    /// Checks commits from a head on, and that they run through a head that is known to have been.
    ///
    /// - Parameters:
    ///   - commits: every commit after `start`, in order.
    ///   - start: the head before the first of them.
    ///   - known: a head that the journal once had; nil if none was kept.
    /// - Returns: the head after the last commit.
    /// - Throws: `ChainError` naming the first commit that is wrong.
    public static func verify(
        _ commits: some Sequence<Commit>, from start: JournalHead = .genesis, known: JournalHead? = nil
    ) throws(ChainError) -> JournalHead {
        var audit = ChainAudit(from: start, known: known)
        for commit in commits { try audit.next(commit) }
        return try audit.finish()
    }

    static func value(after previous: [UInt8], first: UInt64, count: Int, bytes: [UInt8]) -> [UInt8] {
        var numbers = ByteWriter(capacity: 16)
        numbers.word(first)
        numbers.word(UInt64(count))
        var hash = SHA256()
        hash.update(previous)
        hash.update(numbers.bytes)
        hash.update(bytes)
        return hash.finalize()
    }
}
