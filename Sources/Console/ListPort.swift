// SPDX-License-Identifier: Apache-2.0
import Host
import SecurityTriggers
import Vocabulary

/// The lists that rules name and do not hold, as the host has them now, and their files.
public protocol ListPort: Sendable {
    /// A value of its own: it stays as it was when it was asked for.
    func lists() async throws -> ListBook
    /// The lists that the rules in force name.
    func named() async throws -> [(name: String, kind: ListKind)]
    /// The key of a value; nil for none of the kind. A card's number becomes its keyed hash and is kept nowhere.
    func key(_ text: String, kind: ListKind) async throws -> ListKey?
    /// The file of a digest that lies beside the journal; nil where there is none, or another one under its name.
    func file(_ digest: FileDigest) async throws -> OpenedList?
    /// Makes a list of lines, as `tillguard rules lists import` reads them, and puts its file beside the journal.
    ///
    /// - Throws: `ListError` for a name or a source that no list may have.
    func make(_ draft: ListDraft) async throws -> ListMade
}

/// Lines that are to be a list.
public struct ListDraft: Equatable, Sendable {
    public var name: String
    public var kind: ListKind
    /// Where lines without a source come from, and the reason of lines without one.
    public var origin: ListOrigin
    public var lines: String

    public init(name: String, kind: ListKind, origin: ListOrigin, lines: String) {
        (self.name, self.kind, self.origin, self.lines) = (name, kind, origin, lines)
    }
}

/// What became of lines.
public enum ListMade: Equatable, Sendable {
    /// The file is durable.
    case file(OpenedList)
    /// A line is not taken, so that nothing was made.
    case refused(ListImportProblem)
}
