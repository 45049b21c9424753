// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import ModuleProtocol
import Storage
import Vocabulary

extension ConsoleRoutes {
    /// What terminals' modules have written of themselves, for the bank's people alone.
    func addLogs(to router: Router<ConsoleContext>) {
        router.get("/terminals/{id}/log") { request, context -> Response in
            let session = try self.session(context, Role.staff)
            let detail = try await detail(context, session)
            let model = try await log(of: detail.terminal.id, context.language)
            return pages.page("log", title: detail.terminal.id.description, model, request, context)
        }
    }

    private static let recordsShown = 200

    private func log(of id: TerminalID, _ language: Language) async throws -> [String: Any] {
        let segments = try await records.logSegments(of: id)
        var entries: [AuditLine] = []
        for row in segments where row.broken == nil {
            let known = Set(entries.map(\.index))
            entries += configuration.readLog(row.segment).reversed().filter { !known.contains($0.index) }
        }
        let broken = segments.compactMap { row in
            row.broken.map { (at: row.at, finding: $0.finding, index: $0.index) }
        }
        return [
            "id": id.description, "hasRecords": !entries.isEmpty,
            "records": entries.prefix(Self.recordsShown).map { Self.line($0, language) },
            "broken": broken.map {
                [
                    "time": Formatting.time($0.at), "index": "\($0.index)",
                    "text": ConsoleTexts.text("log_\($0.finding)", language),
                ]
            },
        ]
    }

    private static func line(_ record: AuditLine, _ language: Language) -> [String: Any] {
        [
            "index": "\(record.index)", "time": Formatting.time(record.at),
            "text": ConsoleTexts.text("audit_\(record.event)", language),
            "warning": record.warning.map { "\($0.rawValue) \($0.entry.title[language])" } ?? "",
            "actor": ConsoleTexts.text("actor_\(record.actor)", language),
            "detail": record.detail == 0 ? "" : "\(record.detail)", "boot": "\(record.boot)",
            "unlogged": "\(record.unlogged)", "hasUnlogged": record.unlogged > 0,
            "isUnproved": !record.isProved,
        ]
    }
}
