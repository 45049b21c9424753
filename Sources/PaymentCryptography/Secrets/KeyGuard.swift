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
        let letter = algorithm.letter
        guard letter != UInt8(ascii: "D"), algorithm.takes(byteCount: key.count) != false else {
            throw .wrongLength(key.count)
        }
        let isTDES = letter == UInt8(ascii: "T")
        try checkRepetition(key, mask: isTDES ? 0xFE : 0xFF)
        if isTDES { try checkParts(key, allowing: exceptions) }
    }

    /// Each eight bytes of a TDES key by itself, and against the others.
    private static func checkParts(
        _ key: UnsafeRawBufferPointer, allowing exceptions: Exceptions
    ) throws(KeyStrengthError) {
        let (first, second) = (part(key, 0), part(key, 1))
        let third = key.count == 24 ? part(key, 2) : nil
        if first == second || second == third { throw .equalParts }
        if first == third, !exceptions.contains(.doubleLengthInTriple) { throw .equalParts }
        for index in 0..<key.count / 8 {
            if isWeak(part(key, index)) { throw .weakDESKey }
            try checkRepetition(UnsafeRawBufferPointer(rebasing: key[8 * index..<8 * index + 8]), mask: 0xFE)
        }
    }

    /// The key bits of a part, its parity bits zero.
    private static func part(_ key: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        key.word(at: 8 * index) & 0xFEFE_FEFE_FEFE_FEFE
    }

    /// - Parameter mask: the bits of a byte that count.
    private static func checkRepetition(_ key: UnsafeRawBufferPointer, mask: UInt8) throws(KeyStrengthError) {
        var difference: UInt8 = 0
        for byte in key { difference |= (byte ^ key[0]) & mask }
        if difference == 0 { throw .repeatedByte }
    }

    /// In a time that does not depend on which key it is.
    private static func isWeak(_ part: UInt64) -> Bool {
        var found: UInt64 = 0
        for index in weakKeys.indices { found |= ~Mask.differs(part, weakKeys[index]) }
        return found != 0
    }

    /// The four weak and twelve semi-weak keys (SP 800-67r2 3.3.2), their parity bits zero.
    private static let weakKeys: [16 of UInt64] = [
        0x0000_0000_0000_0000, 0xFEFE_FEFE_FEFE_FEFE, 0xE0E0_E0E0_F0F0_F0F0, 0x1E1E_1E1E_0E0E_0E0E,
        0x00FE_00FE_00FE_00FE, 0xFE00_FE00_FE00_FE00, 0x1EE0_1EE0_0EF0_0EF0, 0xE01E_E01E_F00E_F00E,
        0x00E0_00E0_00F0_00F0, 0xE000_E000_F000_F000, 0x1EFE_1EFE_0EFE_0EFE, 0xFE1E_FE1E_FE0E_FE0E,
        0x001E_001E_000E_000E, 0x1E00_1E00_0E00_0E00, 0xE0FE_E0FE_F0FE_F0FE, 0xFEE0_FEE0_FEF0_FEF0,
    ]
}
