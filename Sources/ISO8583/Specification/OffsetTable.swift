// SPDX-License-Identifier: Apache-2.0

/// Where the values of up to 192 fields end, in the order they stand in a message, held in place without allocation.
///
/// Two arrays, because reading one element of an inline array copies the array: with 32 fields or fewer, which is
/// nearly every message, that is 64 bytes and not 384.
struct OffsetTable: Sendable {
    /// What an offset can be at most.
    static let offsetMax = 65_535
    /// How many fields are in the first array.
    static let placesCount = 32

    /// The ends of the first fields.
    var places = InlineArray<32, UInt16>(repeating: 0)
    /// From the 33rd field on.
    private var rest = InlineArray<160, UInt16>(repeating: 0)

    /// Whether these fields need no more than the first array.
    ///
    /// Out of line: the constants of counting bits are not to take the registers of the loop behind it.
    @inline(never)
    static func haveFirstPlaces(_ fields: FieldSet) -> Bool {
        let hasOnlyPrimary = fields.secondary | fields.tertiary == 0
        return (hasOnlyPrimary ? fields.primary.nonzeroBitCount : fields.count) <= placesCount
    }

    /// The end of the value of the `position`-th field that is present, counted from 0.
    @inline(__always)
    subscript(position: Int) -> Int {
        get { extent(position, start: 0).upperBound }
        set {
            let end = UInt16(truncatingIfNeeded: newValue)
            if position < Self.placesCount {
                places[position] = end
            } else {
                rest[position &- Self.placesCount] = end
            }
        }
    }

    /// From the end of the field before, or `start`, to the field's own.
    @inline(__always)
    func extent(_ position: Int, start: Int) -> Range<Int> {
        guard position < Self.placesCount else { return restExtent(position - Self.placesCount) }
        // Once, because reading one element of an inline array copies the array.
        let places = self.places
        let begin = position == 0 ? start : Int(places[position &- 1])
        return Range(uncheckedBounds: (begin, Int(places[position])))
    }

    @inline(never)
    private func restExtent(_ place: Int) -> Range<Int> {
        let begin = place == 0 ? places[Self.placesCount - 1] : rest[place - 1]
        return Range(uncheckedBounds: (Int(begin), Int(rest[place])))
    }

    /// The same of a table of one's own, which is read where it lies.
    @inline(__always)
    mutating func ownExtent(_ position: Int, start: Int) -> Range<Int> {
        guard position < Self.placesCount else { return restExtent(position - Self.placesCount) }
        let begin = position == 0 ? start : Int(places[position &- 1])
        return Range(uncheckedBounds: (begin, Int(places[position])))
    }

    private mutating func ownEnd(_ position: Int) -> Int { ownExtent(position, start: 0).upperBound }

    /// Puts the ends of `count` fields as much further on.
    mutating func shift(by distance: Int, _ count: Int) {
        let distance = UInt16(truncatingIfNeeded: distance)
        for index in places.indices { places[index] &+= distance }
        guard count > Self.placesCount else { return }
        for index in rest.indices { rest[index] &+= distance }
    }

    /// Makes a place for a field of `size` bytes before the `position`-th of `count`.
    mutating func insert(_ position: Int, size: Int, of count: Int) {
        for index in stride(from: count, to: position, by: -1) { self[index] = ownEnd(index - 1) + size }
        self[position] = (position == 0 ? 0 : ownEnd(position - 1)) + size
    }

    /// Takes the `position`-th of `count` fields out.
    mutating func remove(_ position: Int, of count: Int) {
        let size = ownExtent(position, start: 0).count
        for index in position..<count - 1 { self[index] = ownEnd(index + 1) - size }
    }
}
