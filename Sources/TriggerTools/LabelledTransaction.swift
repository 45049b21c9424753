// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers

/// A transaction of the past, and what it turned out to be.
public struct LabelledTransaction: Sendable {
    public var facts: TransactionFacts
    public var isFraud: Bool
    /// What was decided then, where the table says so; nil: as the rules say.
    public var outcome: WindowOutcome?
    /// The names of the attack that the row belongs to and of the one it looks like; empty without.
    public var attack: String
    public var lookAlike: String

    public init(
        facts: TransactionFacts, isFraud: Bool, outcome: WindowOutcome? = nil, attack: String = "",
        lookAlike: String = ""
    ) {
        (self.facts, self.isFraud, self.outcome) = (facts, isFraud, outcome)
        (self.attack, self.lookAlike) = (attack, lookAlike)
    }
}
