// SPDX-License-Identifier: Apache-2.0

/// The lines of the module's keypad, four rows and four columns, as a scan finds them while nobody presses a key.
public struct KeypadLines: Equatable, Sendable {
    static let rows = 4
    static let columns = 4

    /// Crossings that are closed all the same: bit `4 × row + column`.
    public var stuckKeys: UInt16 = 0
    /// Lines that are broken: rows in bits 0–3, columns in bits 4–7.
    public var brokenLines: UInt8 = 0

    public init() {}

    /// What the columns read while one row is driven, one bit each.
    private func columns(driving row: Int) -> UInt16 {
        guard brokenLines & 1 << UInt8(row) == 0 else { return 0 }
        return stuckKeys >> UInt16(Self.columns * row) & 0xF
    }

    /// Whether a line comes back when it is driven by itself.
    private func comesBack(_ line: Int) -> Bool { brokenLines & 1 << UInt8(line) == 0 }

    /// Drives each row and reads the columns, then each line by itself.
    ///
    /// - Returns: whether no key reads as pressed and every line comes back.
    func scan() -> Bool {
        (0..<Self.rows).allSatisfy { columns(driving: $0) == 0 }
            && (0..<Self.rows + Self.columns).allSatisfy(comesBack)
    }
}
