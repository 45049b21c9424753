// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Foundation
import GRDB
import ModuleProtocol
import Vocabulary

/// What a line of a terminal's timeline says; its detail is codes, a person or a lifecycle.
public enum TimelineKind: String, CaseIterable, Sendable {
    case added, activationAsked, activationApproved, leaseGranted, signOnRefused, warningRaised, warningCleared
    case warningClosed, suspended, resumed, lifecycle, proposed, ordered, acted, reminded, swapRefused
}

extension Projection {
    /// The estate's records, with the same effects as `Estate.apply`.
    mutating func write(
        _ change: EstateRecord, _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        switch change {
        case .merchantAdded(let id, let merchant): try write(id, merchant, database)
        case .terminalAdded(let id, let terminal):
            try write(id, terminal, sequence, at, database)
        case .terminalRegistered(let id, var terminal):
            terminal.lifecycle = .manufactured
            try write(id, terminal, sequence, at, database)
        case .activationAsked(let id, let staff):
            try database.write(
                "UPDATE terminals SET activation_asked_by = ? WHERE id = ?", [staff.description, id.description])
            try Line.one(id, sequence, at, .activationAsked, staff.description, database)
        case .activationApproved(let id, let staff):
            try database.write(
                "UPDATE terminals SET activation_approved_by = ? WHERE id = ?", [staff.description, id.description])
            try Line.one(id, sequence, at, .activationApproved, staff.description, database)
        case .compatibilitySet(let range, let staff):
            try database.write(
                "INSERT OR REPLACE INTO compatibility (sequence, at, minimum, maximum, by) VALUES (?, ?, ?, ?, ?)",
                [
                    Int64(sequence), at.microseconds, range.minimum.description, range.maximum.description,
                    staff.description,
                ])
        case .leaseGranted(let usage, let lease, let evidence), .sessionGranted(let usage, let lease, let evidence, _):
            saw(usage.terminal, at)
            try grant(lease, evidence, to: usage.terminal, sequence, at, database)
        case .signOnRefused(let usage, let raised, let evidence):
            try heard(usage.terminal, at, database)
            if let evidence { try setSoftware(evidence, usage.terminal, database) }
            var line = Line(usage.terminal, sequence, at)
            try line.write(.signOnRefused, raised.codes.map(\.rawValue).joined(separator: ","), database)
            try raise(raised, &line, database)
        case .reported(let id, let usage, let raised, _):
            // Whoever shows a token need not be the terminal.
            if usage != nil { try heard(id, at, database) }
            var line = Line(id, sequence, at)
            try raise(raised, &line, database)
        case .logTaken(let taken):
            // Whoever shows a token need not be the terminal.
            if taken.usage != nil { try heard(taken.terminal, at, database) }
            try write(taken, sequence, at, database)
            var line = Line(taken.terminal, sequence, at)
            try raise(taken.raised, &line, database)
        case .warningCleared(let id, let code, let staff):
            try database.write(
                """
                UPDATE warnings SET cleared_by = iif(cleared_by = '', '', cleared_by || ',') || ?
                WHERE terminal = ? AND code = ? AND open = 1
                """, [staff.description, id.description, code.rawValue])
            try Line.one(id, sequence, at, .warningCleared, "\(code.rawValue),\(staff)", database)
        case .suspended(let id, let staff):
            var line = Line(id, sequence, at)
            try line.write(.suspended, staff.description, database)
            try move(.suspend, &line, database)
        case .resumed(let id, let staff):
            var line = Line(id, sequence, at)
            try line.write(.resumed, staff.description, database)
            // A warning that was open before the suspension still halts.
            let halts = try openWarnings(id, database).contains { Estate.halts($0.warning) == .all }
            try move(halts ? [.resume, .halt] : [.resume], &line, database)
        case .signedOn, .swapRefused, .proposed, .ordered, .acted, .ticked:
            try writeOrder(change, sequence, at, database)
        }
    }

