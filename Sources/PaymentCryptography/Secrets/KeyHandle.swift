// SPDX-License-Identifier: Apache-2.0

/// A key in a `KeyArena`: its slot, and how often the slot had been given out before. A handle whose key is gone names
/// nothing, also when the slot holds another key.
public struct KeyHandle: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
}

/// What an arena keeps beside a key.
public struct StoredKeyAttributes: Equatable, Sendable {
    /// What the key is for; nil for keys that are in no key block, and leave in none.
    public let attributes: KeyAttributes?
    /// In bytes.
    public let byteCount: Int
    /// Nil where it does not follow from the length.
    public let strength: KeyStrength?
    /// Nil for keys that have none.
    public let checkValue: KeyCheckValue?
}

/// Why an arena does not take a key.
public enum KeyArenaError: Error, Equatable, Sendable {
    /// Every slot is in use; how many there are.
    case full(Int)
    /// More bytes than a slot has.
    case tooLong(Int)
}
