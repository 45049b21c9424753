// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A comparison operator, with CEL's spelling.
enum Comparison: UInt8, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    init?(_ sign: Sign) {
        switch sign {
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        default: return nil
        }
    }

    var text: String {
        switch self {
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }

    func holds(_ left: Int64, _ right: Int64) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }

    /// The operator that holds exactly when this one does not.
    var negated: Comparison {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }

    /// The operator with both sides exchanged.
    var mirrored: Comparison {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

/// An arithmetic operator.
enum Arithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
}

/// An expression as it was written, with its place in the file.
struct Expression: Sendable {
    indirect enum Kind: Sendable {
        case name(String)
        case number(Int64)
        /// With its digits, for messages.
        case double(Double, text: String)
        case duration(Interval)
        case money(Money)
        case text(String)
        case truth(Bool)
        case has(String)
        case negative(Expression)
        case not(Expression)
        case arithmetic(Arithmetic, Expression, Expression)
        case comparison(Comparison, Expression, Expression)
        case member(Expression, ListReference)
        /// `same(terminal)`: an earlier transaction's, compared with the one in hand.
        case same(String)
        /// `test ? value : value`.
        case conditional(Expression, Expression, Expression)
        /// The first value is the one that the function is called on, if any.
        case call(CallFunction, [Expression])
        case and(Expression, Expression)
        case or(Expression, Expression)
    }

    var kind: Kind
    var position: SourcePosition
}

/// What stands after `in`.
enum ListReference: Sendable {
    case named(String, SourcePosition)
    /// `[5993, 5944]`: the elements are typed by what stands before `in`.
    case literal([ListElement], SourcePosition)
}

/// One element of a list, not yet typed.
struct ListElement: Sendable {
    enum Kind: Sendable {
        case number(UInt64)
        case span(UInt64, UInt64)
        case word(String)
        case text(String)
        /// Any other value; only between brackets.
        case expression(Expression)
    }
    var kind: Kind
    var position: SourcePosition
}

/// `list restricted = mcc 5993, 5944`, or `list hot = card from "hot"`.
struct ListDeclaration: Sendable {
    enum Source: Sendable {
        case inline([ListElement])
        /// The name of a list that is kept outside the rules.
        case external(String)
    }

    var name: String
    var type: ValueType
    var source: Source
    var position: SourcePosition
}

/// `rate USD = 0.92 EUR`: what one unit of a currency is in another, as a fraction of whole numbers.
struct RateDeclaration: Sendable {
    var from: Currency
    var to: Currency
    var numerator: Int64
    var denominator: Int64
    var position: SourcePosition
}

/// `feature ratio = amount / mean30 else 1.0`.
struct FeatureDeclaration: Sendable {
    var name: String
    var expression: Expression
    /// What it is where the expression is unknown.
    var missing: Double?
    var position: SourcePosition
}

/// `score risk = model "risk" (amount, ratio)`.
struct ScoreDeclaration: Sendable {
    var name: String
    var model: String
    var features: [(name: String, position: SourcePosition)]
    var position: SourcePosition
}

/// How far a rule is in its life. A draft and a retired one are read and checked, and never judged.
public enum RuleState: String, Sendable, CaseIterable {
    case draft, shadow, live, retired
}

/// `rule restricted { when … then … say … }`.
struct RuleDeclaration: Sendable {
    var id: String
    var version: UInt32
    var state: RuleState
    var condition: Expression
    var noticePosition: SourcePosition?
    var consequence: Consequence
    var consequencePosition: SourcePosition
    /// What follows where the condition cannot be decided.
    var onUnknown: Consequence?
    var texts: [TextDeclaration]
    var position: SourcePosition
}

/// `say cardholder en "…"`.
struct TextDeclaration: Sendable {
    var audience: Explanation.Audience
    var language: Explanation.Language
    var text: String
    var position: SourcePosition
}

/// A rule file as it was written.
struct RuleFile: Sendable {
    var name = "rules"
    var version: UInt32 = 0
    /// For every rule that says nothing of its own.
    var onUnknown: Consequence?
    var onUnknownPosition = SourcePosition(line: 1, column: 1)
    var lists: [ListDeclaration] = []
    var rates: [RateDeclaration] = []
    var velocities: [VelocityDeclaration] = []
    var features: [FeatureDeclaration] = []
    var scores: [ScoreDeclaration] = []
    var rules: [RuleDeclaration] = []
}