    private func write(_ taken: LogTaken, _ sequence: UInt64, _ at: Instant, _ database: Database) throws {
        var (finding, place): (Int?, Int64?) = (nil, nil)
        if case .broken(let what, let index) = taken.outcome { (finding, place) = (Int(what.rawValue), Int64(index)) }
        try database.write(
            """
            INSERT INTO log_segments (terminal, sequence, at, finding, finding_index, segment)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                taken.terminal.description, Int64(sequence), at.microseconds, finding, place, Data(taken.segment),
            ])
    }

    private func write(_ id: MerchantID, _ merchant: Merchant, _ database: Database) throws {
        try database.write(
            "INSERT OR REPLACE INTO merchants (id, name, mcc, latitude, longitude) VALUES (?, ?, ?, ?, ?)",
            [
                Int64(id.number), merchant.name, Int(merchant.mcc.code), Int(merchant.place.latitude),
                Int(merchant.place.longitude),
            ])
    }

    private func write(
        _ id: TerminalID, _ terminal: EstateTerminal, _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO terminals
                (id, merchant, merchant_name, mcc, profile, lifecycle, currency, serial, key_set, epoch)
            SELECT ?, ?, coalesce(max(name), ''), coalesce(max(mcc), 0), ?, ?, ?, ?, ?, ? FROM merchants WHERE id = ?
            """,
            [
                id.description, Int64(terminal.merchant.number), Int(terminal.profile.rawValue),
                Int(terminal.lifecycle.rawValue), Int(terminal.currency.numeric), Int64(bitPattern: terminal.serial),
                Int(terminal.keySet), Int(terminal.identityEpoch), Int64(terminal.merchant.number),
            ])
        try setKeySet(terminal.keySet, id, at, database)
        try Line.one(id, sequence, at, .added, "", database)
    }

    func setSoftware(_ evidence: EvidenceClaims, _ id: TerminalID, _ database: Database) throws {
        // A device that was permitted takes the place of the one before.
        try database.write(
            """
            UPDATE terminals SET firmware = ?1, application = ?2,
                claimant = iif(permitted_serial = ?3 AND serial <> ?3, NULL, claimant),
                serial = iif(permitted_serial = ?3 AND serial <> ?3, ?3, serial),
                permitted_serial = iif(permitted_serial = ?3 AND serial <> ?3, NULL, permitted_serial)
            WHERE id = ?4
            """,
            [
                evidence.firmware.description, evidence.application.description, Int64(bitPattern: evidence.serial),
                id.description,
            ])
    }

    /// What is open, with who has cleared it.
    func openWarnings(
        _ id: TerminalID, _ database: Database
    ) throws -> [(warning: RaisedWarning, clearances: Int)] {
        let statement = try database.cachedStatement(
            sql: "SELECT code, severity, cleared_by FROM warnings WHERE terminal = ? AND open = 1")
        return try Row.fetchAll(statement, arguments: [id.description]).compactMap { row in
            guard let code = WarningCode(rawValue: row["code"]) else { return nil }
            let people: String = row["cleared_by"]
            let severity = UInt8(exactly: row["severity"] as Int64).flatMap(Severity.init(rawValue:))
            return (RaisedWarning(code, severity), people.split(separator: ",").count)
        }
    }

    private func grant(
        _ lease: Lease, _ evidence: EvidenceClaims, to id: TerminalID, _ sequence: UInt64, _ at: Instant,
        _ database: Database
    ) throws {
        var line = Line(id, sequence, at)
        for (warning, clearances) in try openWarnings(id, database) {
            // What does not halt and nobody has cleared stays; everything else the grant has settled.
            if warning.effect.halts == .none, !isCleared(warning, clearances) { continue }
            try close([warning.code], &line, database)
        }
        try grant(lease, evidence, &line, database)
    }

    /// What every accepted sign-on does beside what it closes and opens.
    func grant(_ lease: Lease, _ evidence: EvidenceClaims, _ line: inout Line, _ database: Database) throws {
        let before = try lifecycle(line.terminal, database)
        try database.write(
            "UPDATE terminals SET lease_id = ?, lease_expires = ? WHERE id = ?",
            [Int64(lease.id), lease.expires.microseconds, line.terminal.description])
        try setSoftware(evidence, line.terminal, database)
        try line.write(.leaseGranted, lease.expires.iso8601, database)
        if let event = before.flatMap({ Estate.event(ofGrantIn: $0) }) { try move(event, &line, database) }
    }

