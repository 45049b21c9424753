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

    /// The least and the largest amount of events whose bits pass, and how many they are.
    @inline(never)
    static func extremes(
        _ kinds: UnsafePointer<UInt32>, _ amounts: UnsafePointer<UInt32>, _ count: Int, bits: UInt32, pattern: UInt32
    ) -> (least: UInt32, most: UInt32, passed: UInt32) {
        var (least, most, passed, place): (UInt32, UInt32, UInt32, Int) = (.max, 0, 0, 0)
        while place < count {
            let mask: UInt32 = kinds[place] & bits == pattern ? .max : 0
            least = min(least, amounts[place] | ~mask)
            most = max(most, amounts[place] & mask)
            passed &-= mask
            place &+= 1
        }
        return (least, most, passed)
    }

    /// A bit for each of at most 64 events that may pass.
    @inline(never)
    static func passing(
        _ kinds: UnsafePointer<UInt32>, _ amounts: UnsafePointer<UInt32>, _ count: Int, _ match: EventMatch
    ) -> UInt64 {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { memory in
            // Safe: a byte for each event.
            let flags = memory.baseAddress.unsafelyUnwrapped
            flags.initializeMemory(as: UInt64.self, repeating: 0, count: 8)
            var place = 0
            while place < count {
                let flag = UInt8(truncatingIfNeeded: match.mayPass(kinds[place], amounts[place]))
                flags.storeBytes(of: flag, toByteOffset: place, as: UInt8.self)
                place &+= 1
            }
            var (passing, byte): (UInt64, Int) = (0, 0)
            while byte < count {
                // The product puts the lowest bits of eight bytes side by side.
                let bits = (flags.load(fromByteOffset: byte, as: UInt64.self) &* 0x0102_0408_1020_4080) &>> 56
                passing |= bits &<< UInt64(truncatingIfNeeded: byte)
                byte &+= 8
            }
            return passing
        }
    }
}
