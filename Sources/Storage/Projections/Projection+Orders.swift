// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import GRDB
import ModuleProtocol
import Vocabulary

extension Projection {
    /// The estate's records that say themselves what they change.
    mutating func writeOrder(
        _ change: EstateRecord, _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        switch change {
        case .signedOn(let signedOn):
            let id = signedOn.usage.terminal
            try heard(id, at, database)
            var line = Line(id, sequence, at)
            try close(signedOn.closed, &line, database)
            if signedOn.closed.contains(.t05) { try set("claimant", nil as Int64?, id, database) }
            try grant(signedOn.lease, signedOn.evidence, &line, database)
            try raise(signedOn.raised, &line, database)
        case .swapRefused(let usage, let serial):
            try heard(usage.terminal, at, database)
            try set("claimant", Int64(bitPattern: serial), usage.terminal, database)
            var line = Line(usage.terminal, sequence, at)
            try line.write(.swapRefused, Hex.text(serial), database)
            try raise([RaisedWarning(.t05)], &line, database)
        case .proposed(let order, let staff): try propose(order, staff, sequence, at, database)
        case .ordered(let order, let people): try write(order, people, sequence, at, database)
        case .acted(let act, let staff): try write(act, staff, sequence, at, database)
        case .ticked(let changes):
            for change in changes {
                var line = Line(change.terminal, sequence, at)
                try close(change.closed, &line, database)
                try raise(change.raised, &line, database)
                if change.reminders != nil { try line.write(.reminded, WarningCode.k03.rawValue, database) }
            }
        default: break
        }
    }

    private func propose(
        _ order: EstateOrder, _ staff: StaffID, _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        try database.write(
            "INSERT OR REPLACE INTO proposals (terminal, kind, detail, by, at) VALUES (?, ?, ?, ?, ?)",
            [order.terminal?.description ?? "", "\(order.kind)", order.detail, staff.description, at.microseconds])
        guard let id = order.terminal else { return }
        try Line.one(id, sequence, at, .proposed, "\(order.kind),\(staff)", database)
    }

    private func write(
        _ order: EstateOrder, _ people: [StaffID], _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        try database.write(
            "DELETE FROM proposals WHERE terminal = ? AND kind = ? AND detail = ?",
            [order.terminal?.description ?? "", "\(order.kind)", order.detail])
        let names = people.map(\.description).joined(separator: ",")
        guard let id = order.terminal else {
            return try writeEstateWide(order, names, sequence, at, database)
        }
        var line = Line(id, sequence, at)
        try line.write(.ordered, "\(order.kind),\(names)", database)
        for code in order.cleared {
            try database.write(
                "UPDATE warnings SET cleared_by = ? WHERE terminal = ? AND code = ? AND open = 1",
                [names, id.description, code.rawValue])
        }
        if let lifecycle = try lifecycle(id, database) {
            try move(order.events(from: lifecycle), &line, database)
        }
        try apply(order, names, &line, database)
        try raise(order.raised, &line, database)
    }

    private func apply(_ order: EstateOrder, _ names: String, _ line: inout Line, _ database: Database) throws {
        let id = line.terminal
        switch order {
        case .receive: try set("shipment", nil as String?, id, database)
        case .issueKeys(_, let keySet): try setKeySet(keySet, id, line.at, database)
        case .permitSwap(_, let serial): try set("permitted_serial", Int64(bitPattern: serial), id, database)
        case .erase(_, let code): try set("erasure", code.rawValue, id, database)
        case .takeIntoServiceCentre:
            try set("custody", names, id, database)
            try set("lease_expires", nil as Int64?, id, database)
        case .reidentify(_, let serial, let keySet):
            try close(try openWarnings(id, database).map(\.warning.code), &line, database)
            try database.write(
                """
                UPDATE terminals SET epoch = epoch + 1, serial = ?, activation_asked_by = NULL,
                    activation_approved_by = NULL, shipment = NULL, custody = NULL, permitted_serial = NULL,
                    claimant = NULL, erasure = NULL, inspected_at = NULL, inspected_by = NULL, findings = NULL,
                    photo = NULL, firmware = NULL, application = NULL
                WHERE id = ?
                """, [Int64(bitPattern: serial), id.description])
            try setKeySet(keySet, id, line.at, database)
        case .retire: try set("lease_expires", nil as Int64?, id, database)
        case .loadInitialKeys, .revokeKeySet, .extendLeases, .trustSupplier: break
        }
    }

    /// Orders about every terminal, or every one of a key set.
    private func writeEstateWide(
        _ order: EstateOrder, _ names: String, _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        var name = "\(order.kind)"
        if case .revokeKeySet(let keySet, _) = order {
            name += ".\(keySet)"
            let statement = try database.cachedStatement(
                sql: "SELECT id FROM terminals WHERE key_set = ? AND lifecycle <> ?")
            let ids = try String.fetchAll(
                statement, arguments: [Int(keySet), Int(Lifecycle.decommissioned.rawValue)])
            for id in ids.compactMap({ TerminalID($0) }) {
                var line = Line(id, sequence, at)
                try line.write(.ordered, "\(order.kind),\(names)", database)
                try raise(order.raised, &line, database)
            }
        }
        try stand(name, order.detail, names, at, database)
    }

    private func write(
        _ act: EstateAct, _ staff: StaffID, _ sequence: UInt64, _ at: Instant, _ database: Database
    ) throws {
        if let name = act.standingName { return try stand(name, act.detail, staff.description, at, database) }
        guard let id = act.terminal else { return }
        var line = Line(id, sequence, at)
        try line.write(.acted, "\(act.kind),\(staff)", database)
        if let event = act.event { try move(event, &line, database) }
        switch act {
        case .ship(_, let seal): try set("shipment", seal, id, database)
        case .reportLost: try set("lease_expires", nil as Int64?, id, database)
        case .inspect(_, let findings, let photo):
            try database.write(
                "UPDATE terminals SET inspected_at = ?, inspected_by = ?, findings = ?, photo = ? WHERE id = ?",
                [
                    at.microseconds, staff.description, findings.map { "\($0)" }.joined(separator: ","), photo,
                    id.description,
                ])
        default: break
        }
        try raise(act.raised, &line, database)
    }

    /// From now on the terminal has this key set, and no lease until it has attested under it.
    func setKeySet(_ keySet: UInt16, _ id: TerminalID, _ at: Instant, _ database: Database) throws {
        try database.write(
            "UPDATE key_sets SET until = ? WHERE terminal = ? AND until IS NULL", [at.microseconds, id.description])
        try database.write(
            "INSERT OR REPLACE INTO key_sets (terminal, key_set, since) VALUES (?, ?, ?)",
            [id.description, Int(keySet), at.microseconds])
        try database.write(
            "UPDATE terminals SET key_set = ?, lease_expires = NULL WHERE id = ?", [Int(keySet), id.description])
    }

    /// - Parameter column: a name of the schema, never what somebody typed.
    private func set(
        _ column: String, _ value: (some DatabaseValueConvertible)?, _ id: TerminalID, _ database: Database
    ) throws {
        try database.write("UPDATE terminals SET \(column) = ? WHERE id = ?", [value, id.description])
    }

    private func stand(
        _ name: String, _ detail: String, _ by: String, _ at: Instant, _ database: Database
    ) throws {
        try database.write(
            "INSERT OR REPLACE INTO standing (name, detail, by, at) VALUES (?, ?, ?, ?)",
            [name, detail, by, at.microseconds])
    }
}
