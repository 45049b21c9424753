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

    /// The sum of the amounts of events whose bits pass, how many they are, and whether one of them has the largest amount,
    /// which stands for all above it. 256 amounts of 32 bits each: no sum leaves 64 bits.
    @inline(never)
    static func sum(
        _ kinds: UnsafePointer<UInt32>, _ amounts: UnsafePointer<UInt32>, _ count: Int, bits: UInt32, pattern: UInt32
    ) -> (sum: UInt64, passed: UInt32, isFull: Bool) {
        var (sum, passed, full, place): (UInt64, UInt32, UInt32, Int) = (0, 0, 0, 0)
        while place < count {
            let mask: UInt32 = kinds[place] & bits == pattern ? .max : 0
            let amount = amounts[place] & mask
            sum &+= UInt64(amount)
            passed &-= mask
            full |= amount == .max ? 1 : 0
            place &+= 1
        }
        return (sum, passed, full != 0)
    }

    /// A bit for each of at most 64 events that may pass.
    @inline(never)
    static func passing(
        _ kinds: UnsafePointer<UInt32>, _ amounts: UnsafePointer<UInt32>, _ count: Int, _ match: EventMatch
    ) -> UInt64 {
        var (passing, place): (UInt64, Int) = (0, 0)
        while place < count {
            passing |= match.mayPass(kinds[place], amounts[place]) &<< UInt64(truncatingIfNeeded: place)
            place &+= 1
        }
        return passing
    }
}
