// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// The secrets of a terminal's module. Letting one go wipes it.
struct ModuleKeys: ~Copyable, Sendable {
    var dukpt: TransactionKeyDevice?
    var health: SecretKey?
    var lease: SecretKey?
    /// Seals the stored image.
    var storage: SecretKey?
    /// The one-time token that tampering releases (rule R7).
    var deathToken: SecretKey?

    init(storage: borrowing SecretKey) {
        dukpt = nil
        health = nil
        lease = nil
        self.storage = storage.copy()
        deathToken = nil
    }

    /// Without any secret.
    init() {
        dukpt = nil
        health = nil
        lease = nil
        storage = nil
        deathToken = nil
    }

    func holds(_ slot: KeySlot) -> Bool {
        switch slot {
        case .dukpt: dukpt != nil
        case .health: health != nil
        case .lease: lease != nil
        }
    }

    mutating func zeroise(_ slot: KeySlot) {
        switch slot {
        case .dukpt: dukpt = nil
        case .health: health = nil
        case .lease: lease = nil
        }
    }

    /// Everything, the identity's public part being no secret.
    mutating func zeroiseAll() { self = ModuleKeys() }

    /// The check value by which the store knows its key again; nil for an empty slot. DUKPT registers change with
    /// each use and have none: their counter is checked instead.
    func checkValue(_ slot: KeySlot) -> [UInt8]? {
        switch slot {
        case .dukpt: nil
        case .health: health.borrowed { KCV.aes($0) }
        case .lease: lease.borrowed { KCV.aes($0) }
        }
    }
}
