// SPDX-License-Identifier: Apache-2.0

/// The digits of a primary account number (ISO/IEC 7812-1) as PIN functions take them: 1 to 19, packed, whatever their
/// check digit. It prints masked.
public struct PANDigits: Hashable, Sendable {
    /// The fewest digits.
    public static let countMin = 1
    /// The most digits.
    public static let countMax = 19

    /// One digit a nibble, the last digit lowest.
    let packed: UInt128

    /// The number of digits.
    public let count: Int

    /// - Returns: nil for fewer than 1 or more than 19 bytes, or anything but ASCII digits.
    public init?(ascii digits: some Collection<UInt8>) {
        guard (Self.countMin...Self.countMax).contains(digits.count) else { return nil }
        var packed: UInt128 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            packed = packed << 4 | UInt128(digit - 0x30)
        }
        self.packed = packed
        self.count = digits.count
    }

    /// - Returns: nil for fewer than 1 or more than 19 characters, or anything but digits.
    public init?(_ text: some StringProtocol) { self.init(ascii: text.utf8) }

    /// The digits in ASCII.
    public var ascii: [UInt8] { (0..<count).map { 0x30 | digit($0) } }

    /// The first six (BIN) and the last four digits, stars between; below 13 digits the last four alone, below 8 none.
    public var masked: String {
        let first = count >= 13 ? 6 : 0
        let last = count >= 8 ? 4 : 0
        let text = (0..<count).map { index in
            index < first || index >= count - last ? 0x30 | digit(index) : UInt8(ascii: "*")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether the last digit is the check digit of the others (ISO/IEC 7812-1 Annex B).
    public var hasValidCheckDigit: Bool {
        var sum = 0
        for position in 0..<count {
            let digit = Int(digit(count - 1 - position))
            sum += position % 2 == 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)
        }
        return sum % 10 == 0
    }

    @inline(__always)
    private func digit(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: packed >> UInt128(4 * (count - 1 - index))) & 15
    }

    /// The last `count` digits before the check digit, a nibble each; zeros where the number is shorter.
    @inline(__always)
    func rightmost(_ count: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: packed >> 4) & ((1 << UInt64(4 * count)) - 1)
    }

    @inline(__always)
    func writeASCII(into output: UnsafeMutableRawBufferPointer) -> Int {
        for index in 0..<count { output[index] = 0x30 | digit(index) }
        return count
    }
}

extension PANDigits: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { masked }
    public var debugDescription: String { masked }
    /// Empty, so that `dump` and failed expectations show no digits either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
