// SPDX-License-Identifier: Apache-2.0

extension WarningCode {
    /// Everything the catalogue says about the code.
    public var entry: WarningEntry { WarningCatalogue.entries[position] }

    /// The severity of a raise that says nothing more.
    ///
    /// A code can have further levels (S03 warns at 20 hours as S4 and stops at 24 as S2): what an open warning
    /// stops follows from the severity it was raised with, by `level(at:)`.
    public var severity: Severity { WarningCatalogue.facts[position].severity }

    /// What it stops at its own `severity`.
    public var halts: Halt { level(at: severity).halts }

    /// What it erases at its own `severity`.
    public var zeroises: Zeroisation { level(at: severity).zeroises }

    /// Who clears it at its own `severity`.
    public var clearance: Clearance { clearance(at: severity) }

    /// What the code does at one severity. A severity the catalogue does not list for the code does what that severity
    /// means at least (S1 and S2 stop everything, S3 new sales) and erases nothing: erasing needs a listed reason.
    public func level(at severity: Severity) -> WarningLevel.Effect {
        WarningCatalogue.facts[position].effects[severity]
    }

    /// Who clears it at one severity: a module that erased everything leaves only by the service centre.
    public func clearance(at severity: Severity) -> Clearance {
        level(at: severity).zeroises == .all ? .sc : WarningCatalogue.facts[position].clearance
    }
}
