// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import ModuleProtocol
import Storage
import TerminalAgent
import Vocabulary

/// The virtual terminal. A PIN is never a field: each key goes on its own to the keypad port of the module, and no
/// answer of this page says which.
extension ConsoleRoutes {
    /// What the page offers as sold.
    static let goods = ["GROCERY", "TOBACCO", "LUXURY"]

    func addTill(to router: Router<ConsoleContext>) {
        router.get("/terminal") { request, context -> Response in
            _ = try self.session(context)
            guard let desk, let first = await desk.terminals().first else {
                let text = ConsoleTexts.text("till_none", context.language)
                return pages.page(
                    "message", title: Texts.text("console.virtualTerminal", context.language), ["message": text],
                    request, context)
            }
            let chosen = request.uri.queryParameters["id"].flatMap { TerminalID($0) }
            return .redirect("/terminal/\(chosen ?? first)")
        }
        router.get("/terminal/{id}") { request, context -> Response in
            let session = try self.session(context)
            let (desk, screen) = try await till(context, session)
            return pages.page(
                "till", title: Texts.text("console.virtualTerminal", context.language),
                model(screen, await desk.terminals(), session, context.language), request, context)
        }
        router.get("/terminal/{id}/screen") { _, context -> Response in
            let session = try self.session(context)
            let (_, screen) = try await till(context, session)
            return .json(json(screen, mayStepUp: tills.sale(screen.terminal, session) != nil))
        }
        router.post("/terminal/{id}/keypad") { request, context -> Response in
            let session = try self.session(context)
            let (desk, screen) = try await till(context, session)
            guard let key = Self.key(try await form(request, session)["key"]) else { throw HTTPError(.badRequest) }
            _ = await desk.press(screen.terminal, key)
            return .redirect("/terminal/\(screen.terminal)")
        }
        router.post("/terminal/{id}/cancel") { request, context -> Response in
            let session = try self.session(context)
            let (desk, screen) = try await till(context, session)
            _ = try await form(request, session)
            _ = await desk.cancel(screen.terminal)
            return .redirect("/terminal/\(screen.terminal)")
        }
        router.post("/terminal/{id}/sale") { request, context -> Response in
            let session = try self.session(context)
            let (desk, screen) = try await till(context, session)
            guard let sale = Self.sale(try await form(request, session), screen.currency) else {
                return flash("till_badSale", screen.terminal, session, context)
            }
            return try await start(sale, at: screen.terminal, desk, session, context)
        }
        router.post("/terminal/{id}/step-up") { request, context -> Response in
            let session = try self.session(context)
            let (desk, screen) = try await till(context, session)
            let fields = try await form(request, session)
            guard var sale = tills.sale(screen.terminal, session), let challenge = screen.challenge,
                let proof = fields["proof"].flatMap(TillProof.init(rawValue:))
            else { return flash("till_noChallenge", screen.terminal, session, context) }
            sale.stepUp = (challenge, proof)
            // The identity document is shown beside the PIN, the transaction password typed in its place.
            if proof == .transactionPassword { sale.wantsPIN = true }
            return try await start(sale, at: screen.terminal, desk, session, context)
        }
    }

    /// - Throws: 404 for a terminal that this server does not run, or another merchant's.
    private func till(
        _ context: ConsoleContext, _ session: Session
    ) async throws -> (any VirtualTerminalDesk, TerminalScreen) {
        guard let desk, let id = context.terminal(), let screen = await desk.screen(id) else {
            throw HTTPError(.notFound)
        }
        if let merchant = scope(session) {
            guard try await records.terminal(id, now: now())?.terminal.merchant == merchant else {
                throw HTTPError(.notFound)
            }
        }
        return (desk, screen)
    }

    private func start(
        _ sale: TillSale, at id: TerminalID, _ desk: any VirtualTerminalDesk, _ session: Session,
        _ context: ConsoleContext
    ) async throws -> Response {
        guard await desk.startSale(id, sale) else { return flash("till_busy", id, session, context) }
        tills.remember(sale, id, session)
        return .redirect("/terminal/\(id)")
    }

    private func flash(
        _ key: String, _ id: TerminalID, _ session: Session, _ context: ConsoleContext
    ) -> Response {
        sessions.setFlash(Flash(isError: true, text: ConsoleTexts.text(key, context.language)), session)
        return .redirect("/terminal/\(id)")
    }

    private static func key(_ text: String?) -> KeypadKey? {
        switch text {
        case "clear": .clear
        case "enter": .enter
        case "cancel": .cancel
        default:
            if let text, text.utf8.count == 1, let digit = UInt8(text) { .digit(digit) } else { nil }
        }
    }

