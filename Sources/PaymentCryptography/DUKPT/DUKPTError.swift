// SPDX-License-Identifier: Apache-2.0

/// Why DUKPT gave no key, or a working key did not do what was asked.
public enum DUKPTError: Error, Equatable, Sendable {
    /// The counter is zero, or has more one bits than the standard allows. It is refused, never repaired.
    case illegalCounter(UInt32)
    /// The device has used its last key.
    case exhausted
    /// The counter lies behind the device's; a used key does not come back.
    case counterBehind(UInt32, next: UInt32)
    /// The device's next counter has not been reserved durably.
    case notReserved
    /// Not a key length of the scheme; in bytes.
    case wrongKeyLength(Int)
    /// A derived key is never stronger than what it is derived from (X9.24-3:2017 6.2).
    case strongerThanParent(DUKPTKeyType)
    /// The usage has no keys of this type: HMAC keys make codes alone.
    case unsuitableType(DUKPTKeyType)
    /// The usage of the key does not permit this to its holder.
    case notPermitted
    /// The data is not whole blocks, or the initialisation vector not one block.
    case partialBlocks
    /// The KSN or the reservation belongs to another initial key.
    case foreignKSN
}
