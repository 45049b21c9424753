// SPDX-License-Identifier: Apache-2.0

/// What a card's profile says before the transaction in hand; windows are of whole days, today and the days before.
struct CardFigures: Equatable, Sendable {
    /// A ratio beyond this says no more.
    static let ratioMax = 50.0

    /// Attempts of 1, 7 and 30 days.
    var attempts1: UInt32 = 0
    var attempts7: UInt32 = 0
    var attempts30: UInt32 = 0
    /// Usual amounts and their sums, minor units.
    var usual7: UInt32 = 0
    var usual30: UInt32 = 0
    var spent7: UInt64 = 0
    var spent30: UInt64 = 0
    /// The largest usual amount of 30 days.
    var largest30: UInt32 = 0
    var unusual7: UInt32 = 0
    var unusual14: UInt32 = 0
    /// The largest amount as a multiple of the mean, of 14 days, in hundredths.
    var peak14: UInt32 = 0

    /// The mean of usual amounts of 30 days; NaN where there is none.
    var mean30: Double { usual30 > 0 ? Double(spent30) / Double(usual30) : .nan }
    var mean7: Double { usual7 > 0 ? Double(spent7) / Double(usual7) : .nan }

    /// An amount as a multiple of the mean, at most `ratioMax`; NaN without a mean.
    func ratio(_ amount: UInt32) -> Double {
        usual30 > 0 ? min(Double(amount) / max(mean30, 1), Self.ratioMax) : .nan
    }

    /// More than 2.5 times the mean of at least three usual amounts of 30 days, and more than the largest of them.
    func isUnusual(_ amount: UInt32) -> Bool {
        usual30 >= 3 && amount > largest30 && 2 * UInt64(amount) * UInt64(usual30) > 5 * spent30
    }
}
