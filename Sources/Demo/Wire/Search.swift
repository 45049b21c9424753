// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    /// Where `needle` first stands at or after `start`. Megabytes are searched for short texts, so bytes are skipped by
    /// what ends the window (Horspool).
    func place(of needle: [UInt8], from start: Int = 0) -> Range<Int>? {
        guard let last = needle.last, start <= count - needle.count else { return nil }
        var skips = [Int](repeating: needle.count, count: 256)
        for (index, byte) in needle.dropLast().enumerated() { skips[Int(byte)] = needle.count - 1 - index }
        return withUnsafeBufferPointer { hay in
            var end = start + needle.count - 1
            while end < hay.count {
                let byte = hay[end]
                if byte == last {
                    let first = end - needle.count + 1
                    if hay[first...end].elementsEqual(needle) { return first..<end + 1 }
                }
                end += skips[Int(byte)]
            }
            return nil
        }
    }

    func holds(_ needle: [UInt8]) -> Bool { place(of: needle) != nil }
}
