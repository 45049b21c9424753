// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Explanation {
    /// What an explanation shows besides what was decided: all of it is handed in, so that a replay gives the same bytes.
    /// What is nil is left out.
    public struct Context: Sendable {
        /// The response code that the network's profile chose.
        public var code: String?
        /// The version of the program that decided.
        public var engine: String?
        /// Where the journal holds the decision: the file, and the record in it.
        public var journal: (file: UInt64, sequence: UInt64)?
        /// What the merchant quotes when they call.
        public var merchantReference: String?
        /// From when on terminals and merchants are counted: `Triggers.countedSince` as it was.
        public var knownSince: Instant?
        /// The reference of a transaction behind a figure, where it is known.
        public var reference: (@Sendable (Evidence) -> String?)?

        public init(
            code: String? = nil, engine: String? = nil, journal: (file: UInt64, sequence: UInt64)? = nil,
            merchantReference: String? = nil, knownSince: Instant? = nil,
            reference: (@Sendable (Evidence) -> String?)? = nil
        ) {
            (self.code, self.engine, self.journal) = (code, engine, journal)
            (self.merchantReference, self.knownSince, self.reference) = (merchantReference, knownSince, reference)
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
