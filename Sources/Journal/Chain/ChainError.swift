// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a journal, and at which commit (named by its first record's sequence number) it shows first.
public enum ChainError: Error, Equatable, Sendable {
    /// A commit does not begin where the one before it ended: commits are missing, doubled or out of order.
    case sequence(expected: UInt64, found: UInt64)
    /// A commit's number of records is impossible or is not that of its frame.
    case count(first: UInt64)
    /// A commit's bytes, numbers or chain value, or the order of commits, were changed after it was written.
    case edited(first: UInt64)
    /// The journal ends before a head that it is known to have had; `next` is where it ends now.
    case cut(next: UInt64, known: UInt64)
    /// The commit is sound in itself, but the journal is known to have had another one in its place or before it.
    case forked(first: UInt64)
}

extension ChainError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sequence(let expected, let found) where found > expected:
            "records \(expected) to \(found - 1) are missing"
        case .sequence(let expected, let found):
            "a commit begins with record \(found) where record \(expected) should follow"
        case .count(let first):
            "the commit that begins with record \(first) has a wrong number of records"
        case .edited(let first):
            "the commit that begins with record \(first) was changed after it was written"
        case .cut(let next, let known):
            "the journal ends before record \(next), but it is known to have reached record \(known - 1)"
        case .forked(let first):
            "the commit that begins with record \(first) is not the one that is known to have been there"
        }
    }
}
