// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Explanation {
    /// What an explanation shows besides what was decided: all of it is handed in, so that a replay gives the same bytes.
    /// What is nil is left out.
    public struct Context: Sendable {
        /// The response code that the network's profile chose.
        public var code: String?
        /// Where the journal holds the decision: the file, and the record in it. A host's journal is one file, the first.
        public var journal: (file: UInt64, sequence: UInt64)?
        /// What the merchant quotes when they call.
        public var merchantReference: String?
        /// From when on terminals and merchants are counted: `Triggers.countedSince` as it was.
        public var knownSince: Instant?
        /// The reference of a transaction behind a figure, where it is known.
        public var reference: (@Sendable (Evidence) -> String?)?

        public init(
            code: String? = nil, journal: (file: UInt64, sequence: UInt64)? = nil,
            merchantReference: String? = nil, knownSince: Instant? = nil,
            reference: (@Sendable (Evidence) -> String?)? = nil
        ) {
            (self.code, self.journal) = (code, journal)
            (self.merchantReference, self.knownSince, self.reference) = (merchantReference, knownSince, reference)
        }
    }
}

extension Explanation {
    /// An explanation that was made before its decision's answer was known, with the answer's code, the merchant's reference and the
    /// place in the journal: as `json` would have made it with them.
    public static func completed(_ explanation: JSON, by context: Context) -> JSON {
        guard var members = explanation.members else { return explanation }
        if let code = context.code { members.put(JSON.Member("code", .string(code)), behind: "decision") }
        if let place = place(in: context) { members.put(place, behind: "ruleset") }
        if let reference = context.merchantReference, let last = members.indices.last,
            var tell = members[last].value.members
        {
            tell.put(JSON.Member("merchant_ref", .string(reference)), behind: tell.last?.name ?? "")
            members[last].value = .object(tell)
        }
        return .object(members)
    }

    /// Where the journal holds the decision.
    static func place(in context: Context) -> JSON.Member? {
        context.journal.map { journal in
            .init("journal", .array([journal.file, journal.sequence].map { .integer(Int64(clamping: $0)) }))
        }
    }
}

extension [JSON.Member] {
    /// Puts a member behind another, in the place of one of its own name if there is one.
    fileprivate mutating func put(_ member: JSON.Member, behind name: String) {
        if let place = firstIndex(where: { $0.name == member.name }) {
            self[place] = member
        } else {
            insert(member, at: (firstIndex { $0.name == name } ?? count - 1) + 1)
        }
    }
}

extension JSON.Member {
    /// Nil for a value that is left out.
    init?(_ name: String, text: String?) {
        guard let text else { return nil }
        self.init(name, .string(text))
    }
}
