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
            _ = try self.session(context, [.analyst])
            return try await rulesPage(request, context, draft: nil, refusal: nil)
        }
        router.post("/rules") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            let fields = try await form(request, session, bytesMax: Action.rules.bytesMax)
            guard let command = try await Action.rules.command(self, context, fields),
                case .replaceRules(let text) = command
            else { throw HTTPError(.badRequest) }
            do {
                try await submit(command, by: session.user)
            } catch let refusal as CommandRefusal {
                if case .notYours = refusal { throw HTTPError(.forbidden) }
                return try await rulesPage(request, context, draft: text, refusal: refusal)
            }
            sessions.setFlash(
                Flash(isError: false, text: ConsoleTexts.text(Action.rules.done, context.language)), session)
            return .redirect("/rules")
        }
    }

    /// The live text, or the one that was refused with the line that it was refused for.
    private func rulesPage(
        _ request: Request, _ context: ConsoleContext, draft: String?, refusal: CommandRefusal?
    ) async throws -> Response {
        let language = context.language
        let versions = try await records.rules()
        let live = versions.first
        var model: [String: Any] = [
            "text": draft ?? live?.text ?? "", "version": live.map { String($0.version) } ?? "—",
            "by": live?.by ?? "—", "since": live.map { Formatting.time($0.at) } ?? "—",
            "hasHistory": versions.count > 1,
            "history": versions.dropFirst().map {
                ["version": String($0.version), "by": $0.by, "at": Formatting.time($0.at)]
            },
        ]
        var status = HTTPResponse.Status.ok
        if let refusal {
            status = .unprocessableContent
            model["refusal"] = RefusalSentence.text(refusal, language)
            if case .rules(let error) = refusal, let draft {
                let lines = draft.split(separator: "\n", omittingEmptySubsequences: false)
                if lines.indices.contains(error.line - 1) {
                    model["place"] = [
                        "line": String(error.line), "column": String(error.column),
                        "source": String(lines[error.line - 1]),
                        // Tabs stay tabs, so that the mark stands under its column.
                        "mark": String(
                            lines[error.line - 1].prefix(max(0, error.column - 1)).map { $0 == "\t" ? "\t" : " " })
                            + "^",
                    ]
                }
            }
        }
        return pages.page(
            "rules", title: Texts.text("console.rules", language), model, request, context, status: status)
    }
}
