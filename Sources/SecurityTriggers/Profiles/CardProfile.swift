// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The days of one card among others, as `RiskProfiles` keeps them.
struct CardProfile: Profile {
    let key: CardKey
    var days: CardDays
    var latestDay: UInt32 { days.latestDay }

    init(key: CardKey, day: UInt32) {
        self.key = key
        days = CardDays(day: day)
    }
}

/// One card's last 32 days in tiles of 12 bytes, a day each.
///
/// A usual amount is one that is not unusual, see `CardFigures.isUnusual(_:)`; means and maxima are over usual ones alone,
/// so that a thief does not raise them.
struct CardDays {
    private(set) var days: RollingDays
    /// A bit for each tile that holds something.
    var filled: UInt32 = 0
    /// Sum of usual amounts, minor units.
    var spent: InlineArray<32, UInt32>
    /// From the lowest bit: usual amounts 8, unusual ones 3, declined attempts 3, others without an amount that counts 2.
    var counts: InlineArray<32, UInt16>
    /// The largest usual amount, minor units.
    var largest: InlineArray<32, RoundedCount>
    /// The largest amount as a multiple of the mean at that time, in hundredths.
    var peaks: InlineArray<32, RoundedCount>
    /// Sum of unusual amounts, minor units.
    var unusualSpent: InlineArray<32, RoundedCount>

    var latestDay: UInt32 { days.latest }

    init(day: UInt32) {
        days = RollingDays(latest: day)
        (spent, counts) = (InlineArray(repeating: 0), InlineArray(repeating: 0))
        (largest, peaks) = (InlineArray(repeating: RoundedCount()), InlineArray(repeating: RoundedCount()))
        unusualSpent = InlineArray(repeating: RoundedCount())
    }

    /// What the tiles say on a day, before whatever is in hand.
    func figures(on day: UInt32) -> CardFigures {
        var figures = CardFigures()
        // Most days of most cards hold nothing.
        var places = filled
        while places != 0 {
            let place = places.trailingZeroBitCount
            places &= places - 1
            let tileDay = days.day(at: place)
            guard tileDay <= day, day - tileDay < 30 else { continue }
            let age = day - tileDay
            let (usual, unusual) = (UInt32(counts[place] & 0xFF), UInt32(counts[place] >> 8 & 7))
            let attempts = usual + unusual + UInt32(counts[place] >> 11 & 7) + UInt32(counts[place] >> 14)
            figures.attempts30 += attempts
            figures.usual30 += usual
            figures.spent30 += UInt64(spent[place])
            figures.largest30 = max(figures.largest30, largest[place].value)
            guard age < 14 else { continue }
            figures.unusual14 += unusual
            figures.peak14 = max(figures.peak14, peaks[place].value)
            guard age < 7 else { continue }
            figures.attempts7 += attempts
            figures.usual7 += usual
            figures.spent7 += UInt64(spent[place])
            figures.unusual7 += unusual
            if age == 0 { figures.attempts1 = attempts }
        }
        return figures
    }

    /// Takes in a transaction of a day, be it late or not; one that is more than 31 days late is nothing to it.
    ///
    /// - Parameter amount: nil where it was not approved or in a currency that is not counted.
    /// - Parameter isDeclined: it was declined, or is to be counted as if it were.
    /// - Returns: what the tiles said before it.
    @discardableResult
    mutating func apply(_ amount: UInt32?, isDeclined: Bool = true, on day: UInt32) -> CardFigures {
        let figures = figures(on: day)
        advance(to: day)
        if let place = days.place(day) {
            filled |= 1 << UInt32(place)
            add(amount, isDeclined, figures, at: place)
        }
        return figures
    }

    private mutating func add(_ amount: UInt32?, _ isDeclined: Bool, _ figures: CardFigures, at place: Int) {
        guard let amount else {
            return isDeclined
                ? add(1 << 11, limit: 7, shift: 11, at: place) : add(1 << 14, limit: 3, shift: 14, at: place)
        }
        let ratio = figures.ratio(amount)
        if ratio.isFinite { peaks[place] = max(peaks[place], RoundedCount(UInt32(ratio * 100))) }
        if figures.isUnusual(amount) {
            unusualSpent[place] = RoundedCount(unusualSpent[place].value.addingSaturating(amount))
            return add(1 << 8, limit: 7, shift: 8, at: place)
        }
        // A full count takes no more amounts, so that the mean stays one.
        guard counts[place] & 0xFF < 0xFF else { return }
        counts[place] += 1
        spent[place].addSaturating(amount)
        largest[place] = max(largest[place], RoundedCount(amount))
    }

    private mutating func add(_ one: UInt16, limit: UInt16, shift: UInt16, at place: Int) {
        if counts[place] >> shift & limit < limit { counts[place] += one }
    }

    private mutating func advance(to day: UInt32) {
        for place in days.advance(to: day) {
            filled &= ~(1 << UInt32(place))
            (spent[place], counts[place]) = (0, 0)
            (largest[place], peaks[place]) = (RoundedCount(), RoundedCount())
            unusualSpent[place] = RoundedCount()
        }
    }

    /// Makes an amount that was taken in an attempt without one, or takes that back.
    ///
    /// Both leave lower bounds: what is full stays full, and amounts that were taken back leave their day without an upper
    /// bound, since unusual ones are only kept rounded.
    mutating func reverse(_ amount: UInt32, isUnusual: Bool, on day: UInt32, isReversed: Bool) {
        guard let place = days.place(day) else { return }
        let (one, limit): (UInt16, UInt16) = isUnusual ? (1 << 8, 7 << 8) : (1, 0xFF)
        if isReversed {
            if counts[place] & limit > 0, counts[place] & limit < limit { counts[place] -= one }
            add(1 << 14, limit: 3, shift: 14, at: place)
            if isUnusual {
                unusualSpent[place] = RoundedCount(unusualSpent[place].value.subtractingSaturating(amount))
            } else if spent[place] < .max {
                spent[place].subtractSaturating(amount)
            }
        } else {
            if counts[place] & limit < limit { counts[place] += one }
            counts[place] |= 3 << 14
            if !isUnusual { spent[place].addSaturating(amount) }
        }
    }
}
