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

/// One day of a card, 12 bytes.
struct CardDay: BitwiseCopyable, Equatable {
    /// Sum of usual amounts, minor units.
    var spent: UInt32 = 0
    /// From the lowest bit: usual amounts 8, unusual ones 3, declined attempts 3, others without an amount that counts 2.
    var counts: UInt16 = 0
    /// The largest usual amount, minor units.
    var largest = RoundedCount()
    /// The largest amount as a multiple of the mean at that time, in hundredths.
    var peak = RoundedCount()
    /// Sum of unusual amounts, minor units.
    var unusualSpent = RoundedCount()
}

/// One card's last 32 days in tiles of 12 bytes, a day each.
///
/// A usual amount is one that is not unusual, see `UsualAmounts.isUnusual(_:)`; means and maxima are over usual ones alone,
/// so that a thief does not raise them.
struct CardDays {
    private(set) var days: RollingDays
    /// A bit for each tile that holds something.
    var filled: UInt32 = 0
    var tiles: InlineArray<32, CardDay>

    var latestDay: UInt32 { days.latest }

    init(day: UInt32) {
        days = RollingDays(latest: day)
        tiles = InlineArray(repeating: CardDay())
    }

    /// What the tiles say on a day, before whatever is in hand.
    func figures(on day: UInt32) -> CardFigures { withUnsafePointer(to: self) { Self.figures($0, on: day) } }

    /// The same where the days lie.
    static func figures(_ card: UnsafePointer<CardDays>, on day: UInt32) -> CardFigures {
        var figures = CardFigures()
        figures.usual30 = usual(card, on: day)
        each(card, on: day) { tile, age in
            let counts = UInt32(tile.pointee.counts)
            let (usual, unusual) = (counts & 0xFF, counts &>> 8 & 7)
            let attempts = usual &+ unusual &+ (counts &>> 11 & 7) &+ counts &>> 14
            figures.attempts30 &+= attempts
            guard age < 14 else { return }
            figures.unusual14 &+= unusual
            figures.peak14 = max(figures.peak14, UInt32(tile.pointee.peak.bits))
            guard age < 7 else { return }
            figures.attempts7 &+= attempts
            figures.usual7 &+= usual
            figures.spent7 &+= UInt64(tile.pointee.spent)
            figures.unusual7 &+= unusual
            if age == 0 { figures.attempts1 = attempts }
        }
        figures.peak14 = RoundedCount(bits: UInt16(truncatingIfNeeded: figures.peak14)).value
        return figures
    }

    /// The usual amounts of the 30 days up to a day, before whatever is in hand.
    static func usual(_ card: UnsafePointer<CardDays>, on day: UInt32) -> UsualAmounts {
        var usual = UsualAmounts()
        each(card, on: day) { tile, _ in
            usual.count &+= UInt32(tile.pointee.counts & 0xFF)
            usual.sum &+= UInt64(tile.pointee.spent)
            // Rounded counts keep their order: of the largest alone the value is asked for.
            usual.largest = max(usual.largest, UInt32(tile.pointee.largest.bits))
        }
        usual.largest = RoundedCount(bits: UInt16(truncatingIfNeeded: usual.largest)).value
        return usual
    }

    /// Shows the tiles of the 30 days up to a day, and how many days ago each was.
    @inline(__always)
    private static func each(
        _ card: UnsafePointer<CardDays>, on day: UInt32, _ body: (UnsafePointer<CardDay>, UInt32) -> Void
    ) {
        // Safe: an array of fixed size begins with its first element, and a bit's place lies below its size.
        let tiles = UnsafeRawPointer(card.pointer(to: \.tiles).unsafelyUnwrapped).assumingMemoryBound(to: CardDay.self)
        // Most days of most cards hold nothing.
        var places = card.pointee.filled
        while places != 0 {
            let place = places.trailingZeroBitCount
            places &= places &- 1
            // A day that has not come is of an age beyond all that count.
            let age = day &- card.pointee.days.day(at: place)
            if age < 30 { body(tiles + place, age) }
        }
    }

    /// Takes in a transaction of a day, be it late or not; one that is more than 31 days late is nothing to it.
    ///
    /// - Parameter amount: nil where it was not approved or in a currency that is not counted.
    /// - Parameter isDeclined: it was declined, or is to be counted as if it were.
    /// - Returns: the usual amounts before it.
    @discardableResult
    mutating func apply(_ amount: UInt32?, isDeclined: Bool = true, on day: UInt32) -> UsualAmounts {
        let usual = Self.usual(&self, on: day)
        advance(to: day)
        if let place = days.place(day) {
            filled |= 1 << UInt32(place)
            add(amount, isDeclined, usual, at: place)
        }
        return usual
    }

    private mutating func add(_ amount: UInt32?, _ isDeclined: Bool, _ usual: UsualAmounts, at place: Int) {
        guard let amount else {
            return isDeclined
                ? add(1 << 11, limit: 7, shift: 11, at: place) : add(1 << 14, limit: 3, shift: 14, at: place)
        }
        let ratio = usual.ratio(amount)
        if ratio.isFinite { tiles[place].peak = max(tiles[place].peak, RoundedCount(UInt32(ratio * 100))) }
        if usual.isUnusual(amount) {
            tiles[place].unusualSpent = RoundedCount(tiles[place].unusualSpent.value.addingSaturating(amount))
            return add(1 << 8, limit: 7, shift: 8, at: place)
        }
        // A full count takes no more amounts, so that the mean stays one.
        guard tiles[place].counts & 0xFF < 0xFF else { return }
        tiles[place].counts += 1
        tiles[place].spent.addSaturating(amount)
        tiles[place].largest = max(tiles[place].largest, RoundedCount(amount))
    }

    private mutating func add(_ one: UInt16, limit: UInt16, shift: UInt16, at place: Int) {
        if tiles[place].counts >> shift & limit < limit { tiles[place].counts += one }
    }

    private mutating func advance(to day: UInt32) {
        for place in days.advance(to: day) {
            filled &= ~(1 << UInt32(place))
            tiles[place] = CardDay()
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
            if tiles[place].counts & limit > 0, tiles[place].counts & limit < limit { tiles[place].counts -= one }
            add(1 << 14, limit: 3, shift: 14, at: place)
            if isUnusual {
                tiles[place].unusualSpent = RoundedCount(tiles[place].unusualSpent.value.subtractingSaturating(amount))
            } else if tiles[place].spent < .max {
                tiles[place].spent.subtractSaturating(amount)
            }
        } else {
            if tiles[place].counts & limit < limit { tiles[place].counts += one }
            tiles[place].counts |= 3 << 14
            if !isUnusual { tiles[place].spent.addSaturating(amount) }
        }
    }
}
