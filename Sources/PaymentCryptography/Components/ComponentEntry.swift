// SPDX-License-Identifier: Apache-2.0

/// A component as a custodian types it at a keypad: its hexadecimal digits, then the first six of its check value, in a
/// wiped block.
public struct ComponentEntry: ~Copyable, Sendable {
    /// The digits of a check value.
    public static let checkDigits = 6

    private let keyCount: Int
    /// A digit a byte.
    private var digits: SecretKey
    /// Digits typed.
    public private(set) var count = 0

    /// - Parameter keyCount: the bytes of the component.
    public init(keyCount: Int) {
        self.keyCount = keyCount
        digits = SecretKey(count: 2 * keyCount + Self.checkDigits) { _ in }
    }

    public var isComplete: Bool { count == digits.count }

    /// Types a digit 0–15; anything else, and what comes after the last, is ignored.
    public mutating func press(_ digit: UInt8) {
        guard digit <= 15, !isComplete else { return }
        digits.withMutableBytes { $0[count] = digit }
        count += 1
    }

    /// Forgets everything typed.
    public mutating func clear() { self = ComponentEntry(keyCount: keyCount) }

    /// The component.
    ///
    /// - Returns: nil before the last digit.
    public borrowing func component() -> SecretKey? {
        guard isComplete else { return nil }
        return digits.withBytes { digits in
            SecretKey(count: keyCount) { key in
                for index in 0..<key.count { key[index] = digits[2 * index] << 4 | digits[2 * index + 1] }
            }
        }
    }

    /// Its check value as it was typed, three bytes; empty before the last digit.
    public var checkValue: [UInt8] {
        guard isComplete else { return [] }
        return digits.withBytes { digits in
            stride(from: 2 * keyCount, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
    }
}
