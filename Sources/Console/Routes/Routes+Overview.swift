// SPDX-License-Identifier: Apache-2.0
import Catalogue
import HTTPTypes
import Host
import Hummingbird
import Storage
import Vocabulary

extension ConsoleRoutes {
    func addOverview(to router: Router<ConsoleContext>) {
        router.get("/") { request, context -> Response in
            let session = try self.session(context)
            let overview = try await records.overview(now: now(), merchant: scope(session))
            return pages.page(
                "overview", title: Texts.text("console.overview", context.language),
                model(overview, session, context.language), request, context)
        }
        router.get("/events") { request, context -> Response in
            let session = try self.session(context)
            let resumed = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
            let after = (resumed ?? request.uri.queryParameters["after"].map(String.init)).flatMap(UInt64.init)
            return LiveDecisions(
                routes: self, session: session, language: context.language, after: after ?? records.checkpoint()
            ).response()
        }
    }

    private func model(_ overview: Overview, _ session: Session, _ language: Language) -> [String: Any] {
        let role = session.user.role
        let tiles = overview.counts.filter {
            $0.count > 0 || [.ableToTrade, .halted, .tampered, .notActivated].contains($0.state)
        }
        .map { entry -> [String: Any] in
            [
                "title": Formatting.title(entry.state, language), "count": entry.count,
                "tone": entry.count == 0 ? "off" : Formatting.tone(entry.state),
            ]
        }
        return [
            "tiles": tiles,
            "showsCases": role == .analyst,
            "openCases": overview.openCases,
            "warnings": overview.openWarnings.map { warning(in: $0, language) },
            "hasWarnings": !overview.openWarnings.isEmpty,
            "stopped": overview.stopped.map { ["id": $0.id.description, "why": whyStopped($0, language)] },
            "hasStopped": !overview.stopped.isEmpty,
            "showsHosts": role == .operator && !overview.destinations.isEmpty,
            "hosts": overview.destinations.map { ["name": $0] },
            "showsUndelivered": role == .operator && !overview.undelivered.isEmpty,
            "undelivered": overview.undelivered.map { row -> [String: Any] in
                [
                    "destination": row.destination, "id": String(row.id),
                    "age": Formatting.age(now() - row.since, language),
                    "why": ConsoleTexts.text("undelivered_\(row.reason)", language),
                ]
            },
            "decisions": overview.decisions.map { DecisionModel($0, language, role: role).values },
            "hasDecisions": !overview.decisions.isEmpty,
            "showsTerminal": true,
            // What is on the page already: the live rows begin after it.
            "after": String(overview.decisions.first?.sequence ?? 0),
        ]
    }

    private func warning(in row: WarningRow, _ language: Language) -> [String: Any] {
        let entry = row.code.entry
        return [
            "terminal": row.terminal.description, "merchant": row.merchantName, "code": row.code.rawValue,
            "title": entry.title[language], "severity": row.severity.name, "tone": Formatting.tone(row.severity),
            "age": Formatting.age(now() - row.since, language), "next": nextStep(row, language),
        ]
    }

    /// What is to be done now: the machine cannot see how far people have come, so it says who acts and their first
    /// step beyond stopping and reporting, which has happened.
    func nextStep(_ row: WarningRow, _ language: Language) -> String {
        let entry = row.code.entry
        switch row.code.clearance(at: row.severity) {
        case .r1 where !row.clearedBy.isEmpty, .d2 where row.clearedBy.count >= 2:
            return ConsoleTexts.text("nextSignOn", language)
        case .d2 where row.clearedBy.count == 1: return ConsoleTexts.text("nextSecondPerson", language)
        default: break
        }
        return entry.steps.first?.text[language] ?? entry.clearanceCondition[language]
    }

    /// One sentence: what stopped the terminal and who can set it going again.
    func whyStopped(_ terminal: TerminalRow, _ language: Language) -> String {
        switch terminal.state {
        case .ableToTrade: return ConsoleTexts.text("why_ableToTrade", language)
        case .notActivated:
            return ConsoleTexts.text(
                terminal.activationApprovedBy != nil
                    ? "why_waitsForSignOn"
                    : terminal.activationAskedBy != nil ? "why_activationAsked" : "why_notActivated",
                language)
        case .suspended: return ConsoleTexts.text("why_suspended", language)
        case .outOfService: return terminal.lifecycle.title(language)
        case .halted, .tampered, .restricted: break
        }
        guard let code = terminal.haltingWarning else {
            return ConsoleTexts.text(terminal.state == .restricted ? "why_noLease" : "why_waitsForSignOn", language)
        }
        let entry = code.entry
        return ConsoleTexts.text("why_warning", language)
            .replacing("{code}", with: code.rawValue).replacing("{title}", with: entry.title[language])
            .replacing("{sign}", with: entry.sign[language])
            .replacing("{clearance}", with: entry.clearance.title(language))
    }
}
