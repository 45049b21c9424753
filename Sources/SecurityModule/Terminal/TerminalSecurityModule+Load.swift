// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// Loads keys again into a module whose keys were lost or zeroised (runbooks of H03, H04, K01, K02). The warning
    /// itself stays until the estate clears it.
    ///
    /// - Returns: false, with nothing changed, for a module that has been tampered with; for the keys of another
    ///   terminal, module or identity; for a key set that was revoked; into memory that is broken; and for registers that
    ///   would use a transaction counter again.
    public mutating func load(_ provisioning: borrowing ModuleProvisioning, now: Instant) -> Bool {
        let now = tick(now)
        guard record.latch == nil, provisioning.serial == record.serial,
            provisioning.keys.terminal == record.keys.terminal, provisioning.keys.profile == record.keys.profile,
            provisioning.keys.identityEpoch == record.keys.identityEpoch,
            !record.revokedKeySets.contains(provisioning.keys.keySet),
            KeySlot.required(record.keys.profile).allSatisfy({ hardware.holds($0) }),
            provisioning.keys.keySet != record.keys.keySet || UInt64(provisioning.firstCounter) >= record.storedCounter,
            install(provisioning)
        else { return false }
        append(.keysLoaded, at: now)
        flush()
        return true
    }

    mutating func install(_ provisioning: borrowing ModuleProvisioning) -> Bool {
        guard installFinancialKey(provisioning) else { return false }
        record.storedCounter = 0
        keys.health = provisioning.healthKey.copy()
        keys.lease = provisioning.leaseKey.copy()
        record.keys = provisioning.keys
        _ = provisioning.records.borrowed { installRecords($0) }
        record.checkValues = KeySlot.checked(record.keys.profile).map { keys.checkValue($0) ?? [] }
        record.financialKeysZeroised = false
        corruptSlots.removeAll()
        transaction = nil
        previousSession = nil
        isDirty = true
        return true
    }

    /// The records' first keys, once an identity: chains that have begun go on under a new key set.
    private mutating func installRecords(_ keys: borrowing RecordKeys) {
        if !holdsAuditKeys { self.keys.auditEpochs = ForwardMAC(firstKey: keys.auditRoot) }
        guard record.hostKey == nil else { return }
        record.hostKey = keys.hostKey
        self.keys.journal = try? SealedJournal(
            record.journalIdentity, hostKey: keys.hostKey, firstKey: keys.journal)
        restJournal()
    }

    private var holdsAuditKeys: Bool { keys.auditEpochs.borrowed { _ in true } ?? false }

    /// The future keys of DUKPT, or a TMK whose session keys are to come with the first sign-on.
    private mutating func installFinancialKey(_ provisioning: borrowing ModuleProvisioning) -> Bool {
        let profile = provisioning.keys.profile
        guard profile.isSession else {
            guard
                let device = TransactionKeyDevice.make(
                    initialKey: provisioning.initialKey, ksn: KSNLayout.initialKSN(of: provisioning.keys),
                    firstCounter: provisioning.firstCounter)
            else { return false }
            keys.dukpt = consume device
            return true
        }
        guard provisioning.firstCounter > 0,
            let master = TerminalMasterKey(provisioning.initialKey, profile: profile)
        else { return false }
        keys.master = consume master
        keys.session = nil
        // The health counter does what the KSN's does: what the host has seen is not used again.
        record.healthCounter = max(record.healthCounter, provisioning.firstCounter - 1)
        return true
    }
}
