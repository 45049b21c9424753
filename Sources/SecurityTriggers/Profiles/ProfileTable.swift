// SPDX-License-Identifier: Apache-2.0

/// A value of a `ProfileTable`.
protocol Profile: Interned {
    /// The day of the last change, from 1970.
    var latestDay: UInt32 { get }
}

/// Profiles by key, at most so many, in one array that is used again when a profile has been idle for long.
///
/// Whenever a profile is added a hand looks at the next two and takes out those that are idle: by the order of events and
/// never by a timer, so that the same events leave the same profiles. The seed changes only where a key's slot lies.
struct ProfileTable<Value: Profile>: Sendable {
    /// Profiles that nothing has changed for longer than this many days may go. All tiles are empty by then.
    static var idleDays: UInt32 { 40 }

    private(set) var values: [Value] = []
    /// 0 is free, else one more than the value's number; a power of two long, at most three quarters full.
    private var slots: [UInt32]
    /// Numbers of values that were taken out, to be used again.
    private var vacant: [UInt32] = []
    /// For each value whether it was taken out.
    private var isVacant: [Bool] = []
    private var hand = 0
    private let limit: Int
    private let seed: UInt64

    var count: Int { values.count - vacant.count }

    init(limit: Int, seed: UInt64) {
        precondition(limit > 0 && limit < Int(UInt32.max), "the number of profiles fits into 32 bits")
        (self.limit, self.seed) = (limit, seed)
        slots = Array(repeating: 0, count: 16)
    }

    func find(_ key: Value.Key) -> Value? {
        let slot = slots[place(of: key)]
        return slot == 0 ? nil : values[Int(slot) - 1]
    }

    /// Changes the profile of a key, which is made if it is new; false where there is no room for one more.
    mutating func change(
        _ key: Value.Key, on day: UInt32, make: @autoclosure () -> Value, _ change: (inout Value) -> Void
    )
        -> Bool
    {
        let slot = slots[place(of: key)]
        if slot != 0 {
            change(&values[Int(slot) - 1])
            return true
        }
        sweep(day)
        guard let number = add(key, make) else { return false }
        change(&values[number])
        return true
    }

    private mutating func add(_ key: Value.Key, _ make: () -> Value) -> Int? {
        guard count < limit else { return nil }
        if (count + 1) * 4 > slots.count * 3 { grow() }
        let number: Int
        if let used = vacant.popLast() {
            number = Int(used)
            values[number] = make()
            isVacant[number] = false
        } else {
            number = values.count
            values.append(make())
            isVacant.append(false)
        }
        slots[place(of: key)] = UInt32(number + 1)
        return number
    }

    private mutating func sweep(_ day: UInt32) {
        for _ in 0..<min(2, values.count) {
            hand = hand + 1 < values.count ? hand + 1 : 0
            let idle = values[hand].latestDay
            guard !isVacant[hand], day > idle, day - idle > Self.idleDays else { continue }
            remove(hand)
        }
    }

    /// Frees a value's slot, and moves up what was pushed behind it.
    private mutating func remove(_ number: Int) {
        let mask = slots.count - 1
        var hole = place(of: values[number].key)
        var next = (hole + 1) & mask
        while slots[next] != 0 {
            let home = Int(truncatingIfNeeded: values[Int(slots[next]) - 1].key.scattered(seed)) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = 0
        isVacant[number] = true
        vacant.append(UInt32(number))
    }

    /// Where a key is, or where it would go.
    private func place(of key: Value.Key) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: key.scattered(seed)) & mask
        while slots[place] != 0, values[Int(slots[place]) - 1].key != key { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        for index in values.indices where !isVacant[index] { slots[place(of: values[index].key)] = UInt32(index + 1) }
    }
}
