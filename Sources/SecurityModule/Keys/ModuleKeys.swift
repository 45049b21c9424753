// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// The secrets of a terminal's module. Letting one go wipes it.
struct ModuleKeys: ~Copyable, Sendable {
    /// DUKPT profiles.
    var dukpt: TransactionKeyDevice?
    /// Session profiles: the TMK.
    var master: TerminalMasterKey?
    /// Session profiles: from a sign-on to the next; nil until the first and after K06.
    var session: SessionKeys?
    var health: SecretKey?
    var lease: SecretKey?
    /// Seals the stored image.
    var storage: SecretKey?
    /// The one-time token that tampering releases (rule R7).
    var deathToken: SecretKey?
    /// The keys of the audit log's epochs to come, and of the records of this one.
    var auditEpochs: ForwardMAC?
    var auditChain: ForwardMAC?
    var journal: SealedJournal?
    /// Signs evidence and checkpoints; made by the module itself.
    var identity: P256PrivateKey?

    init(storage: borrowing SecretKey) {
        dukpt = nil
        master = nil
        health = nil
        lease = nil
        self.storage = storage.copy()
        deathToken = nil
        auditEpochs = nil
        auditChain = nil
        journal = nil
        identity = nil
    }

    /// Without any secret.
    init() {
        dukpt = nil
        master = nil
        health = nil
        lease = nil
        storage = nil
        deathToken = nil
        auditEpochs = nil
        auditChain = nil
        journal = nil
        identity = nil
    }

    func holds(_ slot: KeySlot) -> Bool {
        switch slot {
        case .dukpt: dukpt != nil
        case .health: health != nil
        case .lease: lease != nil
        case .master: master != nil
        case .session: session != nil
        }
    }

    mutating func zeroise(_ slot: KeySlot) {
        switch slot {
        case .dukpt: dukpt = nil
        case .health: health = nil
        case .lease: lease = nil
        case .master: master = nil
        case .session: session = nil
        }
    }

    /// Everything, the identity's public part being no secret.
    mutating func zeroiseAll() { self = ModuleKeys() }

    /// The check value by which the store knows its key again; nil for an empty slot. DUKPT registers change with
    /// each use and have none: their counter is checked instead. Session keys are checked when they come, and stored under
    /// one seal with their TMK.
    func checkValue(_ slot: KeySlot) -> [UInt8]? {
        switch slot {
        case .dukpt, .session: nil
        case .master: master.borrowed { $0.checkValue }
        case .health: health.borrowed { KCV.aes($0) }
        case .lease: lease.borrowed { KCV.aes($0) }
        }
    }
}
