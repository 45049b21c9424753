// SPDX-License-Identifier: Apache-2.0

/// What a card's profile says before the transaction in hand; windows are of whole days, today and the days before.
struct CardFigures: Equatable, Sendable {
    /// Attempts of 1, 7 and 30 days.
    var attempts1: UInt32 = 0
    var attempts7: UInt32 = 0
    var attempts30: UInt32 = 0
    /// Usual amounts of 7 days and their sum, minor units.
    var usual7: UInt32 = 0
    var spent7: UInt64 = 0
    var usual30 = UsualAmounts()
    var unusual7: UInt32 = 0
    var unusual14: UInt32 = 0
    /// The largest amount as a multiple of the mean, of 14 days, in hundredths.
    var peak14: UInt32 = 0

    /// The mean of the usual amounts of 7 days; NaN where there is none.
    var mean7: Double { usual7 > 0 ? Double(spent7) / Double(usual7) : .nan }
}

/// The usual amounts of a card's 30 days, minor units.
struct UsualAmounts: Equatable, Sendable {
    /// A ratio beyond this says no more.
    static let ratioMax = 50.0

    var count: UInt32 = 0
    var sum: UInt64 = 0
    var largest: UInt32 = 0

    /// NaN where there is none.
    var mean: Double { count > 0 ? Double(sum) / Double(count) : .nan }

    /// An amount as a multiple of the mean, at most `ratioMax`; NaN without a mean.
    func ratio(_ amount: UInt32) -> Double {
        count > 0 ? min(Double(amount) / max(mean, 1), Self.ratioMax) : .nan
    }

    /// More than 2.5 times the mean of at least three, and more than the largest of them.
    func isUnusual(_ amount: UInt32) -> Bool {
        count >= 3 && amount > largest && 2 * UInt64(amount) * UInt64(count) > 5 * sum
    }
}
