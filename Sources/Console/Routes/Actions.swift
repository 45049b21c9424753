// SPDX-License-Identifier: Apache-2.0
import Catalogue
import HTTPTypes
import Host
import Hummingbird
import Issuer
import Storage
import Vocabulary

/// One thing people can change: an address for the form and, under `/api`, for programs; the same command either way.
struct Action: Sendable {
    let path: String
    let roles: [Role]
    var bytesMax = ConsoleConfiguration.bodyBytesMax
    /// Said when it is done.
    let done: String
    /// Where the form's page is.
    let back: @Sendable (ConsoleContext) -> String
    /// - Returns: nil where the fields make no command.
    let command: @Sendable (ConsoleRoutes, ConsoleContext, Fields) async throws -> Command?
}

extension Action {
    static let all: [Action] = [
        terminals, estate, cases, accounts, otherHosts, [rules], ruleSteps, [model], modelSteps, lists,
    ].flatMap { (actions: [Action]) in actions }

    private static let terminals: [Action] = [
        terminal("activate", "done_activate") { .activate($0) },
        terminal("suspend", "done_suspend") { .suspend($0) },
        terminal("resume", "done_resume") { .resume($0) },
        Action(
            path: "/terminals/{id}/warnings/{code}/clear", roles: [.operator], done: "done_clear",
            back: { "/terminals/\($0.parameters.get("id") ?? "")" },
            command: { _, context, _ in
                guard let id = context.terminal(),
                    let code = context.parameters.get("code").flatMap(WarningCode.init(rawValue:))
                else { throw HTTPError(.notFound) }
                return .clearWarning(id, code)
            }),
    ]

    private static let cases: [Action] = [
        Action(
            path: "/cases/{id}/confirm", roles: [.analyst], done: "done_confirm", back: caseBack,
            command: { _, context, fields in
                guard let id = context.number() else { throw HTTPError(.notFound) }
                // The analyst states that the cardholder was called back and verified; nobody else can know.
                guard fields["calledBack"] == "yes" else { return nil }
                return .confirmCase(CaseID(id), factor: false)
            }),
        Action(
            path: "/cases/{id}/deny", roles: [.analyst], done: "done_deny", back: caseBack,
            command: { _, context, _ in
                guard let id = context.number() else { throw HTTPError(.notFound) }
                return .denyCase(CaseID(id))
            }),
    ]

    private static let accounts: [Action] = [
        account("freeze", "done_freeze") { _, id, _ in .freeze(id) },
        account("unfreeze", "done_unfreeze") { _, id, _ in .unfreeze(id) },
        account("dispute", "done_dispute") { routes, id, fields in
            // What is disputed is read from the records; the form only says which line.
            guard let sequence = fields["line"].flatMap(UInt64.init), sequence > 0,
                let line = try await routes.records.decisions(
                    DecisionQuery(after: sequence - 1, before: sequence + 1, limit: 1)
                ).first, line.account == id, let card = line.card, let merchant = line.merchant,
                line.intent.isApproval
            else { return nil }
            return .dispute(card, terminal: line.terminal, merchant: merchant, amount: line.amount, rrn: line.rrn)
        },
        account("card", "done_card") { routes, id, fields in
            guard let key = fields["card"].flatMap({ CardKey($0) }),
                let status = fields["status"].flatMap(UInt8.init).flatMap(CardStatus.init(rawValue:)),
                try await routes.records.account(id)?.cards.contains(where: { $0.key == key }) == true
            else { return nil }
            return .setCardStatus(key, status)
        },
        account("notice", "done_notice") { routes, id, fields in
            guard let account = try await routes.records.account(id),
                let key = fields["card"].flatMap({ CardKey($0) }), account.cards.contains(where: { $0.key == key }),
                let days = fields["days"].flatMap(Int64.init), (1...90).contains(days),
                let amount = fields["amount"].flatMap({ Money(figure: $0, account.account.available.currency) })
            else { return nil }
            let codes = (fields["categories"] ?? "").split(whereSeparator: { $0 == "," || $0 == " " })
            let categories = codes.compactMap { $0.utf8.count == 4 ? UInt16($0).map(MCC.init) : nil }
            guard categories.count == codes.count, categories.count <= 20 else { return nil }
            var notice = AdvanceNotice(
                from: routes.now(), until: routes.now() + .days(days), amountMax: amount, categories: categories)
            // Left empty there is no such cap.
            if let text = fields["total"], !text.isEmpty {
                guard let total = Money(figure: text, amount.currency) else { return nil }
                notice.totalMax = total.minorUnits
            }
            if let text = fields["uses"], !text.isEmpty {
                guard let uses = UInt16(text) else { return nil }
                notice.usesMax = uses
            }
            guard let area = noticeArea(fields) else { return nil }
            notice.area = area
            return .addNotice(key, notice)
        },
    ]

