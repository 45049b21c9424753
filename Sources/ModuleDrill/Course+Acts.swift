// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Demo
import Dispatch
import Foundation
import Vocabulary

/// What scenarios do.
extension Course {
    func pass(hours: Int64, minutes: Int64 = 0) { clock.pass(hours * 3_600 + minutes * 60) }

    /// - Throws: `Unmet` when it has not come.
    func wait(
        for expected: String, seconds: Int = 30, every milliseconds: Int = 250, _ look: () throws -> Bool
    ) throws {
        let came: Bool? = try Wait.until(seconds: seconds, every: milliseconds) { try look() ? true : nil }
        guard came != nil else { throw Unmet(expected: "\(expected) within \(seconds) s", seen: "nothing of it") }
    }

    /// What the estate desk knows of the terminal.
    func desk() throws -> DeskPage { DeskPage(try people["oper1"].json("/api\(page)")) }

    /// New keys of the next set: two custodians, and a technician who loads them.
    func issueKeys() throws {
        advanceKeySet()
        try people.order(
            "\(page)/orders/issueKeys", ["keySet": .integer(Int64(keySet))], by: "cust1", and: "cust2")
        try till.ask("load")
    }

    func inspect(finding: [String]) throws {
        try people["tech1"].does(
            "\(page)/acts/inspect", ["finding": .array(finding.map { .string($0) }), "photo": "photo.jpg"])
    }

    /// The supplier's word on which boards are supported.
    func importMatrix() throws {
        try people.order("/estate/orders/trustSupplier", ["key": .string(matrix.supplier)], by: "oper1", and: "oper2")
        try people["oper1"].does("/estate/acts/importMatrix", ["matrix": .string(matrix.text)])
    }
}

/// A terminal's page at the estate desk.
struct DeskPage {
    private struct Warning {
        var code: String
        var severity: String
        var clearedBy: [String]
    }

    let state: String
    let open: [String]
    /// Open and closed ones, the newest first.
    private let warnings: [Warning]

    init(_ json: JSON) {
        state = json["terminal"]?["state"]?.string ?? ""
        open = json["terminal"]?["openWarnings"]?.array?.compactMap(\.string) ?? []
        warnings = (json["warnings"]?.array ?? []).map { warning in
            Warning(
                code: warning["code"]?.string ?? "", severity: warning["severity"]?.string ?? "",
                clearedBy: warning["clearedBy"]?.array?.compactMap { $0.string?.lowercased() } ?? [])
        }
    }

    private func latest(_ code: WarningCode) -> Warning? { warnings.first { $0.code == code.rawValue } }
    func severity(of code: WarningCode) -> String? { latest(code)?.severity }
    func clearedBy(_ code: WarningCode) -> [String] { latest(code)?.clearedBy ?? [] }
}

/// The machine's clocks.
enum Time {
    static func now() -> Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
    /// From an arbitrary start.
    static func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
}
