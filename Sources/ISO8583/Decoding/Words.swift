// SPDX-License-Identifier: Apache-2.0

/// Eight bytes at a time: checks that only say whether all are as wanted, and numbers and packed words made of digits.
///
/// Loads are unchecked. Safe: every caller has checked once that the range lies inside the bytes, and a load reaches
/// before the range, never behind it, and only where eight bytes are.
enum Words {
    private static let high: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let spaces: UInt64 = 0x2020_2020_2020_2020
    static let zeros: UInt64 = 0x3030_3030_3030_3030

    @inline(__always)
    static func load(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The last `count` bytes before `end`, 1 to 7 of them, the first in the lowest byte and zeros above.
    @inline(__always)
    private static func tail(_ bytes: RawSpan, _ count: Int, before end: Int) -> UInt64 {
        end >= 8 ? load(bytes, end &- 8) &>> gap(count) : slowTail(bytes, count, before: end)
    }

    @inline(__always)
    private static func gap(_ count: Int) -> UInt64 { UInt64(truncatingIfNeeded: 64 &- 8 &* count) }

    /// For what stands in the first eight bytes.
    @inline(never)
    private static func slowTail(_ bytes: RawSpan, _ count: Int, before end: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in (end - count..<end).reversed() {
            word = word << 8 | UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        return word
    }

    // MARK: - Checks

    /// The high bit of each byte that, once the zero character is taken out by XOR, is over 9. A byte over 127 may
    /// carry into the next, but has its own bit.
    @inline(__always)
    private static func over9(_ word: UInt64) -> UInt64 { (word &+ 0x7676_7676_7676_7676 | word) & high }

    /// Whether no word of a range has what `flaws` finds in it: every word from the start, then the last eight bytes,
    /// some of them again; of a shorter range those there are, with `filler` behind.
    ///
    /// A range that ends in the first eight bytes may be denied.
    @inline(__always)
    private static func areFlawless(
        _ bytes: RawSpan, _ start: Int, _ end: Int, filler: UInt64, _ flaws: (UInt64) -> UInt64
    ) -> Bool {
        let count = end &- start
        guard count >= 8 else {
            guard count > 0, end >= 8 else { return count == 0 }
            let word = load(bytes, end &- 8) &>> gap(count) | filler &<< UInt64(truncatingIfNeeded: 8 &* count)
            return flaws(word) == 0
        }
        var found = flaws(load(bytes, end &- 8))
        var index = start
        while index < end &- 8 {
            found |= flaws(load(bytes, index))
            index &+= 8
        }
        return found == 0
    }

    @inline(__always)
    static func areDigits(_ bytes: RawSpan, from start: Int, to end: Int) -> Bool {
        areFlawless(bytes, start, end, filler: zeros) { over9($0 ^ zeros) }
    }

    /// Digits, at most one separator, digits; a second one is looked at again by who allows it.
    @inline(__always)
    static func areTrack(_ bytes: RawSpan, from start: Int, to end: Int) -> Bool {
        var hasSeparator = false
        var index = start
        while index < end {
            let left = end &- index
            guard left >= 8 || end >= 8 else { return false }
            let word =
                left >= 8
                ? load(bytes, index)
                : load(bytes, end &- 8) &>> gap(left) | zeros &<< UInt64(truncatingIfNeeded: 8 &* left)
            index &+= 8
            let others = over9(word ^ zeros)
            guard others != 0 else { continue }
            let character = word &>> UInt64(truncatingIfNeeded: others.trailingZeroBitCount & ~7) & 0xFF
            guard !hasSeparator, others & (others &- 1) == 0, character == 0x3D || character == 0x44 else {
                return false
            }
            hasSeparator = true
        }
        return true
    }

    /// Letters and digits without spaces.
    @inline(__always)
    static func areAlphanumeric(_ bytes: RawSpan, from start: Int, to end: Int) -> Bool {
        areFlawless(bytes, start, end, filler: zeros) { word in
            // `x + 128 - c` has the high bit from c on; a byte over 127 carries, but is itself a flaw.
            let folded = word | spaces
            let digits = (word &+ ones &* 0x50) & ~(word &+ ones &* 0x46)
            let letters = (folded &+ ones &* 0x1F) & ~(folded &+ ones &* 0x05)
            return (word | ~(digits | letters)) & high
        }
    }

    /// Space to tilde.
    @inline(__always)
    static func arePrintable(_ bytes: RawSpan, from start: Int, to end: Int) -> Bool {
        // No high bit; adding 1 makes one of 127; adding 96 makes one from the space on.
        areFlawless(bytes, start, end, filler: spaces) { ($0 | $0 &+ ones | ~($0 &+ ones &* 0x60)) & high }
    }

    /// Two digits a byte.
    @inline(__always)
    static func arePacked(_ bytes: RawSpan, from start: Int, to end: Int) -> Bool {
        // A nibble over 9 has 8 and 4, or 8 and 2.
        areFlawless(bytes, start, end, filler: 0) { $0 & ($0 << 1 | $0 << 2) & 0x8888_8888_8888_8888 }
    }

    // MARK: - Values

    /// The number that 1 to 19 digits are; nil for other characters.
    @inline(__always)
    static func number(_ bytes: RawSpan, from start: Int, to end: Int) -> UInt64? {
        var value: UInt64 = 0
        var scale: UInt64 = 1
        var end = end
        while end > start {
            let count = min(end &- start, 8)
            // The digits in the high bytes, zeros in front of them in the low ones.
            let word = count == 8 ? load(bytes, end &- 8) : tail(bytes, count, before: end) &<< gap(count)
            let digits = word ^ zeros &<< gap(count)
            guard over9(digits) == 0 else { return nil }
            value = value &+ eightDigits(digits) &* scale
            scale = scale &* 100_000_000
            end &-= count
        }
        return value
    }

    /// The first four of at least eight bytes as packed digits; nil for other characters.
    @inline(__always)
    static func firstFourDigits(_ bytes: RawSpan) -> UInt16? {
        // In the high half, behind zeros.
        let word = load(bytes, 0) &<< 32 | zeros &>> 32
        return over9(word ^ zeros) == 0 ? UInt16(truncatingIfNeeded: packedDigits(word)) : nil
    }

    /// Pairs, then fours, then eight, the first digit in the lowest byte.
    @inline(__always)
    private static func eightDigits(_ digits: UInt64) -> UInt64 {
        let pairs = digits &* 10 &+ digits &>> 8
        let low: UInt64 = 0x0000_00FF_0000_00FF
        return ((pairs & low) &* 0x000F_4240_0000_0064 &+ (pairs &>> 16 & low) &* 0x0000_2710_0000_0001) &>> 32
    }

    /// The eight characters of a number under 100,000,000, the first in the lowest byte.
    @inline(__always)
    static func characters(of number: UInt64) -> UInt64 {
        let fours = number / 10_000 | (number % 10_000) &<< 32
        let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007F_0000_007F
        let pairs = hundreds | (fours &- hundreds &* 100) &<< 16
        let tens = (pairs &* 103) &>> 10 & 0x000F_000F_000F_000F
        return zeros | tens | (pairs &- tens &* 10) &<< 8
    }

    /// How many digits sixteen characters of digits are without the zeros before them; 0 for zero.
    @inline(__always)
    static func significantDigits(_ high: UInt64, _ low: UInt64) -> Int {
        high == zeros
            ? 8 &- (low ^ zeros).trailingZeroBitCount &>> 3 : 16 &- (high ^ zeros).trailingZeroBitCount &>> 3
    }

    /// Eight characters of digits packed, the first in the highest of 32 bits.
    @inline(__always)
    static func packedDigits(_ characters: UInt64) -> UInt64 {
        let digits = characters ^ zeros
        let pairs = (digits &<< 4 | digits &>> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs | pairs &>> 8) & 0x0000_FFFF_0000_FFFF
        return UInt64(UInt32(truncatingIfNeeded: fours | fours &>> 16).byteSwapped)
    }

    /// 1 to 8 printable characters, the first in the highest byte, spaces behind them left out; nil for none or others.
    @inline(__always)
    static func packed(_ bytes: RawSpan, from start: Int, to end: Int) -> UInt64? {
        let count = end &- start
        guard count > 0, arePrintable(bytes, from: start, to: end) else { return nil }
        var word = (count == 8 ? load(bytes, start) : tail(bytes, count, before: end)).byteSwapped
        var shift = gap(count)
        while shift < 64, word &>> shift & 0xFF == 0x20 {
            word &= ~(0xFF &<< shift)
            shift &+= 8
        }
        return word == 0 ? nil : word
    }
}
