// SPDX-License-Identifier: Apache-2.0

/// Why DUKPT gave no key.
public enum DUKPTError: Error, Equatable, Sendable {
    /// The counter is zero, or has more one bits than the standard allows. It is refused, never repaired.
    case illegalCounter(UInt32)
    /// The device has used its last key.
    case exhausted
    /// The counter lies behind the device's; a used key does not come back.
    case counterBehind(UInt32, next: UInt32)
    /// Not a key length of the scheme; in bytes.
    case wrongKeyLength(Int)
    /// The KSN belongs to another initial key.
    case foreignKSN
}
