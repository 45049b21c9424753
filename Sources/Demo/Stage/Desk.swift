// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What the estate desk knows of a terminal.
struct DeskView {
    struct Warning {
        var code: String
        var title: String
        var clearance: String
        var clearedBy: [String]
    }

    var lifecycle: String
    var state: String
    var why: String
    var open: [String]
    /// Open and closed ones, the newest first.
    var warnings: [Warning]
    var hasLease: Bool

    init(_ json: JSON) {
        let terminal = json["terminal"] ?? .null
        lifecycle = terminal["lifecycle"]?.string ?? ""
        state = terminal["state"]?.string ?? ""
        why = terminal["why"]?.string ?? ""
        open = terminal["openWarnings"]?.array?.compactMap(\.string) ?? []
        hasLease = terminal["leaseExpires"]?.string != nil
        warnings = (json["warnings"]?.array ?? []).map { warning in
            Warning(
                code: warning["code"]?.string ?? "", title: warning["title"]?.string ?? "",
                clearance: warning["clearance"]?.string ?? "",
                clearedBy: warning["clearedBy"]?.array?.compactMap(\.string) ?? [])
        }
    }

    var isTrading: Bool { state == "ableToTrade" }

    var summary: String { "\(lifecycle), \(state), open \(open.isEmpty ? "none" : open.joined(separator: " "))" }
}

/// A case of the issuer's desk.
struct CaseView {
    var id: Int64
    var reference: String
    var state: String
    var rules: [String]
    var account: Int64
    var isDispute: Bool

    init(_ json: JSON) {
        id = json["id"]?.integer ?? 0
        reference = json["reference"]?.string ?? ""
        state = json["state"]?.string ?? ""
        rules = json["rules"]?.array?.compactMap(\.string) ?? []
        account = json["account"]?.integer ?? 0
        isDispute = json["dispute"]?.bool ?? false
    }
}

extension Visitor {
    func terminal(_ till: Till) throws -> DeskView { DeskView(try json("/api/terminals/\(till.id)")) }

    func cases() throws -> [CaseView] { (try json("/api/cases")["cases"]?.array ?? []).map(CaseView.init) }

    func fraudCase(_ id: Int64) throws -> CaseView { CaseView(try json("/api/cases/\(id)")["case"] ?? .null) }

    /// Minor units.
    func available(_ account: Int) throws -> Int64 {
        try json("/api/accounts/\(account)")["available"]?["minorUnits"]?.integer ?? -1
    }

    func isFrozen(_ account: Int) throws -> Bool { try json("/api/accounts/\(account)")["frozen"]?.bool ?? false }
}

extension Stage {
    /// Waits until the desk has an open warning of this terminal.
    /// - Parameter mayBeOver: whether one that has been closed again counts too; only where there was none before.
    @discardableResult
    func deskHears(
        _ code: String, of till: Till, _ visitor: Visitor, seconds: Int = 12, mayBeOver: Bool = false
    ) throws -> DeskView {
        var last = ""
        let view = try wait(for: "\(code) of \(till.id) at the desk", seconds: seconds, seen: { last }) {
            let view = try visitor.terminal(till)
            last = view.summary
            let isOver = mayBeOver && view.warnings.contains { $0.code == code }
            return isOver || view.open.contains(code) ? view : nil
        }
        came("desk: \(till.id) is \(view.summary)")
        return view
    }

    /// Waits for an open case of an account for a rule.
    func openCase(_ account: Int, rule: String, _ analyst: Visitor) throws -> CaseView {
        let found = try wait(for: "an open case for \(rule)") {
            try analyst.cases().first { $0.account == Int64(account) && $0.rules.contains(rule) && $0.state == "open" }
        }
        came("desk: case \(found.reference), rule \(found.rules.joined(separator: " "))")
        return found
    }
}
