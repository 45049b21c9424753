// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import Issuer
import SecurityTriggers
import Storage
import Vocabulary

extension ConsoleRoutes {
    func addCases(to router: Router<ConsoleContext>) {
        router.get("/cases") { request, context -> Response in
            _ = try self.session(context, [.analyst])
            let showsAll = request.uri.queryParameters["all"] != nil
            let before = request.uri.queryParameters["before"].flatMap { UInt64($0) }.map(CaseID.init)
            let limit = 100
            let rows = try await records.cases(state: showsAll ? nil : .open, before: before, limit: limit + 1)
            var model: [String: Any] = [
                "cases": rows.prefix(limit).map { line($0, context.language) }, "hasCases": !rows.isEmpty,
                "showsAll": showsAll,
            ]
            if rows.count > limit { model["more"] = String(rows[limit - 1].id.number) }
            return pages.page("cases", title: Texts.text("console.cases", context.language), model, request, context)
        }
        router.get("/cases/{id}") { request, context -> Response in
            _ = try self.session(context, [.analyst])
            guard let id = context.number(), let detail = try await records.caseDetail(CaseID(id)) else {
                throw HTTPError(.notFound)
            }
            return pages.page(
                "case", title: Texts.text("console.case", context.language) + " \(detail.row.id)",
                model(detail, context.language), request, context)
        }
    }

    func line(_ row: CaseRow, _ language: Language) -> [String: Any] {
        [
            "id": row.id.description, "number": String(row.id.number), "reference": row.reference,
            "opened": Formatting.time(row.opened), "age": Formatting.age(now() - row.opened, language),
            "amount": Formatting.money(row.amount), "merchant": row.merchantName ?? row.merchant.description,
            "terminal": row.terminal.description, "card": row.masked ?? "—", "holder": row.holder ?? "—",
            "account": row.account.description, "accountNumber": String(row.account.number),
            "rules": row.isDispute ? ConsoleTexts.text("dispute", language) : row.rules.joined(separator: ", "),
            "state": ConsoleTexts.text("case_\(row.state)", language), "tone": Self.tone(row.state),
        ]
    }

    private static func tone(_ state: CaseState) -> String {
        switch state {
        case .open: "warn"
        case .confirmed: "good"
        case .denied: "bad"
        }
    }

    private func model(_ detail: CaseDetail, _ language: Language) -> [String: Any] {
        let row = detail.row
        var model = line(row, language)
        model["isOpen"] = row.state == .open
        model["stopped"] = ConsoleTexts.text(
            row.isDispute ? "case_isDispute" : row.stopped ? "case_stopped" : "case_passed", language)
        if let by = row.answeredBy, let at = row.answeredAt {
            model["answered"] = ConsoleTexts.text("case_answered", language)
                .replacing("{by}", with: by).replacing("{at}", with: Formatting.time(at))
        }
        if let until = row.passUntil, row.state == .confirmed {
            model["pass"] = ConsoleTexts.text("case_pass", language).replacing("{until}", with: Formatting.time(until))
        }
        if let account = detail.account {
            model["available"] = Formatting.money(account.available)
            if account.isFrozen { model["frozen"] = Texts.text("console.frozen", language) }
        }
        if let decision = detail.decision {
            model["decision"] = DecisionModel(decision, language, role: .analyst).values
            if let text = decision.explanation, let explanation = try? JSON(parsing: Array(text.utf8)) {
                let reading = ExplanationModel(explanation, language)
                model["sentence"] = reading.sentence
                model["rulesFired"] = reading.rules
                model["ruleSet"] = reading.ruleSet
                model["scores"] = reading.scores
            }
        }
        model["messages"] = detail.messages.map { message -> [String: Any] in
            [
                "audience": ConsoleTexts.text("audience_\(message.audience.rawValue)", language),
                "channel": ConsoleTexts.text("channel_\(message.channel.rawValue)", language),
                "state": ConsoleTexts.text("outbox_\(message.state.rawValue)", language),
                "tone": message.state == .delivered ? "good" : "warn", "time": Formatting.time(message.at),
            ]
        }
        return model
    }
}

/// An explanation's JSON as the page shows it: a sentence, then each rule with the figures that spoke for it.
struct ExplanationModel {
    let sentence: String
    let ruleSet: String
    let rules: [[String: Any]]
    /// What models said, with what drove them.
    let scores: [[String: Any]]

    init(_ root: JSON, _ language: Language) {
        sentence = root["tell"]?["analyst"]?[language.rawValue]?.string ?? ""
        ruleSet = root["ruleset"]?.string ?? ""
        rules = (root["rules"]?.array ?? []).map { rule in
            let isHit = rule["result"]?.string == "hit"
            let isShadow = rule["state"]?.string == "shadow"
            var model: [String: Any] = [
                "id": rule["id"]?.string ?? "",
                "result": ConsoleTexts.text(isHit ? (isShadow ? "rule_shadow" : "rule_hit") : "rule_unknown", language),
                "tone": isHit && !isShadow ? "bad" : "off",
                "figures": (rule["because"]?.array ?? []).map(Self.figure),
            ]
            if let action = rule["action"]?.string { model["action"] = ConsoleTexts.text("action_\(action)", language) }
            let missing = (rule["missing"]?.array ?? []).compactMap(\.string)
            if !missing.isEmpty { model["missing"] = missing.joined(separator: ", ") }
            return model
        }
        let said = [root["score"]].compactMap(\.self) + (root["other_scores"]?.array ?? [])
        scores = said.map { score -> [String: Any] in
            let parts = (score["top"]?.array ?? []).map { part -> [String: String] in
                let pair = part.array ?? []
                return ["name": pair.first?.string ?? "", "value": Self.plain(pair.last)]
            }
            return [
                "model": score["model"]?.string ?? "", "value": Self.plain(score["value"]), "parts": parts,
            ]
        }
    }

    private static func figure(_ figure: JSON) -> [String: String] {
        let window = figure["window"]?.string.map { " / \($0)" } ?? ""
        let isExact = figure["exact"]?.bool ?? true
        return [
            "name": (figure["v"]?.string ?? "") + window,
            "value": (isExact ? "" : "≥ ") + plain(figure["value"]),
            "limit": "\(figure["op"]?.string ?? "") \(plain(figure["limit"]))",
        ]
    }

    private static func plain(_ value: JSON?) -> String {
        guard let value else { return "" }
        if case .double(let number) = value { return Explanation.shown(number) }
        return value.string ?? (value == .null ? "?" : value.text)
    }
}
