// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// Loads keys again into a module whose keys were lost or zeroised (runbooks of H03, H04, K01, K02). The warning
    /// itself stays until the estate clears it.
    ///
    /// - Throws: why they are not taken. That counts as misuse (S04), and nothing else has changed.
    public mutating func loadKeys(
        _ provisioning: borrowing ModuleProvisioning, now: Instant
    ) throws(KeyLoadRefusal) {
        guard record.latch == nil else { throw .notForThisModule }
        let now = tick(now)
        defer { flush() }
        do throws(KeyLoadRefusal) {
            try checkLoading(provisioning)
            try install(provisioning, now)
        } catch {
            countMisuse(now)
            throw error
        }
        append(.keysLoaded, actor: .technician, at: now)
    }

    /// As `loadKeys(_:now:)`.
    ///
    /// - Returns: whether they were taken.
    public mutating func load(_ provisioning: borrowing ModuleProvisioning, now: Instant) -> Bool {
        do { try loadKeys(provisioning, now: now) } catch { return false }
        return true
    }

    /// What custodians have brought, and a transport that is under way, are forgotten.
    mutating func endKeyLoading() {
        ceremony = KeyLoadingCeremony()
        transport = KeyTransport()
    }

    private func checkLoading(_ provisioning: borrowing ModuleProvisioning) throws(KeyLoadRefusal) {
        let (keys, own) = (provisioning.keys, record.keys)
        guard provisioning.serial == record.serial, keys.terminal == own.terminal,
            keys.profile == own.profile, keys.identityEpoch == own.identityEpoch
        else { throw .notForThisModule }
        guard !record.revokedKeySets.contains(keys.keySet) else { throw .revoked }
        guard KeySlot.required(own.profile).allSatisfy({ hardware.holds($0) }) else { throw .memory }
        guard keys.keySet != own.keySet || UInt64(provisioning.firstCounter) >= record.storedCounter else {
            throw .counter
        }
    }

    /// Every block is opened before anything is replaced.
    mutating func install(_ provisioning: borrowing ModuleProvisioning, _ now: Instant) throws(KeyLoadRefusal) {
        let health = try provisioning.key(.health)
        let lease = try provisioning.key(.lease)
        let records = try RecordKeys(provisioning)
        try installFinancialKey(provisioning)
        record.storedCounter = 0
        keys.health = health.copy()
        keys.lease = lease.copy()
        record.keys = provisioning.keys
        if let hostKey = provisioning.hostKey { install(records, hostKey, now) }
        record.checkValues = KeySlot.checked(record.keys.profile).map { keys.checkValue($0) ?? [] }
        record.financialKeysZeroised = false
        corruptSlots.removeAll()
        transaction = nil
        previousSession = nil
        isDirty = true
    }

    /// The records' first keys, once an identity: chains that have begun go on under a new key set. One of epochs that has
    /// been lost goes on behind the log's own.
    private mutating func install(_ records: borrowing RecordKeys, _ hostKey: P256PublicKey, _ now: Instant) {
        _ = records.auditRoot.borrowed { root in
            guard !holdsAuditKeys else { return }
            var epochs = ForwardMAC(firstKey: root)
            if epochs.advance(to: UInt64(record.audit.identity.epoch) + 1) { keys.auditEpochs = consume epochs }
        }
        // From the first keys on every record has a code: what happens on the way to the shop too.
        if record.audit.identity.epoch == 0 { beginLogEpoch(now) }
        guard record.hostKey == nil else { return }
        _ = records.journal.borrowed { first in
            record.hostKey = hostKey
            keys.journal = try? SealedJournal(record.journalIdentity, hostKey: hostKey, firstKey: first)
        }
        restJournal()
    }

    private var holdsAuditKeys: Bool { keys.auditEpochs.borrowed { _ in true } ?? false }

    /// The future keys of DUKPT, or a TMK whose session keys are to come with the first sign-on.
    private mutating func installFinancialKey(_ provisioning: borrowing ModuleProvisioning) throws(KeyLoadRefusal) {
        let profile = provisioning.keys.profile
        let initialKey = try provisioning.key(.initial)
        guard profile.isSession else {
            guard
                let device = TransactionKeyDevice.make(
                    initialKey: initialKey, ksn: KSNLayout.initialKSN(of: provisioning.keys),
                    firstCounter: provisioning.firstCounter)
            else { throw .counter }
            keys.dukpt = consume device
            return
        }
        guard provisioning.firstCounter > 0 else { throw .counter }
        guard let master = TerminalMasterKey(initialKey, profile: profile) else { throw .unsuitable(.initial) }
        keys.master = consume master
        keys.session = nil
        // The health counter does what the KSN's does: what the host has seen is not used again.
        record.healthCounter = max(record.healthCounter, provisioning.firstCounter - 1)
    }
}

/// The first keys of audit log and sealed journal; both or none.
private struct RecordKeys: ~Copyable {
    var auditRoot: SecretKey?
    var journal: SecretKey?

    init(_ provisioning: borrowing ModuleProvisioning) throws(KeyLoadRefusal) {
        guard provisioning.hostKey != nil else {
            auditRoot = nil
            journal = nil
            return
        }
        auditRoot = try provisioning.key(.auditRoot)
        journal = try provisioning.key(.journal)
    }
}
