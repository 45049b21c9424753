// SPDX-License-Identifier: Apache-2.0

/// The memory of all rings: chunks of 4 to 256 events, cut from segments that never move.
///
/// A chunk is known by its offset in units of four events, so 32 bits reach 17 thousand million events.
struct EventArena: Sendable {
    /// Events in the smallest chunk.
    static let unit = 4
    /// Chunks have `unit << 0` … `unit << 6` events.
    static let largestClass: UInt8 = 6
    private static let unitsInSegment = 4_096

    private(set) var segments: [[PackedEvent]] = []
    /// Freed chunks, a list for each class.
    private var free: [[UInt32]] = Array(repeating: [], count: Int(largestClass) + 1)
    /// Units handed out of the segments.
    private var used = 0

    static func capacity(_ sizeClass: UInt8) -> Int { unit << Int(sizeClass) }

    mutating func allocate(_ sizeClass: UInt8) -> UInt32 {
        if let chunk = free[Int(sizeClass)].popLast() { return chunk }
        let units = 1 << Int(sizeClass)
        // No chunk crosses a segment: what is left of one too short for this chunk goes to the smallest class.
        while used / Self.unitsInSegment != (used + units - 1) / Self.unitsInSegment {
            free[0].append(UInt32(used))
            used += 1
        }
        if used / Self.unitsInSegment >= segments.count {
            segments.append(Array(repeating: .zero, count: Self.unitsInSegment * Self.unit))
        }
        defer { used += units }
        return UInt32(used)
    }

    mutating func release(_ chunk: UInt32, _ sizeClass: UInt8) { free[Int(sizeClass)].append(chunk) }

    /// The segment of a chunk, and where the chunk begins in it.
    static func place(_ chunk: UInt32) -> (segment: Int, base: Int) {
        (Int(chunk) / unitsInSegment, Int(chunk) % unitsInSegment * unit)
    }

    subscript(chunk: UInt32, index: Int) -> PackedEvent {
        get {
            let place = Self.place(chunk)
            return segments[place.segment][place.base + index]
        }
        set {
            let place = Self.place(chunk)
            segments[place.segment][place.base + index] = newValue
        }
    }
}
