// SPDX-License-Identifier: Apache-2.0

/// A set of data element numbers 1–192, kept as the bitmap words of ISO 8583:1987 4.2 and the third one of later use.
public struct FieldSet: Hashable, Sendable {
    /// The highest number a set can hold.
    public static let fieldMax = 192

    /// Fields 1–64, field 1 in the most significant bit.
    public internal(set) var primary: UInt64
    /// Fields 65–128, field 65 in the most significant bit.
    public internal(set) var secondary: UInt64
    /// Fields 129–192, field 129 in the most significant bit.
    public internal(set) var tertiary: UInt64

    /// The set of the given words; an empty set without them.
    public init(primary: UInt64 = 0, secondary: UInt64 = 0, tertiary: UInt64 = 0) {
        self.primary = primary
        self.secondary = secondary
        self.tertiary = tertiary
    }

    /// The set of the given numbers; numbers outside 1–192 are a programmer's error.
    public init(_ fields: some Sequence<Int>) {
        self.init()
        for field in fields { insert(field) }
    }

    /// How many fields are in the set.
    public var count: Int { primary.nonzeroBitCount + secondary.nonzeroBitCount + tertiary.nonzeroBitCount }
    /// Whether no field is in the set.
    public var isEmpty: Bool { primary | secondary | tertiary == 0 }

    /// Whether the field is in the set; false for numbers outside 1–192.
    @inline(__always)
    public func contains(_ field: Int) -> Bool {
        switch field {
        case 1...64: primary & (1 << UInt64(64 - field)) != 0
        case 65...128: secondary & (1 << UInt64(128 - field)) != 0
        case 129...192: tertiary & (1 << UInt64(192 - field)) != 0
        default: false
        }
    }

    /// Adds a field.
    @inline(__always)
    public mutating func insert(_ field: Int) {
        precondition((1...Self.fieldMax).contains(field), "a field number is 1...192")
        switch field {
        case ...64: primary |= 1 &<< UInt64(truncatingIfNeeded: 64 &- field)
        case ...128: secondary |= 1 &<< UInt64(truncatingIfNeeded: 128 &- field)
        default: tertiary |= 1 &<< UInt64(truncatingIfNeeded: 192 &- field)
        }
    }

    /// Takes a field out; nothing happens if it is not in the set.
    public mutating func remove(_ field: Int) {
        switch field {
        case 1...64: primary &= ~(1 << UInt64(64 - field))
        case 65...128: secondary &= ~(1 << UInt64(128 - field))
        case 129...192: tertiary &= ~(1 << UInt64(192 - field))
        default: break
        }
    }

    /// What is in either set.
    public func union(_ other: FieldSet) -> FieldSet {
        FieldSet(
            primary: primary | other.primary, secondary: secondary | other.secondary,
            tertiary: tertiary | other.tertiary)
    }
    /// What is in both sets.
    public func intersection(_ other: FieldSet) -> FieldSet {
        FieldSet(
            primary: primary & other.primary, secondary: secondary & other.secondary,
            tertiary: tertiary & other.tertiary)
    }
    /// What is in this set and not in the other.
    public func subtracting(_ other: FieldSet) -> FieldSet {
        FieldSet(
            primary: primary & ~other.primary, secondary: secondary & ~other.secondary,
            tertiary: tertiary & ~other.tertiary)
    }

    /// The highest number in the set, or nil.
    public var last: Int? {
        if tertiary != 0 { return 192 - tertiary.trailingZeroBitCount }
        if secondary != 0 { return 128 - secondary.trailingZeroBitCount }
        return primary == 0 ? nil : 64 - primary.trailingZeroBitCount
    }

    /// Takes the lowest number out of the set; nil when it is empty.
    @inline(__always)
    mutating func popFirst() -> Int? {
        if primary != 0 { return Self.popFirst(&primary, base: 1) }
        if secondary != 0 { return Self.popFirst(&secondary, base: 65) }
        return tertiary == 0 ? nil : Self.popFirst(&tertiary, base: 129)
    }

    @inline(__always)
    private static func popFirst(_ word: inout UInt64, base: Int) -> Int {
        let zeros = word.leadingZeroBitCount
        word ^= 1 &<< UInt64(truncatingIfNeeded: 63 &- zeros)
        return zeros &+ base
    }

    /// How many fields in the set have a lower number; the field must be 1...192.
    @inline(__always)
    func position(of field: Int) -> Int {
        switch field {
        case ...64: return (primary >> UInt64(65 - field)).nonzeroBitCount
        case ...128: return primary.nonzeroBitCount + (secondary >> UInt64(129 - field)).nonzeroBitCount
        default:
            return primary.nonzeroBitCount + secondary.nonzeroBitCount
                + (tertiary >> UInt64(193 - field)).nonzeroBitCount
        }
    }

    /// The numbers in ascending order.
    public var fields: [Int] {
        var rest = self
        var numbers: [Int] = []
        while let field = rest.popFirst() { numbers.append(field) }
        return numbers
    }
}
