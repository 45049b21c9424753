// SPDX-License-Identifier: Apache-2.0

/// Lines of events that a walk looks at, one at a time and without a branch. Where a line holds no event nothing counts, see
/// `EventLines`.
struct EventLoops {
    let base: UnsafePointer<UInt32>
    /// How many lines there are.
    let count: Int
    /// The time of the transaction in hand, and how many milliseconds before it the window begins. Those that are later are
    /// long before it, as their difference wraps.
    let now: UInt32
    let reach: UInt32

    typealias Four = SIMD4<UInt32>
    typealias Mask = SIMDMask<SIMD4<Int32>>

    /// Which of four events are in the window and have the bits asked for; those of events among them, always.
    @inline(__always)
    private func passing(_ line: Int, _ kinds: Four, _ bits: Four, _ pattern: Four) -> Mask {
        (Four(repeating: now) &- four(line, 0) .< Four(repeating: reach)) .& (kinds & bits .== pattern)
    }

    /// Events whose bits pass.
    @inline(never)
    func count(_ test: EventBits) -> UInt32 {
        let (bits, pattern) = (Four(repeating: test.bits), Four(repeating: test.pattern))
        var (passed, line) = (Four(), 0)
        while line < count {
            passed &-= Self.ones(passing(line, four(line, EventLines.kinds), bits, pattern))
            line &+= 1
        }
        return passed.wrappedSum()
    }

    /// Of the events whose bits pass, the sum of the amounts of those in a currency, how many these are, and how many there are
    /// besides. 256 amounts of 32 bits each: no sum leaves 64 bits.
    @inline(never)
    func sum(_ test: EventBits, currency: UInt16) -> (sum: UInt64, passed: UInt32, others: UInt32) {
        let (bits, pattern) = (Four(repeating: test.bits), Four(repeating: test.pattern))
        let (money, wanted) = (Four(repeating: PackedEvent.currencyBits), Four(repeating: UInt32(currency)))
        var (sum, passed, known, line) = (SIMD2<UInt64>(), Four(), Four(), 0)
        while line < count {
            let kinds = four(line, EventLines.kinds)
            let pass = Self.ones(passing(line, kinds, bits, pattern))
            let isKnown = pass & Self.ones(kinds & money .== wanted)
            // Two sums of two each: the even amounts, and the odd ones.
            let amounts = unsafeBitCast(four(line, EventLines.amounts) & isKnown, to: SIMD2<UInt64>.self)
            sum &+= (amounts & SIMD2(repeating: 0xFFFF_FFFF)) &+ (amounts &>> SIMD2(repeating: 32))
            passed &-= pass
            known &-= isKnown
            line &+= 1
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
        var (least, most, passed, known, line) = (Four(repeating: .max), Four(), Four(), Four(), 0)
        while line < count {
            let kinds = four(line, EventLines.kinds)
            let pass = Self.ones(passing(line, kinds, bits, pattern))
            let isKnown = pass & Self.ones(kinds & money .== wanted)
            let amounts = four(line, EventLines.amounts)
            least = pointwiseMin(least, amounts | ~isKnown)
            most = pointwiseMax(most, amounts & isKnown)
            passed &-= pass
            known &-= isKnown
            line &+= 1
        }
        let sure = known.wrappedSum()
        return (least.min(), most.max(), sure, passed.wrappedSum() &- sure)
    }

    /// A bit for each event that may pass, in eight lines from one on.
    @inline(never)
    func passing(_ match: EventMatch, from start: Int) -> UInt32 {
        let (bits, pattern) = (Four(repeating: match.test.bits), Four(repeating: match.test.pattern))
        let (money, currency) = (Four(repeating: match.money), Four(repeating: match.currency))
        let (least, span) = (Four(repeating: match.least), Four(repeating: match.span))
        var (found, weights, line) = (Four(), Four(1, 2, 4, 8), start)
        let end = min(start &+ Self.linesOfBits, count)
        while line < end {
            let kinds = four(line, EventLines.kinds)
            let pass = passing(line, kinds, bits, pattern)
            let isIn = four(line, EventLines.amounts) &- least .<= span
            let isOdd = kinds & money .!= currency
            found |= Self.ones(pass .& (isIn .| isOdd)) & weights
            weights = weights &<< 4
            line &+= 1
        }
        // Each bit is in one of the four.
        return found.wrappedSum()
    }

    /// The lines whose events 32 bits tell apart.
    static let linesOfBits = 8

    /// Four words of a line.
    @inline(__always)
    private func four(_ line: Int, _ words: Int) -> Four {
        UnsafeRawPointer(base + (line &* EventLines.words &+ words)).loadUnaligned(as: Four.self)
    }

    /// An event by its place in the lines.
    @inline(__always)
    func kinds(_ place: Int) -> UInt32 { base[EventLines.offset(place) &+ EventLines.kinds] }
    @inline(__always)
    func site(_ place: Int) -> UInt32 { base[EventLines.offset(place) &+ EventLines.sites] }
    @inline(__always)
    subscript(place: Int) -> PackedEvent { EventLines(base: base, capacity: count &* EventLines.width)[place] }

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
