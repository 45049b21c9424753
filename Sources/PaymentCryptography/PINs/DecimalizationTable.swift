// SPDX-License-Identifier: Apache-2.0

/// Why a decimalization table is not to be used.
public enum DecimalizationTableError: Error, Equatable, Sendable {
    /// Not sixteen decimal digits.
    case notSixteenDigits
    /// Fewer than eight different digits, or one more than four times: such tables give PINs away, try by try.
    case weak
}

/// A decimalization table that passed its check: registered when the system is set up, never a field of a request.
public struct DecimalizationTable: Hashable, Sendable {
    /// Sixteen nibbles, the entry of 0 highest.
    let packed: UInt64

    /// `0123456789012345`, the usual one.
    public static let standard = DecimalizationTable(packed: 0x0123_4567_8901_2345)

    private init(packed: UInt64) { self.packed = packed }

    /// - Parameter digits: what the hexadecimal digits 0 to F become.
    public init(_ digits: some StringProtocol) throws(DecimalizationTableError) {
        guard let table = DecimalizationTable(unregistered: digits) else { throw .notSixteenDigits }
        var uses = [Int](repeating: 0, count: 10)
        for nibble in UInt64(0)..<16 { uses[Int(table.digit(nibble))] += 1 }
        guard uses.filter({ $0 > 0 }).count >= 8, uses.allSatisfy({ $0 <= 4 }) else { throw .weak }
        self = table
    }

    /// A table that nobody checked, for calculators with test keys and known answers.
    ///
    /// - Returns: nil unless sixteen decimal digits.
    package init?(unregistered digits: some StringProtocol) {
        guard digits.utf8.count == 16 else { return nil }
        var packed: UInt64 = 0
        for digit in digits.utf8 {
            guard (0x30...0x39).contains(digit) else { return nil }
            packed = packed << 4 | UInt64(digit - 0x30)
        }
        self.packed = packed
    }

    /// By shift, not by a look-up in memory.
    @inline(__always)
    func digit(_ nibble: UInt64) -> UInt64 { (packed >> (60 &- 4 &* nibble)) & 15 }
}
