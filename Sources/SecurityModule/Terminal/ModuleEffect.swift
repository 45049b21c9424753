// SPDX-License-Identifier: Apache-2.0

/// What a shell does for the module after a call, in this order, and before it lets the call's reply out.
public enum ModuleEffect: Equatable, Sendable {
    /// Replaces the stored image.
    case store(image: [UInt8])
    /// Nothing after it happens before everything ahead of it is durable.
    case barrier
    /// Raises the monotonic counter of the hardware, durably (`EmulatedHardware.raiseCounter(to:)`).
    case raiseCounter(UInt64)
    /// Destroys the storage key: the module has been tampered with.
    case eraseStorageKey
}
