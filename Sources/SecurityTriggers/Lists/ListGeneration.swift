// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A list as it was imported: sorted, and never changed again.
///
/// Keys stand in buckets by the leading bits of their scattered word, two to four of them in a bucket, and ascending within it; so a
/// look-up reads one place of the directory and one or two lines of keys. Ten million cards take 16 bytes each, the directory 1.7, and
/// 4 and 2 more where entries expire and where they come from different sources.
///
/// Invariants: the directory rises from 0 to the number of keys; keys of a bucket ascend and none comes twice; the columns are
/// empty or as long as the keys; every origin is in the table.
final class ListGeneration: Sendable {
    /// Entries of one list at most.
    static let entriesMax = 100_000_000
    static let originsMax = 1 << 16

    let keys: [ListKey]
    /// The first key of each bucket, and the number of keys behind them.
    let directory: [UInt32]
    /// How far a scattered word is moved to give its bucket.
    let shift: UInt64
    /// Seconds since 1970, 0 for an entry that stays; empty where all stay.
    let expiries: [UInt32]
    /// Places in `origins`; empty where there is one origin.
    let places: [UInt16]
    let origins: [ListOrigin]

    static let empty = ListGeneration(keys: [], directory: [0, 0], expiries: [], places: [], origins: [])

    /// Of columns that satisfy the invariants.
    init(keys: [ListKey], directory: [UInt32], expiries: [UInt32], places: [UInt16], origins: [ListOrigin]) {
        (self.keys, self.directory, self.expiries) = (keys, directory, expiries)
        (self.places, self.origins) = (places, origins)
        shift = UInt64(64 - Self.bits(keys.count))
    }

    /// The bits that number the buckets of so many keys, at least one.
    static func bits(_ count: Int) -> Int { max(1, Int.bitWidth - count.leadingZeroBitCount - 2) }

    /// The place of a key; nil where it is not listed.
    @inline(__always)
    func find(_ key: ListKey) -> Int? {
        // An empty one has no buckets.
        guard !keys.isEmpty else { return nil }
        let bucket = Int(truncatingIfNeeded: key.scattered >> shift)
        var (low, high) = (Int(directory[bucket]), Int(directory[bucket + 1]))
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] == key { return middle }
            if ListKey.precedes(keys[middle], key) { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Seconds since 1970 at which an entry expires; 0 for one that stays.
    func expiry(_ place: Int) -> UInt32 { expiries.isEmpty ? 0 : expiries[place] }

    func origin(_ place: Int) -> UInt16 { places.isEmpty ? 0 : places[place] }

    func entry(_ place: Int) -> ListEntry {
        let expiry = expiry(place)
        return ListEntry(
            keys[place], origins[Int(origin(place))], expires: expiry == 0 ? nil : Instant(seconds: Int64(expiry)))
    }
}
