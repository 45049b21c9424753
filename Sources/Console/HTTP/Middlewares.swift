// SPDX-License-Identifier: Apache-2.0
import Catalogue
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PaymentCryptography
import Storage
import Vocabulary

/// The headers every answer carries: nothing from elsewhere is loaded, nothing is framed, kept or told to others.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = ConsoleContext

    let isSecure: Bool

    private static let fields: [(HTTPField.Name, String)] = {
        let fields = [
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ]
        return fields.compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
    }()

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.fields { response.headers[name] = value }
        if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}

/// Language, session, and where a changing request may come from.
struct Recognition: RouterMiddleware {
    typealias Context = ConsoleContext

    let sessions: SessionStore
    let records: RecordsReader
    let now: @Sendable () -> Instant

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.language =
            request.cookies[ConsoleCookie.language]?.value.lowercased().asLanguage
            ?? Language(acceptLanguage: request.headers[.acceptLanguage] ?? "")
        if let cookie = request.cookies[ConsoleCookie.session]?.value {
            context.session = sessions.find(cookie, now: now())
            // Every page of somebody logged in says that leases are extended (rule R14).
            if context.session != nil { context.outage = try await records.outage(at: now())?.until }
        }
        // A browser says where a request was caused; ours are caused by our own pages only.
        if request.method != .get, request.method != .head,
            let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site != "same-origin",
            site != "none"
        {
            throw HTTPError(.forbidden)
        }
        return try await next(request, context)
    }
}

/// Turns thrown errors into pages, or into JSON for programs.
struct ErrorPages: RouterMiddleware {
    typealias Context = ConsoleContext

    let pages: PageRenderer

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch is LogInNeeded {
            guard !request.uri.path.hasPrefix("/api/"), request.uri.path != "/events" else {
                return page(.unauthorized, request, context)
            }
            return .redirect("/login")
        } catch let error as HTTPError {
            return page(error.status, request, context)
        } catch let error as any HTTPResponseError {
            return page(error.status, request, context)
        } catch {
            // The kind only: an error's text may repeat what a request held.
            context.logger.error("request failed", metadata: ["error": "\(type(of: error))"])
            return page(.internalServerError, request, context)
        }
    }

    private func page(_ status: HTTPResponse.Status, _ request: Request, _ context: ConsoleContext) -> Response {
        let key =
            switch status {
            case .forbidden: "notAllowed"
            case .notFound: "notFound"
            case .contentTooLarge: "tooLarge"
            case .serviceUnavailable: "busy"
            case .internalServerError: "failed"
            case .unauthorized: "logInFirst"
            default: "badRequest"
            }
        guard !request.uri.path.hasPrefix("/api/") else {
            return .json(
                [
                    "error": .string(key), "en": .string(ConsoleTexts.text(key, .en)),
                    "zh": .string(ConsoleTexts.text(key, .zh)),
                ], status: status)
        }
        let text = ConsoleTexts.text(key, context.language)
        return pages.page(
            "message", title: text, ["message": text, "code": String(status.code)], request, context, status: status)
    }
}

/// The names of the console's cookies.
enum ConsoleCookie {
    static let session = "tillguard_session"
    static let language = "tillguard_language"
    /// Ties a log-in form to the browser it was shown in.
    static let form = "tillguard_form"

    static func make(_ name: String, _ value: String, isSecure: Bool, maxAge: Int? = nil) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: maxAge, path: "/", secure: isSecure, httpOnly: true, sameSite: .strict)
    }
}

extension String {
    fileprivate var asLanguage: Language? { Language(rawValue: self) }
}

extension Response {
    static func json(_ value: JSON, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: value.text)))
    }

    static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static func redirect(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }
}

/// Whether two texts are the same, in a time that depends on their lengths alone; two empty ones are not.
func constantTimeEquals(_ left: String, _ right: String) -> Bool {
    constantTimeEquals(Array(left.utf8), Array(right.utf8))
}
