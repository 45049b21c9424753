// SPDX-License-Identifier: Apache-2.0
import Catalogue
import HTTPTypes
import Host
import Hummingbird
import Issuer
import Storage
import Vocabulary

/// The page behind the link of a mail. No log-in: the token is the key, and it can only stop. Reading changes nothing
/// (rule R11), and no field asks for card data.
extension ConsoleRoutes {
    /// Who a cardholder's answers are recorded as.
    static let cardholder = StaffID("HOLDER") ?? StaffID(packed: 0)

    func addCardholder(to router: Router<ConsoleContext>) {
        router.get("/c/{id}/{token}") { request, context -> Response in
            let row = try await fraudCase(context)
            return cardholderPage(row, request, context)
        }
        router.post("/c/{id}/{token}/not-me") { request, context -> Response in
            let row = try await fraudCase(context)
            _ = try await form(request)
            return try await answer(.denyCase(row.id), row, request, context)
        }
        router.post("/c/{id}/{token}/me") { request, context -> Response in
            let row = try await fraudCase(context)
            let fields = try await form(request)
            guard row.state == .open, !row.isDispute else { return cardholderPage(row, request, context) }
            let code = (fields["code"] ?? "").filter { !$0.isWhitespace }
            guard await codes.reserve(row.id, now: now()) else {
                return cardholderPage(row, request, context, refusal: "holder_noTries", status: .tooManyRequests)
            }
            guard links.verify(code: code, of: row.id) else {
                let key = codes.triesLeft(row.id, now: now()) > 0 ? "holder_wrongCode" : "holder_noTries"
                return cardholderPage(row, request, context, refusal: key, status: .forbidden)
            }
            await codes.succeeded(row.id, now: now())
            return try await answer(.confirmCase(row.id, factor: true), row, request, context)
        }
    }

    /// - Throws: 404 alike for a case that is not there and a token that is not its own.
    private func fraudCase(_ context: ConsoleContext) async throws -> CaseRow {
        guard let id = context.number(), let token = context.parameters.get("token"),
            links.verify(token: token, of: CaseID(id)), let detail = try await records.caseDetail(CaseID(id)),
            !detail.row.isDispute
        else { throw HTTPError(.notFound) }
        return detail.row
    }

    private func answer(
        _ command: Command, _ row: CaseRow, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        do {
            try await submit(command, by: User(name: Self.cardholder, role: .cardholder))
        } catch let refusal as CommandRefusal {
            // Answered a moment ago, by the desk or in another window: the page says how.
            guard refusal == .issuer(.alreadyAnswered) else { throw HTTPError(.notFound) }
        }
        // The page again by its own address: going back or reloading repeats nothing.
        return .redirect(links.path(row.id))
    }

    private func cardholderPage(
        _ row: CaseRow, _ request: Request, _ context: ConsoleContext, refusal: String? = nil,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let language = context.language
        let left = codes.triesLeft(row.id, now: now())
        var model: [String: Any] = [
            "merchant": row.merchantName ?? row.merchant.description, "amount": Formatting.money(row.amount),
            "at": Formatting.time(row.opened) + " UTC", "lastFour": row.masked.map(Formatting.lastFour) ?? "",
            "reference": row.reference, "path": links.path(row.id), "isOpen": row.state == .open,
            "stopped": ConsoleTexts.text(row.stopped ? "holder_stopped" : "holder_passed", language),
            "hasTries": left > 0, "isPlain": true,
        ]
        switch row.state {
        case .open: break
        case .confirmed:
            model["outcome"] = ConsoleTexts.text(row.stopped ? "holder_confirmedStopped" : "holder_confirmed", language)
            model["tone"] = "good"
        case .denied:
            model["outcome"] = ConsoleTexts.text("holder_denied", language)
            model["tone"] = "bad"
        }
        if let refusal {
            model["refusal"] = ConsoleTexts.text(refusal, language).replacing("{left}", with: String(left))
        }
        return pages.page(
            "cardholder", title: ConsoleTexts.text("holder_title", language), model, request, context, status: status)
    }
}
