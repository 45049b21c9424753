// SPDX-License-Identifier: Apache-2.0

extension BERTLVWalk {
    /// What the length byte of a data object must be, by the key of its tag: `length & mask == value`, the mask in the
    /// low byte. Made once and never released.
    nonisolated(unsafe) static let emvLengths = lengths { fixedLength(of: $0) }
    /// The same without the lengths that EMV fixes.
    nonisolated(unsafe) static let anyLengths = lengths { _ in nil }

    /// A key is less: tags of one byte, then the highest three bits of the first byte and the second byte.
    private static let keys = 256 + 8 * 256

    private static func lengths(_ fixed: (UInt32) -> Int?) -> UnsafePointer<UInt16> {
        let lengths = UnsafeMutablePointer<UInt16>.allocate(capacity: keys)
        for key in 0..<keys {
            let low = UInt32(key) & 0xFF
            let first = key < 256 ? low : UInt32(key - 256) / 256 * 0x20 | 0x1F
            // Constructed ones, zeros between objects and longer tags are for the walk: no length is right.
            let isLong = key < 256 ? low & 0x1F == 0x1F : low > 0x7F
            let rule: UInt16
            if first & 0x20 != 0 || first == 0 || isLong {
                rule = 0x0100
            } else if let length = fixed(key < 256 ? first : first << 8 | low) {
                rule = UInt16(length) << 8 | 0xFF
            } else {
                rule = 0x80
            }
            (lengths + key).initialize(to: rule)
        }
        return UnsafePointer(lengths)
    }

    /// Whether the bytes are primitive data objects of one or two tag bytes and one length byte, as nearly all are;
    /// other ones may be right as well. The range lies inside the bytes.
    ///
    /// Loads are unchecked. Safe: three bytes are left in the range before each object, a byte makes no key that is not
    /// in the table, and the walk only goes forward. What is wrong is noted and looked at in the end.
    @inline(__always)
    static func arePrimitive(
        _ bytes: RawSpan, from start: Int, to end: Int, _ lengths: UnsafePointer<UInt16>
    ) -> Bool {
        @inline(__always)
        func byte(_ index: Int) -> Int { Int(bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)) }
        var offset = start
        var flaws = 0
        while offset <= end &- 3 {
            var key = byte(offset)
            var length = byte(offset &+ 1)
            offset &+= 2
            if key & 0x1F == 0x1F {
                key = 256 &+ (key & 0xE0) &<< 3 &+ length
                length = byte(offset)
                offset &+= 1
            }
            let rule = Int(lengths[key])
            flaws |= length & rule ^ rule &>> 8
            offset &+= length
        }
        return flaws & 0xFF == 0 && offset == end
    }
}
