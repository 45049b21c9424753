// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a card used to do in the last 30 days, today among them, before the transaction in hand. Amounts are of the currency
/// of its first approved one; usual ones are those that are not unusual, see `UsualAmounts.isUnusual(_:)`.
extension Scan {
    /// Nil for a card that was never seen.
    var usual: UsualAmounts? {
        record?.pointer(to: \.days).map { CardDays.usual($0, on: WindowStore.day(now, facts.offset)) }
    }

    /// What the card's days say on a day, read where they lie; nil for a card that was never seen.
    func figures(on day: UInt32) -> CardFigures? {
        record?.pointer(to: \.days).map { CardDays.figures($0, on: day) }
    }

    /// ISO 4217 number of the amounts in the profile.
    private var profileCurrency: UInt16 { record?.pointee.head.currency ?? 0 }

    /// Usual amounts. A day counts 255 at most.
    var profileUsual: FigureValue {
        let count = Int64(usual?.count ?? 0)
        return FigureValue(low: count, high: count < 0xFF ? count : .max)
    }

    /// Their mean, rounded down.
    var profileMean: FigureValue {
        guard let usual, usual.count > 0 else { return .unknown }
        let mean = Int64(usual.sum / UInt64(usual.count))
        return FigureValue(low: mean, high: mean, currency: profileCurrency)
    }

    /// The largest of them, which is kept to one in a thousand.
    var profileMax: FigureValue {
        guard let usual, usual.count > 0 else { return .unknown }
        let least = Int64(usual.largest)
        // Eleven digits are kept: below 2,048 minor units all of them.
        return FigureValue(low: least, high: least < 2_048 ? least : least + least / 1_000, currency: profileCurrency)
    }

    /// The amount in hand as a multiple of the mean, 50 at most; unknown in another currency.
    var profileRatio: FigureValue {
        guard let usual, usual.count > 0, current.currency == profileCurrency, current.amount < .max else {
            return .unknown
        }
        return FigureValue(double: usual.ratio(current.amount))
    }

    /// Frauds of the card that became known.
    var profileFrauds: FigureValue {
        let count = record?.pointee.head.frauds ?? 0
        return FigureValue(low: Int64(count), high: count < .max ? Int64(count) : .max)
    }
}
