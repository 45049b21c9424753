// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import Host
import Hummingbird
import SecurityTriggers
import Storage
import Vocabulary

extension ConsoleRoutes {
    /// Single changes that a list's page shows.
    private static let changesShown = 200

    func addLists(to router: Router<ConsoleContext>) {
        router.get("/lists") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            return try await listsPage(request, context, session, draft: nil, refusal: nil)
        }
        router.post("/lists") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            let fields = try await form(request, session, bytesMax: ConsoleConfiguration.ruleBodyBytesMax)
            return try await load(fields, request, context, session)
        }
        router.get("/lists/{id}") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            return try await listPage(request, context, session, found: nil)
        }
        router.post("/lists/{id}/find") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            return try await listPage(request, context, session, found: try await form(request, session))
        }
        router.get("/api/lists") { _, context -> Response in
            _ = try self.session(context, [.analyst])
            let held = try await lists?.lists().lists ?? []
            return .json(["lists": .array(held.map { Self.json($0) })])
        }
    }

    // MARK: - All lists

    private func listsPage(
        _ request: Request, _ context: ConsoleContext, _ session: Session, draft: Fields?, refusal: String?
    ) async throws -> Response {
        guard let port = lists else { throw HTTPError(.notFound) }
        let language = context.language
        let held = try await port.lists().lists
        let named = try await port.named()
        let absent = named.filter { wanted in !held.contains { $0.name == wanted.name && $0.kind == wanted.kind } }
        let steps = try await records.listSteps(limit: 50)
        let kind = draft?["kind"]
        var model: [String: Any] = [
            "lists": held.map { Self.values($0, named, language) }, "hasLists": !held.isEmpty,
            "absent": absent.map { ["name": $0.name, "kind": ConsoleTexts.text("listkind_\($0.kind)", language)] },
            "hasAbsent": !absent.isEmpty,
            "steps": steps.map { Self.values($0, language) }, "hasSteps": !steps.isEmpty,
            "kinds": ListKind.allCases.map { one -> [String: Any] in
                [
                    "value": one.name, "title": ConsoleTexts.text("listkind_\(one)", language),
                    "chosen": one.name == kind,
                ]
            },
            "typedName": draft?["name"] ?? "", "typedSource": draft?["source"] ?? "",
            "typedReason": draft?["reason"] ?? "",
        ]
        if let refusal { model["refusal"] = refusal }
        return pages.page(
            "lists", title: ConsoleTexts.text("lists", language), model, request, context,
            status: refusal == nil ? .ok : .unprocessableContent)
    }

    /// Lines from a form. What was typed is not shown again: it may be cards' numbers.
    private func load(
        _ fields: Fields, _ request: Request, _ context: ConsoleContext, _ session: Session
    ) async throws -> Response {
        guard let port = lists else { throw HTTPError(.notFound) }
        let language = context.language
        var refusal: String?
        do {
            switch try await draft(fields, port) {
            case .command(let command):
                try await submit(command, by: session.user)
                sessions.setFlash(
                    Flash(isError: false, text: ConsoleTexts.text("done_listLoaded", language)), session)
                return .redirect("/lists")
            case .line(let number): refusal = ConsoleTexts.text("refusal_listLine", language) + " \(number)"
            case .missing: refusal = ConsoleTexts.text("fieldsMissing", language)
            }
        } catch let error as CommandRefusal {
            if case .notYours = error { throw HTTPError(.forbidden) }
            refusal = RefusalSentence.text(error, language)
        } catch let error as ListError {
            refusal = ConsoleTexts.text(error == .name ? "refusal_listName" : "refusal_listText", language)
        }
        return try await listsPage(request, context, session, draft: fields, refusal: refusal)
    }

    private enum Draft {
        case command(Command)
        /// A line that is not taken.
        case line(Int)
        case missing
    }

    private func draft(_ fields: Fields, _ port: any ListPort) async throws -> Draft {
        guard let name = fields["name"], let kind = fields["kind"].flatMap({ ListKind(name: $0) }) else {
            return .missing
        }
        let (source, lines) = (fields["source"] ?? "", fields["lines"] ?? "")
        guard lines.contains(where: { !$0.isWhitespace }) else {
            return .command(.createList(name, kind, source: source))
        }
        let origin = ListOrigin(source: source, reason: fields["reason"] ?? "")
        switch try await port.make(ListDraft(name: name, kind: kind, origin: origin, lines: lines)) {
        case .file(let opened):
            return .command(.loadList(opened, source: source, keepsChanges: fields["discard"] != "yes"))
        case .refused(let problem): return .line(problem.line)
        }
    }

    // MARK: - One list

    /// - Parameter found: the fields of a form that looks for a value.
    private func listPage(
        _ request: Request, _ context: ConsoleContext, _ session: Session, found fields: Fields?
    ) async throws -> Response {
        guard let port = lists, let name = context.parameters.get("id"), let held = try await port.lists()[name]
        else { throw HTTPError(.notFound) }
        let language = context.language
        let steps = try await records.listSteps(of: name)
        let changes = held.list.changes
        var model = Self.values(held, try await port.named(), language)
        model["valueNote"] = ConsoleTexts.text("listvalue_\(held.kind)", language)
        model["steps"] = steps.map { Self.values($0, language) }
        model["changes"] = changes.prefix(Self.changesShown).map { change -> [String: Any] in
            [
                "key": change.key.text(of: held.kind), "isListed": change.entry != nil,
                "source": change.entry?.origin.source ?? "", "reason": change.entry?.origin.reason ?? "",
                "expires": change.entry?.expires.map { Formatting.time($0) } ?? "—",
                "isExpired": change.entry?.expires.map { $0 <= now() } ?? false,
            ]
        }
        model["hasChanges"] = !changes.isEmpty
        if changes.count > Self.changesShown { model["further"] = String(changes.count - Self.changesShown) }
        if let fields {
            model["found"] = try await Self.finding(fields["value"] ?? "", in: held, port, at: now(), language)
        }
        return pages.page("list", title: name, model, request, context)
    }

    /// What a list says of a value.
    private static func finding(
        _ value: String, in held: HeldList, _ port: any ListPort, at instant: Instant, _ language: Language
    ) async throws -> [String: Any] {
        guard let key = try await port.key(value, kind: held.kind) else {
            return ["text": ConsoleTexts.text("listNoValue", language), "kind": "bad"]
        }
        guard let entry = held.list[key], held.list.contains(key, at: instant) != nil else {
            return [
                "text": ConsoleTexts.text("listNotThere", language), "kind": "good",
                "key": key.text(of: held.kind),
            ]
        }
        return [
            "text": ConsoleTexts.text("listThere", language), "kind": "bad", "key": key.text(of: held.kind),
            "entry": [
                "source": entry.origin.source, "reason": entry.origin.reason,
                "expires": entry.expires.map { Formatting.time($0) } ?? "—",
            ],
        ]
    }

    // MARK: - Values

    private static func values(
        _ held: HeldList, _ named: [(name: String, kind: ListKind)], _ language: Language
    ) -> [String: Any] {
        [
            "name": held.name, "kind": ConsoleTexts.text("listkind_\(held.kind)", language),
            "count": String(held.list.count), "changeCount": String(held.list.changeCount), "source": held.source,
            "by": held.by.description, "at": Formatting.time(held.at),
            "digest": held.file?.digest.description ?? "—",
            "isNamed": named.contains { $0.name == held.name && $0.kind == held.kind },
        ]
    }

    private static func values(_ step: ListStepRow, _ language: Language) -> [String: Any] {
        var values: [String: Any] = [
            "list": step.list, "what": ConsoleTexts.text("liststep_\(step.kind)", language), "by": step.by,
            "at": Formatting.time(step.at), "source": step.source,
        ]
        if !step.reason.isEmpty { values["reason"] = step.reason }
        if let key = step.key { values["key"] = key.text(of: step.listKind ?? .card) }
        if let expires = step.expires { values["expires"] = Formatting.time(expires) }
        if let entries = step.entries { values["entries"] = String(entries) }
        return values
    }

    private static func json(_ held: HeldList) -> JSON {
        [
            "name": .string(held.name), "kind": .string(held.kind.name), "entries": .integer(Int64(held.list.count)),
            "changes": .integer(Int64(held.list.changeCount)),
            "digest": held.file.map { .string($0.digest.description) } ?? .null, "source": .string(held.source),
            "by": .string(held.by.description), "at": .string(held.at.iso8601),
        ]
    }
}
