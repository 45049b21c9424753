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
}
