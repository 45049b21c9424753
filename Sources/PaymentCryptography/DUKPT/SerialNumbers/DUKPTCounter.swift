// SPDX-License-Identifier: Apache-2.0

/// The order in which counters are used: upwards, without those that have too many one bits.
enum DUKPTCounter {
    /// The next legal counter. Below the lowest one bit of a counter with the most ones, every value would add ones.
    @inline(__always)
    static func next(after counter: UInt64, onesMax: Int) -> UInt64 {
        var next = counter &+ 1
        while next.nonzeroBitCount > onesMax { next &+= next & (0 &- next) }
        return next
    }

    /// The counters on the way from the initial key to the key of `counter`: its one bits, one after another from the
    /// highest (X9.24-1 A.3, X9.24-3:2017 6.3.3).
    ///
    /// - Parameter start: leading one bits of `counter` whose key is there already.
    @inline(__always)
    static func forEachStep(from start: UInt32 = 0, to counter: UInt32, _ step: (UInt32) -> Void) {
        var reached = start
        var rest = counter ^ start
        while rest != 0 {
            let bit = UInt32(0x8000_0000) >> UInt32(rest.leadingZeroBitCount)
            reached |= bit
            rest ^= bit
            step(reached)
        }
    }
}
