// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Hummingbird
import ModuleProtocol
import Storage
import TerminalAgent
import Vocabulary

extension ConsoleRoutes {
    func addTerminals(to router: Router<ConsoleContext>) {
        router.get("/terminals") { request, context -> Response in
            let session = try self.session(context)
            let after = request.uri.queryParameters["after"].flatMap { TerminalID($0) }
            let limit = 100
            let rows = try await records.terminals(
                now: now(), merchant: scope(session), after: after, limit: limit + 1)
            var model: [String: Any] = [
                "terminals": rows.prefix(limit).map { line($0, context.language) }, "hasTerminals": !rows.isEmpty,
            ]
            let risks = risks(try await records.profiles(merchant: scope(session)), context.language)
            model["risks"] = risks
            model["hasRisks"] = !risks.isEmpty
            if rows.count > limit { model["more"] = rows[limit - 1].id.description }
            return pages.page(
                "terminals", title: Texts.text("console.terminals", context.language), model, request, context)
        }
        router.get("/terminals/{id}") { request, context -> Response in
            let session = try self.session(context)
            let detail = try await detail(context, session)
            let model = try await model(detail, session, context.language)
            return pages.page(
                "terminal", title: detail.terminal.id.description, model, request, context)
        }
        router.post("/terminals/{id}/fault") { request, context -> Response in
            let session = try self.session(context, [.operator])
            let fields = try await form(request, session)
            guard let id = context.terminal(), let desk, let fault = fields["fault"],
                await desk.faults().contains(fault)
            else { throw HTTPError(.notFound) }
            let isRepair = fields["act"] == "repair"
            let isDone = await desk.setFault(id, fault, repair: isRepair)
            let key = isDone ? (isRepair ? "done_repair" : "done_fault") : "till_notHere"
            sessions.setFlash(Flash(isError: !isDone, text: ConsoleTexts.text(key, context.language)), session)
            return .redirect("/terminals/\(id)")
        }
    }

    /// - Throws: 404 for a terminal that nobody knows, and the same for another merchant's.
    func detail(_ context: ConsoleContext, _ session: Session) async throws -> TerminalDetail {
        guard let id = context.terminal(), let detail = try await records.terminal(id, now: now()) else {
            throw HTTPError(.notFound)
        }
        if let merchant = scope(session), merchant != detail.terminal.merchant { throw HTTPError(.notFound) }
        return detail
    }

    /// What the key profiles in use are weak in by design.
    private func risks(_ profiles: [(profile: KeyProfile, terminals: Int)], _ language: Language) -> [[String: String]]
    {
        profiles.flatMap { profile, terminals in
            profile.risks.map { ["profile": profile.name, "count": "\(terminals)", "text": $0.phrase[language]] }
        }
    }

    private func line(_ row: TerminalRow, _ language: Language) -> [String: Any] {
        [
            "id": row.id.description, "merchant": row.merchantName, "state": Formatting.title(row.state, language),
            "tone": Formatting.tone(row.state),
            "warnings": row.openWarnings.map {
                ["code": $0.rawValue, "title": $0.entry.title[language], "tone": Formatting.tone($0.severity)]
            },
            "lastSeen": row.lastSeen.map { Formatting.age(now() - $0, language) } ?? "—",
            "firmware": row.firmware ?? "—",
        ]
    }

    private func model(
        _ detail: TerminalDetail, _ session: Session, _ language: Language
    ) async throws -> [String: Any] {
        let row = detail.terminal
        let isOperator = session.user.role == .operator
        var model = line(row, language)
        model["why"] = whyStopped(row, language)
        model["facts"] = facts(row, language)
        model["warnings"] = detail.warnings.filter(\.isOpen).map { warning($0, row, session, language) }
        model["hasWarnings"] = detail.warnings.contains(where: \.isOpen)
        let closed = detail.warnings.filter { !$0.isOpen }.prefix(10)
        model["closed"] = closed.map { warning -> [String: Any] in
            [
                "code": warning.code.rawValue, "title": warning.code.entry.title[language],
                "since": Formatting.time(warning.since), "until": warning.closedAt.map(Formatting.time) ?? "",
            ]
        }
        model["hasClosed"] = !closed.isEmpty
        model["timeline"] = detail.timeline.map { timeline($0, language) }
        model["decisions"] = detail.decisions.map { DecisionModel($0, language, role: session.user.role).values }
        model["hasDecisions"] = !detail.decisions.isEmpty
        model["isOperator"] = isOperator
        try await addCustody(of: row.id, session, language, to: &model)
        if isOperator {
            let mayActivate = row.lifecycle == .commissioned && row.activationApprovedBy == nil
            model["activate"] = mayActivate
            if let asked = row.activationAskedBy, mayActivate {
                model["askedBy"] = asked
                model["askedByMe"] = asked == session.user.name.description
            }
            model["suspend"] = Lifecycle.allows(row.lifecycle, .suspend) != nil
            model["resume"] = row.lifecycle == .suspended
            model["hasActions"] =
                mayActivate || row.lifecycle == .suspended || Lifecycle.allows(row.lifecycle, .suspend) != nil
            model["faults"] = await faults(row.id, language)
        }
        return model
    }

