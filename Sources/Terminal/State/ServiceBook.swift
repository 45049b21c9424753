// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// A warning that the terminal has raised itself. It is in the journal: switching the terminal off clears nothing.
struct OwnWarning: Equatable, Sendable {
    var code: WarningCode
    var severity: Severity
    /// Since when it is open at this severity: what its promotion counts from.
    var since: Instant
    /// The host must name it in a ticket; the end of its cause is not enough.
    var needsOrder: Bool

    var raised: RaisedWarning { RaisedWarning(code, severity) }

    /// The severity that time brings (`WarningLevel.after`), once it has; nil before, and where no time does.
    func promotion(at now: Instant) -> Severity? {
        for level in code.entry.levels where level.severity.isGraver(than: severity) {
            if let after = level.after, now - since >= after { return level.severity }
        }
        return nil
    }
}

/// The module that belongs to this terminal: the one that the host has accepted in it.
struct Pairing: Equatable, Sendable {
    var serial: UInt64
    var identityEpoch: UInt16
}

/// What the terminal keeps of its own condition.
struct ServiceBook: Equatable, Sendable {
    /// As many unclean starts within `crashWindow` raise P02 [D].
    static let uncleanStartsMax = 3
    static let crashWindow: Interval = .minutes(10)
    /// A fault that is back within this time of a new loading of the parameters is graver (P02) [D].
    static let reloadWindow: Interval = .days(1)

    /// In the order in which they were raised.
    var warnings: [OwnWarning] = []
    /// Started and not stopped.
    var isRunning = false
    /// The last starts that found the one before not stopped, oldest first.
    var uncleanStarts: [Instant] = []
    /// What the terminal was set up with (`TerminalConfiguration.parameters`); nil before the first start.
    var parameters: [UInt8]?
    /// When parameters were last loaded in the place of others.
    var reloadedAt: Instant?
    /// Nil before the first accepted lease.
    var pairing: Pairing?

    func warning(_ code: WarningCode) -> OwnWarning? { warnings.first { $0.code == code } }

    /// - Returns: false, and nothing has changed, for a record that cannot follow those before it.
    mutating func apply(_ record: ServiceRecord) -> Bool {
        switch record {
        case .started(let at):
            if isRunning { uncleanStarts = uncleanStarts.suffix(Self.uncleanStartsMax - 1) + [at] }
            isRunning = true
        case .stopped:
            guard isRunning else { return false }
            isRunning = false
        case .raised(let warning):
            if let index = warnings.firstIndex(where: { $0.code == warning.code }) {
                warnings[index] = warning
            } else {
                warnings.append(warning)
            }
        case .cleared(let code):
            guard let index = warnings.firstIndex(where: { $0.code == code }) else { return false }
            warnings.remove(at: index)
            if code == .p02 { uncleanStarts = [] }
        case .parameters(let bytes, let at):
            if parameters != nil { reloadedAt = at }
            parameters = bytes
        case .paired(let pairing): self.pairing = pairing
        }
        return true
    }

    /// Whether the terminal has crashed too often of late.
    func isCrashLooping(at now: Instant) -> Bool {
        uncleanStarts.count { now - $0 < Self.crashWindow } >= Self.uncleanStartsMax
    }
}
