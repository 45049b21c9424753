// SPDX-License-Identifier: Apache-2.0

/// Events of one card that a walk looks at, four at a time and without a branch: some of them in a row, and what lies behind the
/// last is looked at as far as it fills the four. What that holds counts for nothing, see `EventColumns`.
struct EventLoops {
    let times: UnsafePointer<UInt32>
    let amounts: UnsafePointer<UInt32>
    let kinds: UnsafePointer<UInt32>
    /// Which of the card's events the first is.
    let first: Int
    let count: Int
    /// The time of the transaction in hand, and how many milliseconds before it the window begins. Those that are later are
    /// long before it, as their difference wraps.
    let now: UInt32
    let reach: UInt32

    typealias Four = SIMD4<UInt32>
    typealias Mask = SIMDMask<SIMD4<Int32>>

    /// Which of four events are in the window and have the bits asked for; those of events among them, always.
    @inline(__always)
    private func passing(_ place: Int, _ kinds: Four, _ bits: Four, _ pattern: Four) -> Mask {
        (Four(repeating: now) &- Self.four(times, place) .< Four(repeating: reach)) .& (kinds & bits .== pattern)
    }

    /// Events whose bits pass.
    @inline(never)
    func count(_ test: EventBits) -> UInt32 {
        let (bits, pattern) = (Four(repeating: test.bits), Four(repeating: test.pattern))
        var (passed, place) = (Four(), 0)
        while place < count {
            passed &-= Self.ones(passing(place, Self.four(kinds, place), bits, pattern))
            place &+= EventColumns.stride
        }
        return passed.wrappedSum()
    }

    /// Of the events whose bits pass, the sum of the amounts of those in a currency, how many these are, and how many there are
    /// besides. 256 amounts of 32 bits each: no sum leaves 64 bits.
    @inline(never)
    func sum(_ test: EventBits, currency: UInt16) -> (sum: UInt64, passed: UInt32, others: UInt32) {
        let (bits, pattern) = (Four(repeating: test.bits), Four(repeating: test.pattern))
        let (money, wanted) = (Four(repeating: PackedEvent.currencyBits), Four(repeating: UInt32(currency)))
        var (sum, passed, known, place) = (SIMD2<UInt64>(), Four(), Four(), 0)
        while place < count {
            let kinds = Self.four(kinds, place)
            let pass = Self.ones(passing(place, kinds, bits, pattern))
            let isKnown = pass & Self.ones(kinds & money .== wanted)
            // Two sums of two each: the even amounts, and the odd ones.
            let amounts = unsafeBitCast(Self.four(amounts, place) & isKnown, to: SIMD2<UInt64>.self)
            sum &+= (amounts & SIMD2(repeating: 0xFFFF_FFFF)) &+ (amounts &>> SIMD2(repeating: 32))
            passed &-= pass
            known &-= isKnown
            place &+= EventColumns.stride
        }
        let sure = known.wrappedSum()
        return (sum.wrappedSum(), sure, passed.wrappedSum() &- sure)
    }

    /// Of the events whose bits pass, the least and the largest amount of those in a currency, how many these are, and how many
    /// there are besides.
    @inline(never)
    func extremes(_ test: EventBits, currency: UInt16) -> (least: UInt32, most: UInt32, passed: UInt32, others: UInt32)
    {
        let (bits, pattern) = (Four(repeating: test.bits), Four(repeating: test.pattern))
        let (money, wanted) = (Four(repeating: PackedEvent.currencyBits), Four(repeating: UInt32(currency)))
        var (least, most, passed, known, place) = (Four(repeating: .max), Four(), Four(), Four(), 0)
        while place < count {
            let kinds = Self.four(kinds, place)
            let pass = Self.ones(passing(place, kinds, bits, pattern))
            let isKnown = pass & Self.ones(kinds & money .== wanted)
            let amounts = Self.four(amounts, place)
            least = pointwiseMin(least, amounts | ~isKnown)
            most = pointwiseMax(most, amounts & isKnown)
            passed &-= pass
            known &-= isKnown
            place &+= EventColumns.stride
        }
        let sure = known.wrappedSum()
        return (least.min(), most.max(), sure, passed.wrappedSum() &- sure)
    }

    /// A bit for each of the 32 events from a place on that may pass.
    @inline(never)
    func passing(_ match: EventMatch, from start: Int) -> UInt32 {
        let (bits, pattern) = (Four(repeating: match.test.bits), Four(repeating: match.test.pattern))
        let (money, currency) = (Four(repeating: match.money), Four(repeating: match.currency))
        let (least, span) = (Four(repeating: match.least), Four(repeating: match.span))
        var (found, weights, place) = (Four(), Four(1, 2, 4, 8), start)
        let end = min(start &+ 32, count)
        while place < end {
            let kinds = Self.four(kinds, place)
            let pass = passing(place, kinds, bits, pattern)
            let isIn = Self.four(amounts, place) &- least .<= span
            let isOdd = kinds & money .!= currency
            found |= Self.ones(pass .& (isIn .| isOdd)) & weights
            weights = weights &<< 4
            place &+= EventColumns.stride
        }
        // Each bit is in one of the four.
        return found.wrappedSum()
    }

    @inline(__always)
    private static func four(_ column: UnsafePointer<UInt32>, _ place: Int) -> Four {
        UnsafeRawPointer(column + place).loadUnaligned(as: Four.self)
    }

    /// All ones where it holds.
    @inline(__always)
    private static func ones(_ mask: Mask) -> Four { Four().replacing(with: .max, where: mask) }
}

/// What is asked of the bits of an event: those of `bits` are those of `pattern`.
struct EventBits: Sendable {
    let bits: UInt32
    let pattern: UInt32

    @inline(__always)
    func pass(_ kinds: UInt32) -> Bool { kinds & bits == pattern }
}