    /// Keys and custody, for the bank's people alone, with what each role may do about them.
    private func addCustody(
        of id: TerminalID, _ session: Session, _ language: Language, to model: inout [String: Any]
    ) async throws {
        let role = session.user.role
        guard Role.staff.contains(role), let custody = try await records.custody(of: id) else { return }
        model["hasCustody"] = true
        model["custody"] = facts(custody, language)
        model["proposals"] = try await proposals(id, language)
        let forms = OrderForm.atTerminal.filter { $0.roles.contains(role) }
        model["forms"] = forms.map { $0.form.model("/terminals/\(id)", language) }
        model["mayInspect"] = EstateAct.Kind.inspect.roles.contains(role)
        model["findings"] = Inspection.Finding.allCases.map {
            ["name": "\($0)", "title": ConsoleTexts.text("finding_\($0)", language)]
        }
    }

    private func facts(_ row: TerminalRow, _ language: Language) -> [[String: String]] {
        let text = { (key: String) in ConsoleTexts.text(key, language) }
        let console = { (key: String) in Texts.text("console.\(key)", language) }
        let lease = row.leaseExpires.map { expires in
            expires > now()
                ? Formatting.time(expires) + " UTC"
                : text("leaseOver").replacing("{age}", with: Formatting.age(now() - expires, language))
        }
        var facts: [(String, String)] = [
            (console("lifecycle"), row.lifecycle.title(language)), (console("lease"), lease ?? text("noLease")),
            (console("lastSeen"), row.lastSeen.map { Formatting.time($0) + " UTC" } ?? text("never")),
            (console("firmware"), row.firmware ?? "—"), (text("application"), row.application ?? "—"),
            (text("serial"), Hex.text(row.serial)),
            (text("profile"), row.profile.name),
            (console("merchant"), "\(row.merchantName) · \(row.merchant) · MCC \(row.mcc)"),
            (console("currency"), row.currency.code),
        ]
        if let asked = row.activationAskedBy {
            facts.append(
                (text("activationBy"), [asked, row.activationApprovedBy].compactMap { $0 }.joined(separator: " + ")))
        }
        return facts.map { ["name": $0.0, "value": $0.1] }
    }

    private func warning(
        _ row: WarningRow, _ terminal: TerminalRow, _ session: Session, _ language: Language
    ) -> [String: Any] {
        let entry = row.code.entry
        let rule = row.code.clearance(at: row.severity)
        // What came back too soon takes the catalogue's other way: whether it did, the host knows.
        let byPeople = [rule, entry.otherwise].compactMap { $0 }.filter { $0 == .r1 || $0 == .d2 }
        var model: [String: Any] = [
            "terminal": row.terminal.description, "code": row.code.rawValue, "title": entry.title[language],
            "sign": entry.sign[language], "cause": entry.causeClass.title[language],
            "severity": row.severity.title(language), "tone": Formatting.tone(row.severity),
            "since": Formatting.time(row.since), "age": Formatting.age(now() - row.since, language),
            "clearance": rule.title(language), "condition": entry.clearanceCondition[language],
            "steps": entry.runbook(at: row.severity).map { step -> [String: Any] in
                ["text": step.text[language], "isChecked": step.check != nil]
            },
        ]
        if !row.clearedBy.isEmpty { model["clearedBy"] = row.clearedBy.joined(separator: ", ") }
        if let deadline = row.deadline { model["deadline"] = Formatting.time(deadline) }
        guard session.user.role == .operator, let way = byPeople.first, terminal.lifecycle != .tampered else {
            return model
        }
        let needed = way.peopleNeeded
        if row.clearedBy.count >= needed {
            model["waits"] = ConsoleTexts.text("clearedWaits", language)
        } else if row.clearedBy.contains(session.user.name.description) {
            model["waits"] = ConsoleTexts.text("refusal_secondPerson", language)
        } else {
            model["mayClear"] = true
            if needed > 1 {
                model["people"] = ConsoleTexts.text("clearPeople", language)
                    .replacing("{done}", with: String(row.clearedBy.count)).replacing("{needed}", with: String(needed))
            }
        }
        return model
    }

    private func timeline(_ line: TimelineRow, _ language: Language) -> [String: Any] {
        let details = line.detail.split(separator: ",").map { part -> String in
            if let code = WarningCode(rawValue: String(part)) {
                return "\(code.rawValue) \(code.entry.title[language])"
            }
            switch line.kind {
            case .lifecycle: return Formatting.lifecycle(String(part), language)
            case .proposed, .ordered: return Self.named("order_\(part)", language) ?? String(part)
            case .acted: return Self.named("act_\(part)", language) ?? String(part)
            default: return String(part)
            }
        }
        return [
            "time": Formatting.time(line.at), "text": ConsoleTexts.text("timeline_\(line.kind.rawValue)", language),
            "detail": details.joined(separator: language == .en ? ", " : "，"),
        ]
    }

    private static func named(_ key: String, _ language: Language) -> String? {
        ConsoleTexts.has(key) ? ConsoleTexts.text(key, language) : nil
    }

    private func faults(_ id: TerminalID, _ language: Language) async -> [[String: String]] {
        guard let desk, await desk.screen(id) != nil else { return [] }
        return await desk.faults().map { name in
            let key = "fault_\(name)"
            return ["name": name, "title": ConsoleTexts.has(key) ? ConsoleTexts.text(key, language) : name]
        }
    }
}
