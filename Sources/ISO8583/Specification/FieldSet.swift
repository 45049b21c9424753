// SPDX-License-Identifier: Apache-2.0

/// A set of data element numbers 1–128, kept as the two bitmap words of ISO 8583:1987 4.2.
public struct FieldSet: Hashable, Sendable {
    /// Fields 1–64, field 1 in the most significant bit.
    public internal(set) var primary: UInt64
    /// Fields 65–128, field 65 in the most significant bit.
    public internal(set) var secondary: UInt64

    /// The set of the given words; an empty set without them.
    public init(primary: UInt64 = 0, secondary: UInt64 = 0) {
        self.primary = primary
        self.secondary = secondary
    }

    /// The set of the given numbers; numbers outside 1–128 are a programmer's error.
    public init(_ fields: some Sequence<Int>) {
        self.init()
        for field in fields { insert(field) }
    }

    /// How many fields are in the set.
    public var count: Int { primary.nonzeroBitCount + secondary.nonzeroBitCount }
    /// Whether no field is in the set.
    public var isEmpty: Bool { primary | secondary == 0 }

    /// Whether the field is in the set; false for numbers outside 1–128.
    public func contains(_ field: Int) -> Bool {
        switch field {
        case 1...64: primary & (1 << UInt64(64 - field)) != 0
        case 65...128: secondary & (1 << UInt64(128 - field)) != 0
        default: false
        }
    }

    /// Adds a field.
    public mutating func insert(_ field: Int) {
        precondition((1...128).contains(field), "a field number is 1...128")
        if field <= 64 { primary |= 1 << UInt64(64 - field) } else { secondary |= 1 << UInt64(128 - field) }
    }

    /// Takes a field out; nothing happens if it is not in the set.
    public mutating func remove(_ field: Int) {
        switch field {
        case 1...64: primary &= ~(1 << UInt64(64 - field))
        case 65...128: secondary &= ~(1 << UInt64(128 - field))
        default: break
        }
    }

    /// What is in either set.
    public func union(_ other: FieldSet) -> FieldSet {
        FieldSet(primary: primary | other.primary, secondary: secondary | other.secondary)
    }
    /// What is in both sets.
    public func intersection(_ other: FieldSet) -> FieldSet {
        FieldSet(primary: primary & other.primary, secondary: secondary & other.secondary)
    }
    /// What is in this set and not in the other.
    public func subtracting(_ other: FieldSet) -> FieldSet {
        FieldSet(primary: primary & ~other.primary, secondary: secondary & ~other.secondary)
    }

    /// The highest number in the set, or nil.
    public var last: Int? {
        if secondary != 0 { return 128 - secondary.trailingZeroBitCount }
        return primary == 0 ? nil : 64 - primary.trailingZeroBitCount
    }

    /// Takes the lowest number out of the set; nil when it is empty.
    mutating func popFirst() -> Int? {
        if primary != 0 {
            let zeros = primary.leadingZeroBitCount
            primary &= ~(1 << UInt64(63 - zeros))
            return zeros + 1
        }
        guard secondary != 0 else { return nil }
        let zeros = secondary.leadingZeroBitCount
        secondary &= ~(1 << UInt64(63 - zeros))
        return zeros + 65
    }

    /// How many fields in the set have a lower number; the field must be 1...128.
    func position(of field: Int) -> Int {
        if field <= 64 { return (primary >> UInt64(65 - field)).nonzeroBitCount }
        return primary.nonzeroBitCount + (secondary >> UInt64(129 - field)).nonzeroBitCount
    }

    /// The numbers in ascending order.
    public var fields: [Int] {
        var rest = self
        var numbers: [Int] = []
        while let field = rest.popFirst() { numbers.append(field) }
        return numbers
    }
}
