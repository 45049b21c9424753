// SPDX-License-Identifier: Apache-2.0

/// Counters that a device has set aside, and the record that makes it so: a counter must be durable before its key is
/// used, or a power cut brings the key back.
///
/// 1. `device.reserve(64, under: storageKey)` gives this, and no key yet.
/// 2. The caller stores `record` in the place of the one before, and waits until that is durable.
/// 3. `device.confirm(stored:)` takes this value, which nobody else can make: now 64 keys may come out.
///
/// A device that is restored from the record goes on behind all of them, and has to reserve again. What a power cut
/// leaves unused is lost.
public struct DUKPTReservation: ~Copyable, Sendable {
    /// The most counters of one reservation.
    public static let countMax = 1 << 16

    /// The device's state behind the counters, encrypted and authenticated.
    public let record: [UInt8]
    /// The counter with which a device restored from the record goes on; past the last one when none is left.
    public let counter: UInt64
    let initialKeyID: UInt64

    init(ahead: borrowing FutureKeyRegisters, initialKeyID: UInt64, under key: borrowing SecretKey, label: StaticString)
    {
        record = ahead.sealed(under: key, initialKeyID: initialKeyID, label: label)
        counter = ahead.next
        self.initialKeyID = initialKeyID
    }
}