    /// Where a notice holds: nowhere in particular where both fields are empty; nil where they say no place, or only one of them
    /// is there.
    private static func noticeArea(_ fields: Fields) -> AdvanceNotice.Area?? {
        let (place, radius) = (fields["place"] ?? "", fields["radius"] ?? "")
        if place.isEmpty, radius.isEmpty { return .some(nil) }
        guard let centre = Position(degrees: place), let kilometres = UInt32(radius), 1...1_000 ~= kilometres else {
            return nil
        }
        return .some(AdvanceNotice.Area(centre: centre, radiusMetres: kilometres * 1_000))
    }

    private static func terminal(
        _ verb: String, _ done: String, _ command: @escaping @Sendable (TerminalID) -> Command
    ) -> Action {
        Action(
            path: "/terminals/{id}/\(verb)", roles: [.operator], done: done,
            back: { "/terminals/\($0.parameters.get("id") ?? "")" },
            command: { _, context, _ in
                guard let id = context.terminal() else { throw HTTPError(.notFound) }
                return command(id)
            })
    }

    private static func account(
        _ verb: String, _ done: String,
        _ command: @escaping @Sendable (ConsoleRoutes, AccountID, Fields) async throws -> Command?
    ) -> Action {
        Action(
            path: "/accounts/{id}/\(verb)", roles: [.analyst], done: done,
            back: { "/accounts/\($0.parameters.get("id") ?? "")" },
            command: { routes, context, fields in
                guard let id = context.number() else { throw HTTPError(.notFound) }
                return try await command(routes, AccountID(id), fields)
            })
    }

    private static let caseBack: @Sendable (ConsoleContext) -> String = { "/cases/\($0.parameters.get("id") ?? "")" }
}

extension ConsoleRoutes {
    func addActions(to router: Router<ConsoleContext>) {
        for action in Action.all {
            // The rules' form keeps the text that was refused; it has a route of its own.
            if action.path != Action.rules.path {
                router.post(RouterPath(action.path)) { request, context -> Response in
                    try await submitForm(action, request, context)
                }
            }
            router.post(RouterPath("/api" + action.path)) { request, context -> Response in
                try await submitJSON(action, request, context)
            }
        }
    }

    private func submitForm(_ action: Action, _ request: Request, _ context: ConsoleContext) async throws -> Response {
        let session = try self.session(context, action.roles)
        let fields = try await form(request, session, bytesMax: action.bytesMax)
        let language = context.language
        guard let command = try await action.command(self, context, fields) else {
            sessions.setFlash(Flash(isError: true, text: ConsoleTexts.text("fieldsMissing", language)), session)
            return .redirect(action.back(context))
        }
        do {
            try await submit(command, by: session.user)
            sessions.setFlash(Flash(isError: false, text: ConsoleTexts.text(action.done, language)), session)
        } catch let refusal as CommandRefusal {
            if case .notYours = refusal { throw HTTPError(.forbidden) }
            sessions.setFlash(Flash(isError: true, text: RefusalSentence.text(refusal, language)), session)
        }
        return .redirect(action.back(context))
    }

    private func submitJSON(_ action: Action, _ request: Request, _ context: ConsoleContext) async throws -> Response {
        let session = try self.session(context, action.roles)
        let fields = try await json(request, session, bytesMax: action.bytesMax)
        guard let command = try await action.command(self, context, fields) else {
            return Self.refused(
                "fieldsMissing", en: ConsoleTexts.text("fieldsMissing", .en),
                zh: ConsoleTexts.text("fieldsMissing", .zh), .badRequest)
        }
        do {
            try await submit(command, by: session.user)
            return .json(["done": true])
        } catch let refusal as CommandRefusal {
            var status = HTTPResponse.Status.conflict
            if case .notYours = refusal { status = .forbidden }
            switch refusal {
            case .rules, .malformed, .model(.unreadable), .model(.doesNotFit): status = .unprocessableContent
            case .busy, .stopping: status = .serviceUnavailable
            default: break
            }
            return Self.refused(
                RefusalSentence.key(refusal), en: RefusalSentence.text(refusal, .en),
                zh: RefusalSentence.text(refusal, .zh), status)
        }
    }

    private static func refused(
        _ key: String, en: String, zh: String, _ status: HTTPResponse.Status
    ) -> Response {
        .json(["error": .string(key), "en": .string(en), "zh": .string(zh)], status: status)
    }
}
