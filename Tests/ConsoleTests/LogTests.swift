// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Foundation
import Host
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

@testable import Console

/// The page of a module's collected audit log, over one that was written once and kept.
struct LogTests {
    private func segments() throws -> [[UInt8]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let vector = try Data(contentsOf: root.appending(path: "Vectors/module/audit_log.json"))
        let log = try JSON(parsing: [UInt8](vector))["log"]?.string
        let bytes = try #require(log.flatMap { Hex.bytes($0) })
        return try AuditFile(decoding: bytes).segments.map { $0.encoded() }
    }

    private func taken(_ segment: [UInt8], _ outcome: LogTaken.Outcome, _ house: House) throws {
        let log = LogTaken(
            terminal: terminalID("T1"), usage: try house.bank.usage("T1"), segment: segment, outcome: outcome)
        try house.bank.commit(.estate(.logTaken(log)))
    }

    @Test("What was collected is shown to the bank's people in their language, the latest first, and to nobody else")
    func page() async throws {
        try await House.with { house in
            let technician = try house.client("tech1", .technician)
            #expect(try await technician.get("/terminals/T1").body.contains("/terminals/T1/log"))
            let empty = try await technician.get("/terminals/T1/log")
            #expect(empty.status == 200 && empty.body.contains(ConsoleTexts.text("auditNone", .en)))
            for segment in try segments() { try taken(segment, .accepted(.none), house) }
            let page = try await technician.get("/terminals/T1/log").body
            #expect(page.contains(ConsoleTexts.text("audit_logBegun", .en)))
            #expect(!page.contains(ConsoleTexts.text("auditNone", .en)))
            let records = try segments().flatMap { try LogSegment(decoding: $0).entries.map(\.record.index) }
            let rows = page.components(separatedBy: "<tr><td class=\"number\">").dropFirst()
                .compactMap { UInt32($0.prefix { $0.isNumber }) }
            #expect(rows == Array(Set(records).sorted().reversed().prefix(200)))
            let unlogged = try segments().flatMap { try LogSegment(decoding: $0).entries }
                .filter { $0.record.unlogged > 0 }
            let told = page.components(separatedBy: ConsoleTexts.text("auditUnlogged", .en)).count - 1
            #expect(told == Set(unlogged.map(\.record.index)).count)
            let merchant = try house.client("shop1", .merchant, merchant: Bank.shop)
            #expect(try await merchant.get("/terminals/T1/log").status == 403)
            #expect(try await house.stranger.get("/terminals/T1/log").status != 200)
            #expect(try await technician.get("/terminals/T9/log").status == 404)
        }
    }

    @Test("A log that is broken says from which record on and why; its records are not shown as the module's")
    func broken() async throws {
        try await House.with { house in
            try taken(try segments()[0], .broken(.edited, at: 7), house)
            let page = try await house.client("oper1", .operator).get("/terminals/T1/log").body
            #expect(page.contains(ConsoleTexts.text("log_edited", .en)) && page.contains("S06"))
            #expect(page.contains(ConsoleTexts.text("auditNone", .en)))
        }
    }

    @Test("Every event, actor and finding has its words in both languages")
    func words() {
        let keys =
            AuditEvent.allCases.map { "audit_\($0)" } + AuditActor.allCases.map { "actor_\($0)" }
            + LogFinding.allCases.map { "log_\($0)" }
        for key in keys { #expect(ConsoleTexts.has(key), "\(key)") }
    }
}
