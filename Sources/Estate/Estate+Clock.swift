// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What happens because time goes by and for no other reason.
extension Estate {
    /// Without an authentic message for so long a terminal is missing (P03).
    public static let missingAfter = Interval.hours(24)
    /// Without a sale for so long its merchant is to be verified, and then it stops (A05).
    public static let dormantAfter = (verify: Interval.days(90), stop: Interval.days(365))
    /// An operator lock-out ends by itself (K07).
    public static let lockedFor = Interval.minutes(30)
    /// Terminals in one record; what is left comes with the next.
    public static let clockChangesMax = 512

    /// - Returns: nil when nothing is due.
    public func decideTick(now: Instant) -> EstateRecord? {
        var changes: [ClockChange] = []
        for (id, terminal) in zip(terminals.keys, terminals.values) {
            let change = due(id, terminal, now: now)
            if !change.isEmpty { changes.append(change) }
            if changes.count == Self.clockChangesMax { break }
        }
        return changes.isEmpty ? nil : .ticked(changes)
    }

    private func due(_ id: TerminalID, _ terminal: EstateTerminal, now: Instant) -> ClockChange {
        var change = ClockChange(id)
        guard [.active, .halted, .suspended, .maintenance].contains(terminal.lifecycle) else { return change }
        var found = promotions(terminal, now: now)
        if let seen = terminal.lastSeen, now - seen >= Self.missingAfter {
            found.append(RaisedWarning(.p03))
            if terminal.lease.map({ now >= end(of: $0) }) ?? true { found.append(RaisedWarning(.a02)) }
        }
        if let severity = dormancy(terminal, now: now) { found.append(RaisedWarning(.a05, severity)) }
        if let firmware = terminal.firmware {
            judge(.a03, outdated(firmware, terminal.device?.model ?? 0, now: now), terminal, &found, &change)
        }
        judge(.k03, keySetEnding(terminal.keySet, now: now), terminal, &found, &change)
        remind(terminal, now: now, &change)
        if let locked = terminal.warnings.first(where: { $0.code == .k07 && $0.severity == .s3 }),
            now - locked.graded >= Self.lockedFor
        {
            change.closed.append(.k07)
        }
        change.raised = Self.news(found.filter { !change.closed.contains($0.code) }, to: terminal)
        return change
    }

    /// Opens an advisory that has come, or ends one that is over. What has stopped the terminal ends by evidence alone.
    private func judge(
        _ code: WarningCode, _ severity: Severity?, _ terminal: EstateTerminal, _ found: inout [RaisedWarning],
        _ change: inout ClockChange
    ) {
        if let severity { return found.append(RaisedWarning(code, severity)) }
        // A counter that is nearly used up (K03) is the module's to tell; a key set with an end is the estate's.
        guard code == .a03 || policy.keySets[terminal.keySet] != nil,
            terminal.warnings.contains(where: { $0.code == code && $0.halts == .none })
        else { return }
        change.closed.append(code)
    }

    private func promotions(_ terminal: EstateTerminal, now: Instant) -> [RaisedWarning] {
        terminal.warnings.compactMap { warning in
            guard let next = OpenWarning.promotion(of: warning.raised), now - warning.graded >= next.after else {
                return nil
            }
            return RaisedWarning(warning.code, next.severity)
        }
    }

    private func dormancy(_ terminal: EstateTerminal, now: Instant) -> Severity? {
        guard let traded = terminal.lastTrade else { return nil }
        let idle = now - max(traded, terminal.dossier.verifiedAt ?? traded)
        if idle >= Self.dormantAfter.stop { return .s2 }
        return idle >= Self.dormantAfter.verify ? .s4 : nil
    }

    private func remind(_ terminal: EstateTerminal, now: Instant, _ change: inout ClockChange) {
        guard let end = policy.keySets[terminal.keySet],
            let warning = terminal.warnings.first(where: { $0.code == .k03 })
        else { return }
        let come = UInt8(Self.remindedDays.count { end - now <= .days($0) })
        if come > warning.reminders { change.reminders = come }
    }

    mutating func apply(_ change: ClockChange, at: Instant) {
        close(change.closed, on: change.terminal, at: at)
        raise(change.raised, on: change.terminal, at: at)
        guard let reminders = change.reminders else { return }
        self.change(change.terminal) { terminal in
            for index in terminal.warnings.indices where terminal.warnings[index].code == .k03 {
                terminal.warnings[index].reminders = reminders
            }
        }
    }
}

// MARK: - Leases in an outage (rule R14)

extension Estate {
    /// When a lease ends: on its day, or with the extension in force when that is later.
    public func end(of lease: Lease) -> Instant { max(lease.expires, policy.outage?.until ?? lease.expires) }
}