    private static func sale(_ fields: Fields, _ currency: Currency) -> TillSale? {
        let digits = (fields["pan"] ?? "").filter { $0 != " " }
        guard let pan = PAN(digits), let expiry = expiry(fields["expiry"] ?? ""),
            let amount = Money(figure: fields["amount"] ?? "", currency), amount.minorUnits > 0
        else { return nil }
        let codes = fields.all("goods")
        let goods = codes.compactMap { GoodsCode($0) }
        guard goods.count == codes.count, goods.count <= 8 else { return nil }
        return TillSale(pan: pan, expiry: expiry, amount: amount, goods: goods, wantsPIN: fields["pin"] == "yes")
    }

    /// `MM/YY` as a card has it, or `YYMM` as a message has it.
    private static func expiry(_ text: String) -> UInt16? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? parts[1] + parts[0] : parts.count == 1 ? parts[0] : ""
        guard digits.utf8.count == 4, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let value = UInt16(digits), (1...12).contains(value % 100)
        else { return nil }
        return value
    }

    private func model(
        _ screen: TerminalScreen, _ terminals: [TerminalID], _ session: Session, _ language: Language
    ) -> [String: Any] {
        var model: [String: Any] = [
            "id": screen.terminal.description,
            "terminals": terminals.map { ["id": $0.description, "here": $0 == screen.terminal] as [String: Any] },
            "en": screen.en, "zh": screen.zh, "phase": screen.phase.rawValue, "currency": screen.currency.code,
            "stars": String(repeating: "●", count: screen.keypadCount ?? 0),
            "keypadOpen": screen.keypadCount != nil, "isReady": screen.phase == .ready,
            "goods": Self.goods.map { ["code": $0, "title": ConsoleTexts.text("goods_\($0)", language)] },
            "cards": configuration.testCards.map { card -> [String: String] in
                let digits = String(10_000 + Int(card.expiry)).dropFirst()
                return [
                    "pan": String(decoding: card.pan.ascii, as: UTF8.self), "label": card.label,
                    "expiry": "\(digits.suffix(2))/\(digits.prefix(2))",
                ]
            },
            "keys": Self.keys(language), "openReversals": String(screen.openReversals),
            "hasReversals": screen.openReversals > 0,
            "warnings": screen.warnings.map {
                ["code": $0.rawValue, "title": $0.entry.title[language], "tone": Formatting.tone($0.severity)]
            },
            "mayStepUp": screen.challenge != nil && tills.sale(screen.terminal, session) != nil,
        ]
        if let outcome = screen.lastOutcome {
            model["outcome"] = Self.outcome(outcome, language)
            model["outcomeTone"] = outcome == "approved" ? "good" : outcome == "reversed" ? "warn" : "bad"
        }
        if let code = screen.lastCode, !code.isEmpty { model["code"] = code }
        if let reference = screen.lastReference, !reference.isEmpty { model["reference"] = reference }
        if let card = configuration.testCards.first {
            let digits = String(10_000 + Int(card.expiry)).dropFirst()
            model["firstPAN"] = String(decoding: card.pan.ascii, as: UTF8.self)
            model["firstExpiry"] = "\(digits.suffix(2))/\(digits.prefix(2))"
        }
        return model
    }

    private static func keys(_ language: Language) -> [[String: String]] {
        let digits = (1...9).map { ["key": String($0), "title": String($0), "kind": "digit"] }
        return digits + [
            ["key": "clear", "title": ConsoleTexts.text("key_clear", language), "kind": "clear"],
            ["key": "0", "title": "0", "kind": "digit"],
            ["key": "enter", "title": ConsoleTexts.text("key_enter", language), "kind": "enter"],
        ]
    }

    private static func outcome(_ word: String, _ language: Language) -> String {
        let key = "outcome_\(word)"
        return ConsoleTexts.has(key) ? ConsoleTexts.text(key, language) : word
    }

    private func json(_ screen: TerminalScreen, mayStepUp: Bool) -> JSON {
        .object([
            .init("phase", .string(screen.phase.rawValue)), .init("en", .string(screen.en)),
            .init("zh", .string(screen.zh)),
            .init("keypad", screen.keypadCount.map { .integer(Int64($0)) } ?? .null),
            .init("warnings", .array(screen.warnings.map { .string($0.rawValue) })),
            .init("openReversals", .integer(Int64(screen.openReversals))),
            .init("outcome", screen.lastOutcome.map { .string($0) } ?? .null),
            .init("reference", screen.lastReference.map { .string($0) } ?? .null),
            .init("code", screen.lastCode.map { .string($0) } ?? .null),
            .init("mayStepUp", .bool(mayStepUp && screen.challenge != nil)),
        ])
    }
}
