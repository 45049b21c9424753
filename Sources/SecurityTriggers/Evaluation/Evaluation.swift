// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a trigger does to the transaction, from the weakest to the strongest.
public enum TriggerAction: UInt8, Sendable, CaseIterable, Comparable {
    case approve = 0
    /// Ask for an identity document or the transaction password.
    case stepUp = 1
    /// Pause it until the cardholder has spoken with the issuer.
    case refer = 2
    case decline = 3
    /// Decline, and keep the card.
    case retain = 4

    public static func < (left: TriggerAction, right: TriggerAction) -> Bool { left.rawValue < right.rawValue }
}

/// How urgent a case is.
public enum CaseLevel: UInt8, Sendable, CaseIterable, Comparable {
    case low = 1
    case medium = 2
    case high = 3

    public static func < (left: CaseLevel, right: CaseLevel) -> Bool { left.rawValue < right.rawValue }
}

/// The proofs that satisfy a step-up; any one of them does.
public struct ProofSet: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let idDocument = ProofSet(rawValue: 1)
    public static let password = ProofSet(rawValue: 2)
}

/// One value that a rule looked at.
public struct Figure: Sendable, Equatable {
    /// The position among the rule's figures; `Explanation` turns it into a name.
    public var source: Int
    public var value: FigureValue
    /// What it was compared with; nil for lists and for values that only a text shows.
    public var limit: FigureValue?
    /// The comparison held; nil when it could not be decided.
    public var holds: Bool?
    /// What stands behind it, the newest first; empty for a fact, and for what was recorded before there was any.
    public internal(set) var evidence: [Evidence] = []

    init(source: Int, value: FigureValue, limit: FigureValue?, holds: Bool?) {
        (self.source, self.value, self.limit, self.holds) = (source, value, limit, holds)
    }
}

/// What one rule said. Rules that did not hit are left out.
public struct RuleResult: Sendable, Equatable {
    public enum Outcome: UInt8, Sendable, CaseIterable {
        case hit = 0
        /// The condition held and an advance notice lifted the rule.
        case suppressed = 1
        /// A missing or inexact value left the condition undecided, so the rule did not fire.
        case unknown = 2
    }

    /// The index of the rule in its `RuleSet`.
    public var rule: Int
    public var outcome: Outcome
    /// The rule is only watched: its hit changed nothing.
    public var isShadow: Bool
    public var figures: [Figure]
}

/// What the triggers say to one transaction. With no rule hit it holds no memory of its own.
public struct Evaluation: Sendable, Equatable {
    /// The strongest action of the live rules that hit.
    public internal(set) var action = TriggerAction.approve
    /// The rule that stands for the action: of those with it, the first by id.
    public internal(set) var winner: Int?
    /// For `stepUp`: what every rule that asks for a proof accepts; empty when no one proof satisfies them all.
    public internal(set) var proofs: ProofSet = []
    /// For `refer`: how long an approval may still follow.
    public internal(set) var hold: Interval?
    public internal(set) var openCase: CaseLevel?
    public internal(set) var notifyIssuer = false
    public internal(set) var askCardholder = false
    public internal(set) var freeze: Interval?
    /// In the order of the rules' ids.
    public internal(set) var results: [RuleResult] = []
    /// The scores that the rules of `results` ask for, as far as there was one, in the order of their declarations.
    public internal(set) var scores: [ScoreResult] = []

    /// What made it; nil where nothing hit, and for what was recorded before it was told.
    public internal(set) var engine: EngineVersion?

    /// Where the windows of the transaction are, for who takes it in.
    let whereabouts: Whereabouts

    /// Nothing hit.
    public init() { self.init(whereabouts: Whereabouts()) }

    init(whereabouts: Whereabouts) { self.whereabouts = whereabouts }

    /// Adds what a live rule does; the order in which rules are added makes no difference to the action.
    mutating func add(_ consequence: Consequence, of rule: Int) {
        if consequence.action > action || winner == nil {
            action = consequence.action
            winner = rule
        }
        hold = Self.longer(hold, consequence.hold)
        freeze = Self.longer(freeze, consequence.freeze)
        if let level = consequence.openCase { openCase = max(openCase ?? level, level) }
        notifyIssuer = notifyIssuer || consequence.notifyIssuer
        askCardholder = askCardholder || consequence.askCardholder
    }

    /// Drops what only a weaker action would have needed.
    /// - Parameter accepted: what all rules that ask for a proof accept.
    mutating func settle(accepted: ProofSet?) {
        proofs = action == .stepUp ? accepted ?? [] : []
        if action != .refer { hold = nil }
    }

    private static func longer(_ left: Interval?, _ right: Interval?) -> Interval? {
        guard let left, let right else { return left ?? right }
        return max(left, right)
    }
}
