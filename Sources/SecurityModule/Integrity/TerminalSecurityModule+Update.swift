// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Updates of the module's own software (A04). The loader asks `bootSlot` before each start.
extension TerminalSecurityModule {
    /// The slot that the loader starts next: the spare one while a version is tried, three times at most.
    public var bootSlot: SoftwareSlot { record.software.update.bootSlot }

    /// Says what the loader has written into the spare slot. Also while a warning is open: an update may be its cure.
    public mutating func stageUpdate(_ manifest: SoftwareManifest, now: Instant) throws(SoftwareRefusal) {
        guard record.latch == nil else { throw .tampered }
        let now = tick(now)
        guard manifest.component == .module else { throw .wrongComponent }
        guard record.software.update.trialStarts == nil else { throw .trialUnderWay }
        if let refusal = record.software.refusal(of: manifest) {
            countMisuse(now)
            flush()
            throw refusal
        }
        record.software.update.staged = manifest
        append(.updateStaged, actor: .application, detail: manifest.securityVersion, at: now)
        flush()
    }

    /// From the next start on the staged version is tried. It is committed by the first ticket that answers its evidence;
    /// a version that has none after three starts is rolled back.
    public mutating func tryUpdate(now: Instant) throws(SoftwareRefusal) {
        guard record.latch == nil else { throw .tampered }
        let now = tick(now)
        guard record.software.update.trialStarts == nil else { throw .trialUnderWay }
        guard record.software.update.staged != nil else { throw .nothingStaged }
        record.software.update.beginTrial()
        append(.updateTried, actor: .application, at: now)
        flush()
    }

    /// What a power-up means for an update under way.
    mutating func noteStart(_ now: Instant) {
        switch record.software.update.start() {
        case .ordinary: break
        case .rolledBack:
            append(.updateRolledBack, at: now)
            raise(.a04, now)
        case .neitherAttests: raise(.a04, severity: .s2, needsOrder: true, now)
        }
    }

    /// A host has accepted the evidence of what runs: a version that was tried stays, and an old one that was rolled back
    /// to is well.
    mutating func confirmSoftware(_ now: Instant) {
        let installed = record.software[.module]?.digest
        guard let confirmed = record.software.update.confirm(measuredDigest(.module), installed: installed) else {
            return
        }
        record.software.take(confirmed)
        append(.updateCommitted, detail: confirmed.securityVersion, at: now)
    }
}
