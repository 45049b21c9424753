// SPDX-License-Identifier: Apache-2.0

/// What the catalogue says about one code: for the desk, the console and the documentation.
public struct WarningEntry: Sendable {
    /// The code itself.
    public let code: WarningCode
    /// What the warning is called.
    public let title: Phrase
    /// What is seen when the warning is raised.
    public let sign: Phrase
    /// The class of its cause.
    public let causeClass: CauseClass
    /// The sides that raise it.
    public let detectedBy: [Detector]
    /// The severity of a raise that says nothing more.
    public let severity: Severity
    /// Every severity the code can have, mildest first: what promotes a warning is the next level's `when` and `after`.
    public let levels: [WarningLevel]
    /// The other code it turns into when it is left alone.
    public let becomes: WarningSuccession?
    /// Who clears it, as a rule.
    public let clearance: Clearance
    /// The way out when `clearance` is not open, as the condition says.
    public let otherwise: Clearance?
    /// Under which condition it is cleared, and by whom.
    public let clearanceCondition: Phrase
    /// The steps of this code alone, without the opening that its severity prescribes.
    public let steps: [RunbookStep]

    /// Warning or advisory, at the code's own severity.
    public var kind: WarningKind { severity.kind }

    /// The whole runbook at the code's own severity.
    public var runbook: [RunbookStep] { runbook(at: severity) }

    /// The whole runbook at one severity. At S1 and S2 it begins with: stop, send the cardholder to another terminal,
    /// report, never repair it yourself.
    public func runbook(at severity: Severity) -> [RunbookStep] {
        WarningCatalogue.opening(severity) + steps
    }

    /// Whether this kind of clearance may clear the code at one severity.
    ///
    /// Erased keys leave no way but the service centre. Once promoted above its own severity a warning has no
    /// easier way out than before.
    public func mayClear(by clearance: Clearance, at severity: Severity) -> Bool {
        if code.clearance(at: severity) == clearance { return true }
        guard clearance == otherwise, code.level(at: severity).zeroises != .all else { return false }
        return !severity.isGraver(than: self.severity) || clearance.rawValue > self.clearance.rawValue
    }
}
