// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Everything that one sign-on is judged by.
struct SignOnFacts {
    var terminal: EstateTerminal
    var evidence: EvidenceClaims
    /// What the POS application reports with its sign-on (DE 60).
    var reported: [WarningCode]
    /// What the evidence itself shows to be wrong.
    var causes: [RaisedWarning]
}

/// When evidence ends a warning: people have cleared it where the catalogue asks for people, and the fact that proves it
/// over is there.
extension Estate {
    func mayClose(_ warning: OpenWarning, _ facts: SignOnFacts) -> Bool {
        if warning.code == .a01, Self.mayActivate(facts.terminal, facts.evidence) { return true }
        // The application says itself whether its fault is over. One that it does not call over takes an operator.
        if warning.code == .p02, facts.reported.contains(.p02), warning.clearedBy.isEmpty { return false }
        return warning.isCleared && isProved(warning.code, since: warning.since, facts)
    }

    /// Whether a warning that the module claims may be taken from it, open here or not.
    func mayClear(_ code: WarningCode, _ facts: SignOnFacts) -> Bool {
        if let warning = facts.terminal.warnings.first(where: { $0.code == code }) { return mayClose(warning, facts) }
        if code == .a01 { return Self.mayActivate(facts.terminal, facts.evidence) }
        return code.clearance == .auto && isProved(code, since: .epoch, facts)
    }

    /// The fact that a warning's end takes. Of those not named, the evidence itself is the fact: version (C02, A03), age
    /// of the self-test (S03), position (T04), digest (T03), keys (K02), binding (A05) are judged anew each time, the
    /// lease that is granted ends A02, the session that begins K06, the module that answers L01.
    private func isProved(_ code: WarningCode, since: Instant, _ facts: SignOnFacts) -> Bool {
        guard !facts.causes.contains(where: { $0.code == code && Self.halts($0) != .none }) else { return false }
        let claimed = facts.evidence.openWarnings.first { $0.code == code }
        let dossier = facts.terminal.dossier
        switch code {
        // What only the module can see is over when the module no longer claims it, and not before.
        case _ where WarningCode.endedByModuleProof.contains(code): return claimed == nil
        // The ticket that ends it acknowledges the log.
        case .s05:
            let uncollected = dossier.log.uncollected(facts.evidence)
            if claimed == nil || uncollected.map({ $0 < Self.logRecordsOfRoom }) ?? false { return true }
            // The advisory stays while it is claimed; a stop is over when no more than the advisory is.
            return claimed?.effect.halts == Halt.none
                && facts.terminal.warnings.contains { $0.code == code && $0.halts != .none }
        case .k03: return claimed.map { $0.effect.halts == .none } ?? true
        case .p04: return !facts.reported.contains(.p04)
        case .k01, .l02: return dossier.keysIssuedAt.map { $0 >= since } ?? false
        case .t06: return dossier.inspection.map { $0.isClean && $0.at > since } ?? false
        default: return true
        }
    }

    /// Two people have agreed, and the module has never been in service: accepted evidence activates, and does so again
    /// when the answer with the first ticket was lost. A module that was in service never says COMMISSIONED again.
    static func mayActivate(_ terminal: EstateTerminal, _ evidence: EvidenceClaims) -> Bool {
        guard terminal.activationApprovedBy != nil else { return false }
        return terminal.lifecycle == .commissioned || evidence.lifecycle == .commissioned
    }
}
