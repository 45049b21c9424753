// SPDX-License-Identifier: Apache-2.0

/// Checks a journal commit by commit, against a head that is known to have been if there is one.
public struct ChainAudit: Sendable {
    private var chain: Chain
    private let known: JournalHead?
    /// True once the known head was met.
    private var met: Bool

    /// An audit of every commit after `start`.
    ///
    /// A known head at or before `start` cannot be met by later commits; it is compared with `start` if it is that
    /// very head, and taken as met if it is older.
    public init(from start: JournalHead = .genesis, known: JournalHead? = nil) {
        chain = Chain(after: start)
        self.known = known
        met = known.map { $0.next < start.next || $0 == start } ?? true
    }

    /// Where the audit stands.
    public var head: JournalHead { chain.head }

    /// Checks the next commit.
    public mutating func next(_ commit: Commit) throws(ChainError) {
        // The known head stands at or before this commit, and what came before did not lead to it.
        if !met, let known, known.next <= chain.head.next { throw .forked(first: commit.first) }
        try chain.verify(commit)
        guard !met, let known, known.next <= chain.head.next else { return }
        guard known == chain.head else { throw .forked(first: commit.first) }
        met = true
    }

    /// Checks that the journal reached the known head.
    ///
    /// - Returns: the head after the last commit.
    public func finish() throws(ChainError) -> JournalHead {
        guard met else {
            guard let known, known.next > chain.head.next else { throw .forked(first: chain.head.next) }
            throw .cut(next: chain.head.next, known: known.next)
        }
        return chain.head
    }
}
