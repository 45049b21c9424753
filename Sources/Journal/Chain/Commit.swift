// SPDX-License-Identifier: Apache-2.0

/// One row of the journal: the records that became durable together.
public struct Commit: Equatable, Sendable {
    /// The sequence number of the first record; the journal's first record is number 1.
    public let first: UInt64
    /// The number of records, at least one.
    public let count: Int
    /// The records, packed by `RecordFrame`.
    public let bytes: [UInt8]
    /// The chain value after this commit: 32 bytes, see `Chain`.
    public let chain: [UInt8]

    /// A commit as it was read; `Chain.verify` tells whether it belongs to its journal.
    public init(first: UInt64, count: Int, bytes: [UInt8], chain: [UInt8]) {
        self.first = first
        self.count = count
        self.bytes = bytes
        self.chain = chain
    }

    /// The sequence number of the last record.
    ///
    /// Wraps on damaged numbers instead of trapping: a commit is readable before it is verified.
    public var last: UInt64 { first &+ UInt64(truncatingIfNeeded: count) &- 1 }
}

/// Where a journal ends: what the next commit must follow, and what somebody who kept it can hold a journal to.
public struct JournalHead: Equatable, Sendable {
    /// The sequence number that the next record will get.
    public let next: UInt64
    /// The chain value after the last commit, 32 bytes.
    public let chain: [UInt8]

    public init(next: UInt64, chain: [UInt8]) {
        self.next = next
        self.chain = chain
    }

    /// The head after a commit.
    public init(after commit: Commit) {
        next = commit.last &+ 1
        chain = commit.chain
    }

    /// The head of a journal without a commit.
    public static let genesis = JournalHead(next: 1, chain: Chain.genesis)
}