    /// Whoever is heard is not missing: before what the message itself opens.
    mutating func heard(_ id: TerminalID, _ at: Instant, _ database: Database) throws {
        saw(id, at)
        try endSearch(id, at, database)
    }

    func close(_ codes: [WarningCode], _ line: inout Line, _ database: Database) throws {
        for code in codes {
            try database.write(
                "UPDATE warnings SET open = 0, closed_at = ? WHERE terminal = ? AND code = ? AND open = 1",
                [line.at.microseconds, line.terminal.description, code.rawValue])
            if database.changesCount > 0 { try line.write(.warningClosed, code.rawValue, database) }
        }
    }

    private func isCleared(_ warning: RaisedWarning, _ clearances: Int) -> Bool {
        switch warning.code.clearance(at: warning.severity) {
        case .auto: true
        case .r1: clearances >= 1
        case .d2: clearances >= 2
        case .sc: false
        }
    }

    func raise(_ warnings: [RaisedWarning], _ line: inout Line, _ database: Database) throws {
        for warning in warnings {
            // The partial index lets a code be open once a terminal; what is open already changes to a graver severity only.
            try database.write(
                """
                INSERT INTO warnings (sequence, terminal, code, since, halts, severity, graded)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (terminal, code) WHERE open = 1 DO UPDATE
                SET severity = excluded.severity, halts = excluded.halts, graded = excluded.graded, cleared_by = ''
                WHERE excluded.severity < severity
                """,
                [
                    Int64(line.sequence), line.terminal.description, warning.code.rawValue, line.at.microseconds,
                    Int(Estate.halts(warning).rawValue), Int(warning.severity.rawValue), line.at.microseconds,
                ])
            if database.changesCount > 0 { try line.write(.warningRaised, warning.code.rawValue, database) }
        }
        if let event = Estate.lifecycleEvent(of: warnings) { try move(event, &line, database) }
    }

    func lifecycle(_ id: TerminalID, _ database: Database) throws -> Lifecycle? {
        let statement = try database.cachedStatement(sql: "SELECT lifecycle FROM terminals WHERE id = ?")
        return try Int.fetchOne(statement, arguments: [id.description]).flatMap { UInt8(exactly: $0) }
            .flatMap(Lifecycle.init(rawValue:))
    }

    func move(_ event: LifecycleEvent, _ line: inout Line, _ database: Database) throws {
        try move([event], &line, database)
    }

    /// Several moves of one record make one line: where they ended.
    func move(_ events: [LifecycleEvent], _ line: inout Line, _ database: Database) throws {
        guard let before = try lifecycle(line.terminal, database) else { return }
        let after = events.reduce(before) { Lifecycle.allows($0, $1) ?? $0 }
        guard after != before else { return }
        try database.write(
            "UPDATE terminals SET lifecycle = ? WHERE id = ?", [Int(after.rawValue), line.terminal.description])
        try line.write(.lifecycle, after.name, database)
    }
}

/// The lines one record adds to a terminal's timeline.
struct Line {
    let terminal: TerminalID
    let sequence: UInt64
    let at: Instant
    private var ordinal = 0

    init(_ terminal: TerminalID, _ sequence: UInt64, _ at: Instant) {
        self.terminal = terminal
        self.sequence = sequence
        self.at = at
    }

    mutating func write(_ kind: TimelineKind, _ detail: String, _ database: Database) throws {
        try database.write(
            """
            INSERT OR REPLACE INTO timeline (terminal, sequence, ordinal, at, kind, detail) VALUES (?, ?, ?, ?, ?, ?)
            """, [terminal.description, Int64(sequence), ordinal, at.microseconds, kind.rawValue, detail])
        ordinal += 1
    }

    /// For a record that adds one line only.
    static func one(
        _ terminal: TerminalID, _ sequence: UInt64, _ at: Instant, _ kind: TimelineKind, _ detail: String,
        _ database: Database
    ) throws {
        var line = Line(terminal, sequence, at)
        try line.write(kind, detail, database)
    }
}
