// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

extension Estate {
    /// The second half of a sign-on: evidence over a nonce of this host.
    /// - Parameters:
    ///   - nonces: those that a hello of this terminal would have been given lately. They follow from the number of its
    ///     leases, so that evidence that has earned one is stale for ever (invariant I10).
    ///   - reported: what the POS application reports beside its module's evidence (DE 60).
    /// - Returns: `.signedOn`, `.swapRefused` for a device that was not permitted, or `.signOnRefused` with every reason
    ///   as a warning.
    public func decideSignOn(
        _ id: TerminalID, usage: TerminalUsage, evidence: EvidenceClaims?, nonces: [[UInt8]],
        reported: [WarningCode] = [], now: Instant
    ) -> EstateRecord {
        guard let terminal = terminals[id], let evidence, nonces.contains(evidence.nonce) else {
            return .signOnRefused(usage, raised: [], nil)
        }
        guard evidence.serial == terminal.serial || evidence.serial == terminal.dossier.permit?.serial else {
            return .swapRefused(usage, serial: evidence.serial)
        }
        guard evidence.identityEpoch == terminal.identityEpoch, evidence.keySet == terminal.keySet,
            evidence.profile == terminal.profile
        else { return .signOnRefused(usage, raised: [RaisedWarning(.t03)], nil) }
        if let fault = Self.identityFault(terminal, evidence) {
            return .signOnRefused(usage, raised: [RaisedWarning(fault)], nil)
        }
        let causes = causes(terminal, evidence, now: now)
        let facts = SignOnFacts(terminal: terminal, evidence: evidence, reported: reported, causes: causes)
        let stopping = stopping(facts)
        let isBlocked = terminal.warnings.contains { $0.halts != .none && !mayClose($0, facts) }
        guard stopping.isEmpty, !isBlocked, Self.maySignOn(terminal, evidence) else {
            return .signOnRefused(usage, raised: stopping, evidence)
        }
        return grant(facts, usage, now: now)
    }

    /// The identity key that evidence told of first stays the device's: evidence that names another one is of another module
    /// under its keys (L02), and what names none any more is not what this module gives (T03). A permitted swap and a new
    /// identity of the service centre bring a new key.
    private static func identityFault(_ terminal: EstateTerminal, _ evidence: EvidenceClaims) -> WarningCode? {
        let known = terminal.dossier.identityKey
        guard !known.isEmpty, evidence.serial == terminal.serial else { return nil }
        guard let identity = evidence.identity else { return .t03 }
        return identity.key == known ? nil : .l02
    }

    /// Why there is no lease: what the evidence shows, and what the module claims and nothing takes from it.
    private func stopping(_ facts: SignOnFacts) -> [RaisedWarning] {
        var raised = facts.causes.filter { Self.halts($0) != .none }
        for warning in facts.evidence.openWarnings
        where Self.halts(warning) != .none && !mayClear(warning.code, facts) && !raised.contains(warning.code) {
            raised.append(warning)
        }
        return raised
    }

    private static func maySignOn(_ terminal: EstateTerminal, _ evidence: EvidenceClaims) -> Bool {
        switch terminal.lifecycle {
        case .active, .halted: true
        case .commissioned: mayActivate(terminal, evidence)
        case .maintenance: terminal.dossier.isMaintenanceOver
        default: false
        }
    }

    private func grant(_ facts: SignOnFacts, _ usage: TerminalUsage, now: Instant) -> EstateRecord {
        let terminal = facts.terminal
        let lease = Lease(
            id: terminal.leaseCount &+ 1, expires: max(now + Self.leaseDuration, policy.outage?.until ?? now))
        var signedOn = SignedOn(usage: usage, lease: lease, evidence: facts.evidence)
        let advisories = Self.news(facts.causes, to: terminal)
        signedOn.closed = terminal.warnings.filter { warning in
            mayClose(warning, facts) && !facts.causes.contains(warning.code)
        }.map(\.code)
        signedOn.raised = advisories
        guard terminal.profile.isSession else { return .signedOn(signedOn) }
        guard let session = terminal.session.next else {
            return .signOnRefused(usage, raised: [RaisedWarning(.k03, .s2)], facts.evidence)
        }
        signedOn.session = session
        return .signedOn(signedOn)
    }
}
