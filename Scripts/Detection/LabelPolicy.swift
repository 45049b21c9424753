// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Vocabulary

/// When a transaction's truth becomes known. Whatever nobody reports is known after `latest`.
struct LabelPolicy {
    /// Frauds are known after this at the latest, and the rest counts as genuine.
    var latest = Interval.days(7)
    var kind = Kind.none
    /// From an answer or a look at the statement until it is known.
    var after = Interval.minutes(10)
    var seed: UInt64 = 1

    enum Kind {
        case none
        /// Every day's cards with the highest scores are asked when the day has ended, from a day on.
        case asked(by: RiskModel, from: Int)
        /// A third of the cardholders looks at the statement every day, a third every week, a third never.
        case statements
    }

    /// How many cards are asked each day.
    static let askedCards = 100
    /// Of 1,000 cardholders who are asked, those who answer.
    static let answersPerMille = 800
    /// An answer is about this many days of the card.
    static let answeredDays = 14
    /// Statements are looked at in the evening.
    private static let statementHour: Int64 = 20

    /// When the fraud of a card at a time is reported by whoever checks statements; nil for never.
    func reported(card: Int32, at time: Int64) -> Instant? {
        guard case .statements = kind else { return nil }
        var random = SeededRandom(seed: seed ^ UInt64(card) &* 0x9E37_79B9_7F4A_7C15)
        let period = [1, 7, 0][random.below(3)]
        guard period > 0 else { return nil }
        let phase = Int64(random.below(7))
        var day = time / Recording.daySeconds
        let look = Self.statementHour * 3_600
        if time % Recording.daySeconds >= look { day += 1 }
        while period == 7, (day + phase) % 7 != 0 { day += 1 }
        return Instant(seconds: day * Recording.daySeconds + look) + after
    }
}
