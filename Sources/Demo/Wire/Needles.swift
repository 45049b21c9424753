// SPDX-License-Identifier: Apache-2.0

/// Many texts that are looked for at once, in one pass over megabytes.
struct Needles: Sendable {
    private let window: Int
    /// How far the window may move when it ends with a byte.
    private let skips: [Int]
    /// The needles by the byte that ends their first window.
    private let byLast: [[(bytes: [UInt8], label: String)]]

    /// - Parameter needles: none of them empty.
    init(_ needles: [(bytes: [UInt8], label: String)]) {
        window = needles.map(\.bytes.count).min() ?? 1
        var skips = [Int](repeating: window, count: 256)
        var byLast = [[(bytes: [UInt8], label: String)]](repeating: [], count: 256)
        for needle in needles {
            for (index, byte) in needle.bytes.prefix(window - 1).enumerated() {
                skips[Int(byte)] = min(skips[Int(byte)], window - 1 - index)
            }
            byLast[Int(needle.bytes[window - 1])].append(needle)
        }
        self.skips = skips
        self.byLast = byLast
    }

    /// The label of the first needle found that `accepts` takes.
    /// - Parameter accepts: gets the place.
    func first(in hay: [UInt8], accepts: (Range<Int>, UnsafeBufferPointer<UInt8>) -> Bool = { _, _ in true }) -> String?
    {
        hay.withUnsafeBufferPointer { hay in
            var end = window - 1
            while end < hay.count {
                let byte = Int(hay[end])
                let start = end - window + 1
                for needle in byLast[byte] where start + needle.bytes.count <= hay.count {
                    let place = start..<start + needle.bytes.count
                    if hay[place].elementsEqual(needle.bytes), accepts(place, hay) { return needle.label }
                }
                end += skips[byte]
            }
            return nil
        }
    }
}
