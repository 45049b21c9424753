// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import SecurityTriggers
import Storage
import Vocabulary

extension ConsoleRoutes {
    func addRules(to router: Router<ConsoleContext>) {
        router.get("/rules") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            return try await rulesPage(request, context, session, draft: nil, refusal: nil)
        }
        router.post("/rules") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            let fields = try await form(request, session, bytesMax: Action.rules.bytesMax)
            guard let command = try await Action.rules.command(self, context, fields),
                case .proposeRules(let text) = command
            else { throw HTTPError(.badRequest) }
            do {
                try await submit(command, by: session.user)
            } catch let refusal as CommandRefusal {
                if case .notYours = refusal { throw HTTPError(.forbidden) }
                return try await rulesPage(request, context, session, draft: text, refusal: refusal)
            }
            sessions.setFlash(
                Flash(isError: false, text: ConsoleTexts.text(Action.rules.done, context.language)), session)
            return .redirect("/rules")
        }
        router.get("/api/rules") { _, context -> Response in
            _ = try self.session(context, [.analyst])
            return .json(["rules": .array(try await records.rules().map { Self.json($0) })])
        }
    }

    /// What is in force, what waits and what was before; below, the text to change: the one in force, or the one that was
    /// refused with the line that it was refused for.
    private func rulesPage(
        _ request: Request, _ context: ConsoleContext, _ session: Session, draft: String?, refusal: CommandRefusal?
    ) async throws -> Response {
        let language = context.language
        let versions = try await records.rules()
        let live = versions.first { $0.state == .live }
        let waiting = versions.filter { $0.state.isWaiting }.sorted { $0.version < $1.version }
        let past = versions.filter { $0.state == .retired || $0.state == .withdrawn }
        var model: [String: Any] = [
            "text": draft ?? live?.text ?? "", "version": live.map { String($0.version) } ?? "—",
            "by": live?.by ?? "—", "since": live.map { Formatting.time($0.steps.last?.at ?? $0.at) } ?? "—",
            "liveSteps": live.map { Self.steps($0, language) } ?? [],
            "hasWaiting": !waiting.isEmpty, "hasBackTest": backTests != nil, "hasHistory": !past.isEmpty,
            "history": past.map { Self.values($0, language) },
        ]
        var proposals: [[String: Any]] = []
        for row in waiting {
            let base =
                row.base == live?.version ? live?.text : try await records.rules(version: row.base)?.text
            proposals.append(
                Self.proposal(row, base: base ?? "", live: live?.version ?? 0, session.user.name, language))
        }
        model["waiting"] = proposals
        var status = HTTPResponse.Status.ok
        if let refusal {
            status = .unprocessableContent
            model["refusal"] = RefusalSentence.text(refusal, language)
            if case .rules(let error) = refusal, let draft { model["place"] = Self.place(error, in: draft) }
        }
        return pages.page(
            "rules", title: Texts.text("console.rules", language), model, request, context, status: status)
    }

    /// What waits, with what it changes and what this reader may do about it.
    private static func proposal(
        _ row: RulesRow, base: String, live: UInt32, _ reader: StaffID, _ language: Language
    ) -> [String: Any] {
        let difference = LineDiff(from: base, to: row.text)
        var values = values(row, language)
        values["base"] = String(row.base)
        values["added"] = String(difference.added)
        values["removed"] = String(difference.removed)
        values["difference"] = difference.values
        let findings = findings(row.text, language)
        values["findings"] = findings
        values["hasFindings"] = !findings.isEmpty
        values["isStale"] = row.base != live
        // The proposer sees who is wanted, and no button.
        let isApprovable = row.state == .proposed && row.base == live
        values["mayApprove"] = isApprovable && row.by != reader.description
        values["needsOther"] = isApprovable && row.by == reader.description
        values["mayActivate"] = row.state == .approved && row.base == live
        values["mayWatch"] = !row.isWatched
        values["isWatched"] = row.isWatched
        return values
    }

    /// Findings that a page shows of one text.
    private static let findingsMax = 20

    /// What in a text is hardly meant so, for whoever approves it.
    private static func findings(_ text: String, _ language: Language) -> [[String: String]] {
        RuleSet.findings(in: text).prefix(findingsMax).map { finding in
            [
                "line": String(finding.line), "column": String(finding.column),
                "what": ConsoleTexts.text("lint_\(finding.kind.rawValue)", language),
                "sentence": finding.sentence + (finding.hint.map { "; \($0)" } ?? ""),
            ]
        }
    }

    private static func values(_ row: RulesRow, _ language: Language) -> [String: Any] {
        [
            "version": String(row.version), "by": row.by, "at": Formatting.time(row.at),
            "state": ConsoleTexts.text("rules_\(row.state)", language), "steps": steps(row, language),
            "mayRollBack": row.state == .retired && row.version > 0,
        ]
    }

    private static func steps(_ row: RulesRow, _ language: Language) -> [[String: Any]] {
        row.steps.map { step in
            [
                "what": ConsoleTexts.text("rulestep_\(step.kind)", language), "by": step.by,
                "at": Formatting.time(step.at),
            ]
        }
    }

    static func place(_ error: RuleFileError, in draft: String) -> [String: String]? {
        let lines = draft.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(error.line - 1) else { return nil }
        let line = lines[error.line - 1]
        return [
            "line": String(error.line), "column": String(error.column), "source": String(line),
            // Tabs stay tabs, so that the mark stands under its column.
            "mark": String(line.prefix(max(0, error.column - 1)).map { $0 == "\t" ? "\t" : " " }) + "^",
        ]
    }

    private static func json(_ row: RulesRow) -> JSON {
        let steps = row.steps.map { step -> JSON in
            ["kind": .string("\(step.kind)"), "by": .string(step.by), "at": .string(step.at.iso8601)]
        }
        return [
            "version": .integer(Int64(row.version)), "state": .string("\(row.state)"), "by": .string(row.by),
            "at": .string(row.at.iso8601), "base": .integer(Int64(row.base)), "watched": .bool(row.isWatched),
            "text": .string(row.text), "steps": .array(steps),
        ]
    }
}
