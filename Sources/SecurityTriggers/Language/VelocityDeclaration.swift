// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// `velocity spread = distinct(terminal) by card over 1h where amount >= 500.00 EUR`.
struct VelocityDeclaration: Sendable {
    enum Function: String, Sendable, CaseIterable { case count, sum, min, max, mean, distinct, share, first, last }

    /// Whose transactions are counted: those of the card, the terminal or the merchant of the transaction in hand.
    enum Key: String, Sendable, CaseIterable {
        case card, terminal, merchant

        /// The longest window with its delay.
        var reach: Interval { self == .card ? RuleSet.limits.cardWindow : RuleSet.limits.placeWindow }
    }

    var name: String
    var function: Function
    var argument: String
    var argumentPosition: SourcePosition
    var filters: [Expression]
    var reset: Expression?
    var key: Key
    var window: Interval
    /// How long before the transaction in hand the window ends.
    var delay: Interval
    var excludesCurrent: Bool
    var position: SourcePosition

    /// Of its figure.
    var type: ValueType {
        switch function {
        case .count, .distinct: .number
        case .sum, .min, .max, .mean: .money
        case .share: .double
        case .first, .last: .duration
        }
    }

    /// Single events answer it; else tiles do, and only for what they count.
    var isExact: Bool { key == .card && window + delay <= RuleSet.limits.window }
}

/// What tiles of minutes, hours and days count, so that a velocity beyond a card's 48 hours can be answered.
enum TileColumn: UInt8, Sendable, CaseIterable {
    case attempts, approved, declined
    /// Known frauds, and those of amounts that were plain for their cards.
    case confirmed, plain
    case refunds
    /// Amounts unusual for their card.
    case unusual
    case approvedAmount, refundAmount
    /// Different cards.
    case cards
}
