// SPDX-License-Identifier: Apache-2.0

/// Which of 32 tiles, a day each, stand: those of the latest day and of the 31 before it.
///
/// A tile lies at its day's number modulo 32. Days are counted from 1970.
struct RollingDays: Equatable, Sendable {
    static let count = 32
    private(set) var latest: UInt32

    init(latest: UInt32) { self.latest = latest }

    /// Where the tile of a day lies; nil for a day that is too old, or has not come.
    func place(_ day: UInt32) -> Int? {
        day <= latest && latest - day < UInt32(Self.count) ? Int(day % UInt32(Self.count)) : nil
    }

    /// The day whose tile lies at a place.
    func day(at place: Int) -> UInt32 { latest &- (latest &- UInt32(place)) % UInt32(Self.count) }

    /// Moves on to a day, where it is later.
    ///
    /// - Returns: the places of the tiles that come anew, to be cleared.
    mutating func advance(to day: UInt32) -> some Sequence<Int> {
        let fresh = day > latest ? min(day - latest, UInt32(Self.count)) : 0
        latest = max(latest, day)
        return (0..<fresh).lazy.map { Int((day - $0) % UInt32(Self.count)) }
    }
}

/// A count in 16 bits: a power of two in the upper five, the leading eleven digits below, rounded down.
///
/// Order is kept, and what is lost is below one in a thousand.
struct RoundedCount: Equatable, Comparable, Sendable {
    var bits: UInt16 = 0

    init() {}
    init(bits: UInt16) { self.bits = bits }

    init(_ value: UInt32) {
        let shift = max(0, 21 - value.leadingZeroBitCount)
        bits = UInt16(shift) << 11 | UInt16(value >> UInt32(shift))
    }

    var value: UInt32 { UInt32(bits & 0x7FF) << UInt32(bits >> 11) }

    static func < (left: RoundedCount, right: RoundedCount) -> Bool { left.bits < right.bits }
}

/// Adds and subtracts within a type's range: what is full stays full, which makes a count a lower bound.
extension FixedWidthInteger {
    mutating func addSaturating(_ amount: Self) {
        let (sum, overflow) = addingReportingOverflow(amount)
        self = overflow ? .max : sum
    }
    func addingSaturating(_ amount: Self) -> Self {
        var sum = self
        sum.addSaturating(amount)
        return sum
    }
    func subtractingSaturating(_ amount: Self) -> Self { self > amount ? self - amount : 0 }
    mutating func subtractSaturating(_ amount: Self) { self = self > amount ? self - amount : 0 }
}
