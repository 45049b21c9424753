// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Collects entries in any order and sorts them into a generation: one pass to count buckets, one to lay the entries out, and
/// a few comparisons within each bucket.
struct ListBuilder {
    private var keys: [ListKey] = []
    private var expiries: [UInt32] = []
    private var places: [UInt16] = []
    private(set) var origins: [ListOrigin] = []
    private var originPlaces: [ListOrigin: UInt16] = [:]

    var count: Int { keys.count }

    /// The place of an origin; nil when the table is full or a text does not fit.
    mutating func place(of origin: ListOrigin) -> UInt16? {
        if let place = originPlaces[origin] { return place }
        guard origin.isSound, origins.count < ListGeneration.originsMax else { return nil }
        let place = UInt16(origins.count)
        origins.append(origin)
        originPlaces[origin] = place
        return place
    }

    mutating func add(_ key: ListKey, expiry: UInt32, place: UInt16) {
        keys.append(key)
        expiries.append(expiry)
        places.append(place)
    }

    /// The generation of all entries; of those with the same key the first stays.
    ///
    /// - Parameter repeated: is told the number of each entry left out, and of the one that stays.
    func generation(repeated: (Int, Int) -> Void = { _, _ in }) -> ListGeneration {
        let bits = ListGeneration.bits(keys.count)
        let shift = UInt64(64 - bits)
        var starts = [UInt32](repeating: 0, count: (1 << bits) + 1)
        for key in keys { starts[Int(key.scattered >> shift) + 1] += 1 }
        for bucket in 1..<starts.count { starts[bucket] += starts[bucket - 1] }
        var order = [UInt32](repeating: 0, count: keys.count)
        var next = starts
        for index in keys.indices {
            let bucket = Int(keys[index].scattered >> shift)
            order[Int(next[bucket])] = UInt32(index)
            next[bucket] += 1
        }
        for bucket in 0..<starts.count - 1 { sort(&order, Int(starts[bucket])..<Int(starts[bucket + 1])) }
        return laidOut(order, starts, repeated)
    }

    /// Sorts a bucket by key. Ties go by number, so that the first of a key comes first.
    private func sort(_ order: inout [UInt32], _ bucket: Range<Int>) {
        func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
            let (leftKey, rightKey) = (keys[Int(left)], keys[Int(right)])
            return leftKey == rightKey ? left < right : ListKey.precedes(leftKey, rightKey)
        }
        // Nearly all buckets are small; one that a repeated key fills is not.
        guard bucket.count <= 16 else { return order[bucket].sort(by: precedes) }
        for place in bucket.dropFirst() {
            var hole = place
            let moved = order[place]
            while hole > bucket.lowerBound, precedes(moved, order[hole - 1]) {
                order[hole] = order[hole - 1]
                hole -= 1
            }
            order[hole] = moved
        }
    }

    private func laidOut(_ order: [UInt32], _ starts: [UInt32], _ repeated: (Int, Int) -> Void) -> ListGeneration {
        var directory = [UInt32](repeating: 0, count: starts.count)
        var sorted: [ListKey] = []
        var columns: (expiries: [UInt32], places: [UInt16]) = ([], [])
        let expires = expiries.contains { $0 != 0 }
        sorted.reserveCapacity(keys.count)
        if expires { columns.expiries.reserveCapacity(keys.count) }
        if origins.count > 1 { columns.places.reserveCapacity(keys.count) }
        for bucket in 0..<starts.count - 1 {
            directory[bucket] = UInt32(sorted.count)
            var kept = -1
            for position in Int(starts[bucket])..<Int(starts[bucket + 1]) {
                let index = Int(order[position])
                if kept >= 0, keys[kept] == keys[index] {
                    repeated(index, kept)
                    continue
                }
                kept = index
                sorted.append(keys[index])
                if expires { columns.expiries.append(expiries[index]) }
                if origins.count > 1 { columns.places.append(places[index]) }
            }
        }
        directory[starts.count - 1] = UInt32(sorted.count)
        // Entries left out may have been so many that fewer buckets are right.
        guard ListGeneration.bits(sorted.count) == ListGeneration.bits(keys.count) else {
            return anew(sorted, columns.expiries, columns.places)
        }
        return ListGeneration(
            keys: sorted, directory: directory, expiries: columns.expiries, places: columns.places, origins: origins)
    }

    private func anew(_ keys: [ListKey], _ expiries: [UInt32], _ places: [UInt16]) -> ListGeneration {
        var builder = self
        builder.keys = keys
        builder.expiries = expiries.isEmpty ? [UInt32](repeating: 0, count: keys.count) : expiries
        builder.places = places.isEmpty ? [UInt16](repeating: 0, count: keys.count) : places
        return builder.generation()
    }
}
