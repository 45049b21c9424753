// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol

/// A place in the module's key memory.
public enum KeySlot: UInt8, CaseIterable, Comparable, Sendable {
    /// The future key registers of DUKPT: the terminal's financial keys.
    case dukpt = 1
    /// The key of the health element and the evidence.
    case health = 2
    /// The key that lease tickets are verified with.
    case lease = 3
    /// The terminal master key of a session profile.
    case master = 4
    /// The keys of its session: missing ones are no fault, they ask for a sign-on.
    case session = 5

    /// The slots that a module of this profile cannot be without, its financial key first.
    static func required(_ profile: KeyProfile) -> [KeySlot] { [financial(profile), .health, .lease] }

    /// The slot that the terminal's financial keys begin with.
    static func financial(_ profile: KeyProfile) -> KeySlot { profile.isSession ? .master : .dukpt }

    /// The slots whose key has a check value, in the order of `ModuleRecord.checkValues`.
    static func checked(_ profile: KeyProfile) -> [KeySlot] {
        profile.isSession ? [.health, .lease, .master] : [.health, .lease]
    }

    public static func < (left: KeySlot, right: KeySlot) -> Bool { left.rawValue < right.rawValue }
}
