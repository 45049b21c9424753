// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import Storage
import Vocabulary

extension ConsoleRoutes {
    /// One decision with all that rules said to it, whether it has a case or not.
    func addDecisions(to router: Router<ConsoleContext>) {
        router.get("/decisions/{id}") { request, context -> Response in
            _ = try self.session(context, [.analyst])
            let row = try await decision(context)
            let language = context.language
            var model = DecisionModel(row, language, role: .analyst).values
            model["rrn"] = row.rrn.description
            model["merchant"] = row.merchantName ?? "—"
            model["reference"] = row.reference
            if let account = row.account {
                model["accountNumber"] = String(account.number)
                model["account"] = account.description
            }
            model["hasExplanation"] = false
            if let explanation = row.explanation.flatMap({ try? JSON(parsing: Array($0.utf8)) }) {
                let reading = ExplanationModel(explanation, language)
                model["hasExplanation"] = true
                model["sentence"] = reading.sentence
                model["rulesFired"] = reading.rules
                model["ruleSet"] = reading.ruleSet
                model["scores"] = reading.scores
            }
            if let version = row.shadowVersion {
                let rules = row.shadowRules.isEmpty ? "—" : row.shadowRules.joined(separator: ", ")
                model["shadow"] = ConsoleTexts.text("shadowSaid", language)
                    .replacing("{version}", with: String(version)).replacing("{rules}", with: rules)
            }
            return pages.page(
                "decision", title: ConsoleTexts.text("decision", language) + " \(row.sequence)", model, request,
                context)
        }
        router.get("/api/decisions/{id}") { _, context -> Response in
            _ = try self.session(context, [.analyst])
            let row = try await decision(context)
            let explanation = row.explanation.flatMap { try? JSON(parsing: Array($0.utf8)) }
            var shadow = JSON.null
            if let version = row.shadowVersion {
                shadow = [
                    "version": .integer(Int64(version)), "rules": .array(row.shadowRules.map { JSON.string($0) }),
                ]
            }
            return .json([
                "decision": Self.json(row, .analyst), "explanation": explanation ?? .null, "shadow": shadow,
            ])
        }
    }

    private func decision(_ context: ConsoleContext) async throws -> DecisionRow {
        guard let sequence = context.number(), sequence > 0,
            let row = try await records.decisions(
                DecisionQuery(after: sequence - 1, before: sequence + 1, limit: 1)
            ).first
        else { throw HTTPError(.notFound) }
        return row
    }
}
