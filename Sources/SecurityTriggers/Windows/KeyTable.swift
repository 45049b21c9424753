// SPDX-License-Identifier: Apache-2.0
import CPrefetch

/// Finds the numbers of keys by their hashes: open addressing over 32-bit slots, at most three quarters full.
///
/// It knows neither keys nor hashes, only numbers; whoever asks says how to compare and to hash. When it is full a table of
/// twice the size takes over, and each insert, and each `settle`, moves four slots into it: none ever pays for all. Meanwhile a
/// search asks the new table first, then the old one.
struct KeyTable: Sendable {
    /// Numbers lie below this: 26 bits, with 0 for a free slot and all ones for one that was moved.
    static let numbersMax = 1 << 26 - 3

    private(set) var count = 0
    private var slots: BlockArray
    private var mask: Int
    private var old: BlockArray?
    private var oldMask = 0
    /// The next slot of the old table to be moved.
    private var cursor = 0

    init() {
        slots = BlockArray(stride: 4, count: 16)
        mask = 15
    }

    var residentBytes: Int { slots.residentBytes + (old?.residentBytes ?? 0) }

    /// The number of a key.
    ///
    /// - Parameter isKey: whether a number is that of the key; asked only of those whose hash agrees in six more bits.
    @inline(__always)
    func find(_ hash: UInt64, _ isKey: (Int) -> Bool) -> Int? {
        view.find(hash, isKey)
    }

    /// The table as bare pointers, good as long as it stays as it is.
    var view: KeyTableView {
        @inline(__always) get { KeyTableView(slots: slots.view, mask: mask, old: old?.view, oldMask: oldMask) }
    }

    /// Adds a key that is not there.
    mutating func insert(_ hash: UInt64, _ number: Int, hashOf: (Int) -> UInt64) {
        precondition(number < Self.numbersMax, "numbers fit into 26 bits")
        if old == nil, (count + 1) * 4 > (mask + 1) * 3 {
            (old, oldMask, cursor) = (slots, mask, 0)
            slots = BlockArray(stride: 4, count: (mask + 1) * 2)
            mask = mask * 2 + 1
        }
        move(Self.step, hashOf)
        put(hash, number)
        count += 1
    }

    /// Slots are left to be moved, and searches slower than they will be.
    var isMoving: Bool { @inline(__always) get { old != nil } }

    /// Moves a few slots on, so that a table that has just grown and grows no more does not stay in two halves.
    @inline(never)
    mutating func settle(hashOf: (Int) -> UInt64) { move(Self.step, hashOf) }

    private static let step = 4

    /// Takes a key away.
    mutating func remove(_ hash: UInt64, _ number: Int, hashOf: (Int) -> UInt64) {
        count -= 1
        guard let place = KeyTableView.place(hash, in: slots.view, mask, { $0 == number }) else {
            return changeOld(hash, number, to: KeyTableView.gone)
        }
        // What was pushed behind the hole moves up.
        var (hole, next) = (place, (place + 1) & mask)
        while true {
            let slot = KeyTableView.slot(slots.view, next)
            if slot == 0 { break }
            let home = Int(truncatingIfNeeded: hashOf(KeyTableView.number(slot))) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots.set(hole, slot)
                hole = next
            }
            next = (next + 1) & mask
        }
        slots.set(hole, 0)
    }

    /// Gives a key another number.
    mutating func renumber(_ hash: UInt64, from number: Int, to other: Int) {
        let slot = Self.tagged(hash, other)
        if let place = KeyTableView.place(hash, in: slots.view, mask, { $0 == number }) {
            slots.set(place, slot)
        } else {
            changeOld(hash, number, to: slot)
        }
    }

    private mutating func changeOld(_ hash: UInt64, _ number: Int, to slot: UInt32) {
        // Taken out while it is changed, so that it is the only reference and nothing is copied.
        guard var table = old.take() else { return }
        if let place = KeyTableView.place(hash, in: table.view, oldMask, { $0 == number }) { table.set(place, slot) }
        old = table
    }

    private mutating func put(_ hash: UInt64, _ number: Int) {
        var place = Int(truncatingIfNeeded: hash) & mask
        while KeyTableView.slot(slots.view, place) != 0 { place = (place + 1) & mask }
        slots.set(place, Self.tagged(hash, number))
    }

    private mutating func move(_ steps: Int, _ hashOf: (Int) -> UInt64) {
        guard var table = old.take() else { return }
        for _ in 0..<steps where cursor <= oldMask {
            let slot = KeyTableView.slot(table.view, cursor)
            if slot != 0, slot != KeyTableView.gone {
                put(hashOf(KeyTableView.number(slot)), KeyTableView.number(slot))
                table.set(cursor, KeyTableView.gone)
            }
            cursor += 1
        }
        if cursor <= oldMask { old = table }
    }

    private static func tagged(_ hash: UInt64, _ number: Int) -> UInt32 {
        UInt32(hash >> 58) << 26 | UInt32(number + 1)
    }
}

/// A `KeyTable` for searching. It keeps nothing alive: whoever holds one sees to it that the table stays as it is.
struct KeyTableView {
    let slots: BlockView
    let mask: Int
    let old: BlockView?
    let oldMask: Int

    private static let numberBits = UInt32(1 << 26 - 1)
    /// In the old table, what was moved or taken away: a search goes on past it.
    fileprivate static let gone = UInt32.max

    /// Has the slot that a search looks at first fetched.
    @inline(__always)
    func prefetch(_ hash: UInt64) { cprefetch(slots.read(Int(truncatingIfNeeded: hash) & mask)) }

    /// The number that a search is likely to end with, by what of its hash is kept: for fetching what lies there.
    @inline(__always)
    func guess(_ hash: UInt64) -> Int? { Self.search(hash, in: slots, mask) { _ in true }?.number }

    @inline(__always)
    func find(_ hash: UInt64, _ isKey: (Int) -> Bool) -> Int? {
        if let found = Self.search(hash, in: slots, mask, isKey) { return found.number }
        guard let old else { return nil }
        return Self.search(hash, in: old, oldMask, isKey)?.number
    }

    @inline(__always)
    fileprivate static func place(_ hash: UInt64, in slots: BlockView, _ mask: Int, _ isKey: (Int) -> Bool) -> Int? {
        search(hash, in: slots, mask, isKey)?.place
    }

    @inline(__always)
    private static func search(
        _ hash: UInt64, in slots: BlockView, _ mask: Int, _ isKey: (Int) -> Bool
    ) -> (place: Int, number: Int)? {
        let tag = UInt32(truncatingIfNeeded: hash &>> 58)
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            // Safe: a table is of 16 slots at least and a power of two, and so is a block, so that these lie together.
            let run = slots.read(place & ~15).assumingMemoryBound(to: UInt32.self)
            var next = place & 15
            repeat {
                let slot = run[next]
                if slot == 0 { return nil }
                if slot &>> 26 == tag, slot != gone, isKey(number(slot)) { return (place & ~15 | next, number(slot)) }
                next &+= 1
            } while next < 16
            place = ((place | 15) &+ 1) & mask
        }
    }

    @inline(__always)
    fileprivate static func slot(_ slots: BlockView, _ place: Int) -> UInt32 {
        slots.read(place).load(as: UInt32.self)
    }

    @inline(__always)
    fileprivate static func number(_ slot: UInt32) -> Int { Int(slot & numberBits) &- 1 }
}

extension BlockArray {
    fileprivate mutating func set(_ place: Int, _ slot: UInt32) { write(place).storeBytes(of: slot, as: UInt32.self) }
}
