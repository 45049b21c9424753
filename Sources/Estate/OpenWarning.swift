// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// An open warning of one terminal.
public struct OpenWarning: Equatable, Sendable {
    public var code: WarningCode
    public var severity: Severity
    public var since: Instant
    /// Since when it is open at this severity: what its promotion counts from.
    public var graded: Instant
    /// It came again so soon that the proof which ended it before is not believed any more.
    public var isRepeated = false
    /// How many of the days before an end it has reminded at (K03).
    public var reminders: UInt8 = 0
    /// Who has cleared it so far: one for R1, two for D2. It still halts until the module has proved itself.
    public var clearedBy: [StaffID] = []

    public init(_ warning: RaisedWarning, since: Instant) {
        (code, severity) = (warning.code, warning.severity)
        (self.since, graded) = (since, since)
    }

    public var raised: RaisedWarning { RaisedWarning(code, severity) }
    /// What it stops of this terminal.
    public var halts: Halt { Estate.halts(raised) }

    /// Who clears it at its severity: what came back too soon, or grew graver, takes the catalogue's other way where that
    /// one asks for more.
    public var clearance: Clearance {
        let rule = code.clearance(at: severity)
        guard let other = code.entry.otherwise, isRepeated || severity.isGraver(than: code.severity),
            other.rawValue > rule.rawValue
        else { return rule }
        return other
    }

    /// Whether enough people have cleared it; never for what the service centre alone may clear.
    public var isCleared: Bool {
        switch clearance {
        case .auto: true
        case .r1, .d2: clearedBy.count >= clearance.peopleNeeded
        case .sc: false
        }
    }

    /// Who may clear it at the desk; nil for what ends by proof alone. A POS fault that the application cannot show to be
    /// over (P02 after a crash loop) takes an operator, although one that it can ends by itself.
    public var deskClearance: Clearance? {
        switch clearance {
        case .auto: code == .p02 ? code.entry.otherwise : nil
        case .r1, .d2, .sc: clearance
        }
    }

    /// When the clock makes it graver; nil where no time does.
    public var deadline: Instant? { Self.deadline(of: raised, graded: graded) }

    /// When the clock makes a warning graver that is open at its severity since then.
    public static func deadline(of warning: RaisedWarning, graded: Instant) -> Instant? {
        promotion(of: warning).map { graded + $0.after }
    }

    /// The next severity that time brings.
    static func promotion(of warning: RaisedWarning) -> (severity: Severity, after: Interval)? {
        for level in warning.code.entry.levels where level.severity.isGraver(than: warning.severity) {
            if let after = level.after { return (level.severity, after) }
        }
        return nil
    }
}
