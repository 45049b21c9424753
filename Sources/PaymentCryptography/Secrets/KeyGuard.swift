// SPDX-License-Identifier: Apache-2.0

/// Why a key is not to be loaded.
public enum KeyStrengthError: Error, Equatable, Sendable {
    /// Not a length of the algorithm; in bytes. Single-length DES is among these.
    case wrongLength(Int)
    /// One byte repeated, or one hexadecimal digit, in the key or in a part of it: a default, a sample or an unset key.
    case repeatedByte
    /// Two parts of a TDES key are equal, which undoes its length.
    case equalParts
    /// A part is one of the weak or semi-weak DES keys (NIST SP 800-67r2 3.3.2).
    case weakDESKey
}

/// What every key passes before it is loaded.
public enum KeyGuard {
    /// What a caller may let pass, each by name.
    public struct Exceptions: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Three parts of which the first and the last are equal: a double-length key written out.
        public static let doubleLengthInTriple = Exceptions(rawValue: 1)
    }

    /// Refuses keys of a wrong length, of one repeated digit or byte, with equal TDES parts, and with a part that is
    /// repeated or weak by itself. Parity bits are not counted. Of algorithms whose keys have no fixed lengths only the
    /// repetition is looked at.
    public static func check(
        _ key: borrowing SecretKey, for algorithm: KeyAlgorithm, allowing exceptions: Exceptions = []
    ) throws(KeyStrengthError) {
        try check(UnsafeRawBufferPointer(start: key.base, count: key.count), for: algorithm, allowing: exceptions)
    }

    static func check(
        _ key: UnsafeRawBufferPointer, for algorithm: KeyAlgorithm, allowing exceptions: Exceptions = []
    ) throws(KeyStrengthError) {
        guard algorithm != .des, algorithm.takes(byteCount: key.count) != false else { throw .wrongLength(key.count) }
        if algorithm == .tdes {
            try checkParts(key, allowing: exceptions)
        } else if isRepeated(key) {
            throw .repeatedByte
        }
    }

    /// Each eight bytes of a TDES key by itself, and against the others.
    private static func checkParts(
        _ key: UnsafeRawBufferPointer, allowing exceptions: Exceptions
    ) throws(KeyStrengthError) {
        let (first, second) = (part(key, 0), part(key, 1))
        let third = key.count == 24 ? part(key, 2) : nil
        if isRepeated(first), first == second, third == nil || second == third { throw .repeatedByte }
        if first == second || second == third { throw .equalParts }
        if first == third, !exceptions.contains(.doubleLengthInTriple) { throw .equalParts }
        for index in 0..<key.count / 8 {
            let part = part(key, index)
            if isWeak(part) { throw .weakDESKey }
            if isRepeated(part) { throw .repeatedByte }
        }
    }

    /// The key bits of a part, its parity bits zero.
    private static func part(_ key: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        key.word(at: 8 * index) & 0xFEFE_FEFE_FEFE_FEFE
    }

    private static func isRepeated(_ part: UInt64) -> Bool { part == part >> 56 &* 0x0101_0101_0101_0101 }

    /// Whether every byte is the first one.
    private static func isRepeated(_ key: UnsafeRawBufferPointer) -> Bool {
        guard let first = key.first else { return true }
        let word = UInt64(first) &* 0x0101_0101_0101_0101
        var difference: UInt64 = 0
        for offset in stride(from: 0, to: key.count & ~7, by: 8) { difference |= key.word(at: offset) ^ word }
        for byte in key[(key.count & ~7)...] { difference |= UInt64(byte ^ first) }
        return difference == 0
    }

    /// Whether a part is among the four weak and twelve semi-weak keys (SP 800-67r2 3.3.2), which are two columns
    /// `a b a b c d c d` by turns: `a … c` and `b … d` each one of 00…00, FE…FE, E0…F0 and 1E…0E without the parity
    /// bits. In a time that does not depend on which key it is.
    private static func isWeak(_ part: UInt64) -> Bool {
        let byTurns = (part ^ part >> 16) & 0x0000_FFFF_0000_FFFF
        let left = part >> 48 & 0xFF00 | part >> 24 & 0xFF
        let right = part >> 40 & 0xFF00 | part >> 16 & 0xFF
        return byTurns | differsFromWeak(left) | differsFromWeak(right) == 0
    }

    /// 0 for a column of a weak key. Four factors of 16 bits: zero when one of them is, and never by overflow.
    private static func differsFromWeak(_ column: UInt64) -> UInt64 {
        column &* (column ^ 0xFEFE) &* (column ^ 0xE0F0) &* (column ^ 0x1E0E)
    }
}
