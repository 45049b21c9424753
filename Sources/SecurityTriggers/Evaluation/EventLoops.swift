// SPDX-License-Identifier: Apache-2.0

/// The loops over a card's events that take most of a decision's time. They have no branch and nothing that traps, so that the
/// compiler makes vectors of them; each is a function of its own, so that nothing around it keeps it from doing so.
enum EventLoops {
    /// Events whose bits pass.
    @inline(never)
    static func count(_ kinds: UnsafePointer<UInt32>, _ count: Int, bits: UInt32, pattern: UInt32) -> UInt32 {
        var (passed, place): (UInt32, Int) = (0, 0)
        while place < count {
            passed &+= kinds[place] & bits == pattern ? 1 : 0
            place &+= 1
        }
        return passed
    }

    /// Of the events whose bits pass, the sum of the amounts of those in a currency, how many these are, and how many there are
    /// besides. 256 amounts of 32 bits each: no sum leaves 64 bits.
    @inline(never)
    static func sum(
        _ kinds: UnsafePointer<UInt32>, _ amounts: UnsafePointer<UInt32>, _ count: Int, bits: UInt32, pattern: UInt32,
        currency: UInt32
    ) -> (sum: UInt64, passed: UInt32, others: UInt32) {
        var (sum, passed, others, place): (UInt64, UInt32, UInt32, Int) = (0, 0, 0, 0)
        while place < count {
            let pass: UInt32 = kinds[place] & bits == pattern ? .max : 0
            let known: UInt32 = kinds[place] & PackedEvent.currencyBits == currency ? pass : 0
            sum &+= UInt64(amounts[place] & known)
            passed &-= known
            others &-= pass ^ known
            place &+= 1
        }
        return (sum, passed, others)
    }

    /// Of the events whose bits pass, the least and the largest amount of those in a currency, how many these are, and how many
    /// there are besides.
    @inline(never)
    static func extremes(
        _ kinds: UnsafePointer<UInt32>, _ amounts: UnsafePointer<UInt32>, _ count: Int, bits: UInt32, pattern: UInt32,
        currency: UInt32
    ) -> (least: UInt32, most: UInt32, passed: UInt32, others: UInt32) {
        var (least, most, passed, others, place): (UInt32, UInt32, UInt32, UInt32, Int) = (.max, 0, 0, 0, 0)
        while place < count {
            let pass: UInt32 = kinds[place] & bits == pattern ? .max : 0
            let known: UInt32 = kinds[place] & PackedEvent.currencyBits == currency ? pass : 0
            least = min(least, amounts[place] | ~known)
            most = max(most, amounts[place] & known)
            passed &-= known
            others &-= pass ^ known
            place &+= 1
        }
        return (least, most, passed, others)
    }

    /// A bit for each of at most 32 events that may pass.
    @inline(never)
    static func passing(
        _ kinds: UnsafePointer<UInt32>, _ amounts: UnsafePointer<UInt32>, _ count: Int, _ match: EventMatch
    ) -> UInt32 {
        var (passing, place): (UInt32, Int) = (0, 0)
        while place < count {
            passing |= match.mayPass(kinds[place], amounts[place]) & 1 &<< UInt32(truncatingIfNeeded: place)
            place &+= 1
        }
        return passing
    }
}
