// SPDX-License-Identifier: Apache-2.0

/// A place in the module's key memory.
public enum KeySlot: UInt8, CaseIterable, Comparable, Sendable {
    /// The future key registers of DUKPT: the terminal's financial keys.
    case dukpt = 1
    /// The key of the health element and the evidence.
    case health = 2
    /// The key that lease tickets are verified with.
    case lease = 3

    public static func < (left: KeySlot, right: KeySlot) -> Bool { left.rawValue < right.rawValue }
}

/// One known-answer test of the module's algorithm unit.
public enum KnownAnswerTest: UInt8, CaseIterable, Comparable, Sendable {
    case tdes = 1
    case aes = 2
    case cmac = 3
    case sha256 = 4
    case tdesDUKPT = 5
    case aesDUKPT = 6

    public static func < (left: KnownAnswerTest, right: KnownAnswerTest) -> Bool { left.rawValue < right.rawValue }
}
