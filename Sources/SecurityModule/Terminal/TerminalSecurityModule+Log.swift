// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The module's audit log at work.
extension TerminalSecurityModule {
    /// Writes a record. Every 32 of them get a signed checkpoint; a log that fills up says so, and a full one stops the
    /// module (S05).
    mutating func append(
        _ event: AuditEvent, warning: WarningCode? = nil, actor: AuditActor = .module, detail: UInt32 = 0,
        at now: Instant
    ) {
        record.audit.append(
            event, warning: warning, actor: actor, eventCounter: record.eventCounter, detail: detail, at: now,
            with: &keys.auditChain)
        isDirty = true
        if record.audit.isCheckpointDue { signCheckpoint() }
        switch record.audit.fill {
        case .roomy: break
        case .filling: raise(.s05, severity: .s4, now)
        case .full: raise(.s05, severity: .s2, now)
        }
    }

    /// Signs the head of now.
    mutating func signCheckpoint() {
        let digest = record.audit.checkpointDigest
        guard let signature = keys.identity.borrowed({ try? $0.deterministicSignature(ofDigest: digest) }) ?? nil else {
            return
        }
        record.audit.addCheckpoint(signature: signature)
        isDirty = true
    }

    /// Records from a number on; nothing of a log that has begun no epoch.
    func collectLog(from index: UInt32, _ bytesMax: Int, _ now: Instant) -> TerminalModuleReply {
        guard bytesMax >= LogSegment.roomMin else { return refused(.badRequest, now) }
        guard record.audit.identity.epoch > 0 else { return .log(segment: [], through: 0, isLast: true) }
        let segment = record.audit.collect(from: index, bytesMax: bytesMax)
        let last = segment.entries.last?.record.index ?? segment.start.index
        return .log(
            segment: segment.entries.isEmpty ? [] : segment.encoded(), through: last,
            isLast: last == record.audit.position.index)
    }

    /// Frees what the host has, and ends S05 if there is room again: the ticket itself is the proof.
    mutating func acknowledgeLog(through index: UInt32, _ now: Instant) {
        guard record.audit.acknowledge(through: index) > 0 else { return }
        isDirty = true
        let left = record.audit.fill
        guard let open = record.openWarnings.first(where: { $0.code == .s05 }),
            left == .roomy || (left == .filling && open.severity != .s4)
        else { return }
        // The record of it raises the advisory again where that is still due.
        clear(.s05, actor: .host, now)
    }

    /// Begins the next epoch, if there are keys for one.
    mutating func beginLogEpoch(_ now: Instant) {
        let begun = record.audit.beginNextEpoch(
            serial: record.serial, eventCounter: record.eventCounter, at: now, epochs: &keys.auditEpochs,
            chain: &keys.auditChain)
        if begun { isDirty = true }
    }

    /// The log has begun an epoch and the keys of its records did not come back: what is written has no code.
    var isLogBroken: Bool {
        record.latch == nil && record.audit.identity.epoch > 0 && keys.auditChain.borrowed { _ in false } ?? true
    }
}
