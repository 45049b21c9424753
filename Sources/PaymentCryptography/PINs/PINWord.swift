// SPDX-License-Identifier: Apache-2.0

/// A PIN as the nibbles that formats 0, 1, 2, 3 and 4 share: zero, its count, then up to twelve digits from the left,
/// zeros behind them. All of it is computed without a branch or a table that the PIN could choose.
enum PINWord {
    private static let fillPlaces: UInt64 = 0x00FF_FFFF_FFFF_FFFF
    private static let highBits: UInt64 = 0x8888_8888_8888_8888

    /// Ones in the places of the first `count` digits; `count` may be anything from 0 to 15.
    @inline(__always)
    static func digitPlaces(_ count: UInt64) -> UInt64 {
        let most = UInt64(14)
        let isOver = Mask.less(most, count)
        let places = (count & ~isOver) | (most & isOver)
        return (UInt64.max << (56 &- 4 &* places)) & fillPlaces
    }

    /// The top bit of each nibble that is ten or more.
    @inline(__always)
    private static func letters(_ nibbles: UInt64) -> UInt64 { nibbles & (nibbles << 1 | nibbles << 2) & highBits }

    /// All ones unless zero.
    @inline(__always)
    private static func isAny(_ bits: UInt64) -> UInt64 { Mask.differs(bits, 0) }

    /// Reads the clear field of a format, the PAN taken off it. `bad` is zero only if it is well formed; the word that
    /// comes back is a word in any case.
    @inline(__always)
    static func read(_ field: UInt64, format: PINBlockFormat, bad: inout UInt64) -> UInt64 {
        let count = (field >> 56) & 15
        let places = digitPlaces(count)
        let fill = fillPlaces & ~places
        bad |= Mask.differs(field >> 60, UInt64(format.rawValue))
        bad |= Mask.less(count, UInt64(ClearPIN.countMin)) | Mask.less(UInt64(ClearPIN.countMax), count)
        bad |= isAny(letters(field & places))
        switch format {
        case .format0, .format2: bad |= isAny(~field & fill)
        case .format1: break
        case .format3: bad |= isAny(~letters(field) & fill & highBits)
        case .format4: bad |= isAny((field ^ 0xAAAA_AAAA_AAAA_AAAA) & fill)
        }
        return count << 56 | (field & places)
    }

    /// The clear field of a format, the PAN not yet on it. For formats 1 and 3 `random` fills the places behind the PIN.
    @inline(__always)
    static func field(_ word: UInt64, format: PINBlockFormat, random: UInt64) -> UInt64 {
        let filler: UInt64 =
            switch format {
            case .format0, .format2: .max
            case .format1: random
            case .format3: letterFill(random)
            case .format4: 0xAAAA_AAAA_AAAA_AAAA
            }
        let fill = fillPlaces & ~digitPlaces((word >> 56) & 15)
        return UInt64(format.rawValue) << 60 | word | (filler & fill)
    }

    /// A letter A to F for each place, from a random word mixed with the place (SplitMix64's finaliser).
    private static func letterFill(_ random: UInt64) -> UInt64 {
        var fill: UInt64 = 0
        for index in 0..<14 {
            var word = random &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            let letter = 10 + (word ^ (word >> 31)).multipliedFullWidth(by: 6).high
            fill |= letter << UInt64(52 - 4 * index)
        }
        return fill
    }
}

extension PINBlockFormat {
    /// Whether the PAN is part of the block.
    var bindsPAN: Bool { self == .format0 || self == .format3 || self == .format4 }
    /// Whether places behind the PIN are random.
    var isRandomised: Bool { self == .format1 || self == .format3 || self == .format4 }
}

extension ClearPIN {
    /// The PIN as a word.
    @inline(__always)
    borrowing func withWord<R: ~Copyable>(_ body: (UInt64) -> R) -> R {
        block.withBytes { block in
            precondition(block[0] >= Self.countMin, "a PIN block that was refused left no PIN")
            var word = UInt64(block[0]) << 56
            for index in 0..<Self.countMax { word |= UInt64(block[index + 1]) << UInt64(52 - 4 * index) }
            return body(word)
        }
    }

    init(word: UInt64) {
        self.init { Self.write(word, into: $0) }
    }

    /// Puts another PIN in the place of this one; for a PIN that is used again and again as a place to write to.
    mutating func replace(by word: UInt64) { block.withMutableBytes { Self.write(word, into: $0) } }

    private static func write(_ word: UInt64, into block: UnsafeMutableRawBufferPointer) {
        block[0] = UInt8(truncatingIfNeeded: word >> 56) & 15
        for index in 0..<countMax { block[index + 1] = UInt8(truncatingIfNeeded: word >> UInt64(52 - 4 * index)) & 15 }
    }
}
