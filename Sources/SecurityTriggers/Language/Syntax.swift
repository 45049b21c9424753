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
    }
    var kind: Kind
    var position: SourcePosition
}

/// `list restricted = mcc 5993, 5944`.
struct ListDeclaration: Sendable {
    var name: String
    var type: ValueType
    var elements: [ListElement]
    var position: SourcePosition
}

/// `rule restricted { when … then … say … }`.
struct RuleDeclaration: Sendable {
    var id: String
    var isShadow: Bool
    var condition: Expression
    var noticePosition: SourcePosition?
    var consequence: Consequence
    var consequencePosition: SourcePosition
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
    var lists: [ListDeclaration] = []
    var velocities: [VelocityDeclaration] = []
    var rules: [RuleDeclaration] = []
}
