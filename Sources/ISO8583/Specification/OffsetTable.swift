// SPDX-License-Identifier: Apache-2.0

/// Where the values of up to 192 fields end, in the order they stand in a message, held in place without allocation.
///
/// Two arrays, because reading one element of an inline array copies the array: with 32 fields or fewer, which is
/// nearly every message, that is 64 bytes and not 384.
struct OffsetTable: Sendable {
    /// What an offset can be at most.
    static let offsetMax = 65_535
    private static let lowCount = 32

    private var low = InlineArray<32, UInt16>(repeating: 0)
    private var high = InlineArray<160, UInt16>(repeating: 0)

    /// The end of the value of the `position`-th field that is present, counted from 0.
    @inline(__always)
    subscript(position: Int) -> Int {
        get { extent(position, start: 0).upperBound }
        set {
            if position < Self.lowCount {
                low[position] = UInt16(truncatingIfNeeded: newValue)
            } else {
                high[position - Self.lowCount] = UInt16(truncatingIfNeeded: newValue)
            }
        }
    }

    /// From the end of the field before, or `start`, to the field's own.
    @inline(__always)
    func extent(_ position: Int, start: Int) -> Range<Int> {
        guard position < Self.lowCount else { return highExtent(position) }
        // One copy for both.
        let low = self.low
        let begin = position == 0 ? start : Int(low[position &- 1])
        return Range(uncheckedBounds: (begin, Int(low[position])))
    }

    @inline(never)
    private func highExtent(_ position: Int) -> Range<Int> {
        let place = position - Self.lowCount
        let begin = place == 0 ? low[Self.lowCount - 1] : high[place - 1]
        return Range(uncheckedBounds: (Int(begin), Int(high[place])))
    }
}
