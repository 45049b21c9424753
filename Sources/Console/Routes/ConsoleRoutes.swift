// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import HTTPTypes
import Host
import Hummingbird
import NIOCore
import Storage
import TerminalAgent
import Vocabulary

/// Nobody is logged in, and the page is for people who are.
struct LogInNeeded: Error {}

/// Everything the pages work with, and the table of addresses.
struct ConsoleRoutes: Sendable {
    let configuration: ConsoleConfiguration
    let records: RecordsReader
    let commands: any CommandPort
    let feed: any CommittedFeed
    let desk: (any VirtualTerminalDesk)?
    /// Nil where the server tries no rules.
    let backTests: (any BackTestPort)?
    /// Nil where the server shows no models.
    let models: (any ModelPort)?
    /// Nil where nobody asks for lists.
    let lists: (any ListPort)?
    let links: CaseLinks
    let users: UserStore
    let sessions: SessionStore
    let pages: PageRenderer
    let now: @Sendable () -> Instant
    let live = LiveListeners(max: ConsoleConfiguration.liveListenersMax)
    let tills = TillMemory()
    /// Five wrong passwords close a user's door for half an hour.
    let logIns: AttemptGuard<String>
    /// Five wrong codes close a case's door for a day; the link and the telephone still work.
    let codes: AttemptGuard<CaseID>

    init(
        configuration: ConsoleConfiguration, records: RecordsReader, commands: any CommandPort,
        feed: any CommittedFeed, desk: (any VirtualTerminalDesk)?, backTests: (any BackTestPort)?,
        models: (any ModelPort)?, lists: (any ListPort)?, links: CaseLinks, users: UserStore,
        attempts: AttemptLedger, sessions: SessionStore, pages: PageRenderer, now: @escaping @Sendable () -> Instant
    ) {
        self.configuration = configuration
        self.records = records
        self.commands = commands
        self.feed = feed
        self.desk = desk
        self.backTests = backTests
        self.models = models
        self.lists = lists
        self.links = links
        self.users = users
        logIns = AttemptGuard(attempts, name: "login", limit: 5, lockedFor: .minutes(30))
        codes = AttemptGuard(attempts, name: "code", limit: 5, lockedFor: .days(1))
        self.sessions = sessions
        self.pages = pages
        self.now = now
    }

    func router() -> Router<ConsoleContext> {
        // Whatever can be read can be asked about without its body (RFC 9110 9.3.2).
        let router = Router(context: ConsoleContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeaders(isSecure: configuration.isSecure))
        router.add(middleware: ErrorPages(pages: pages))
        router.add(middleware: Recognition(sessions: sessions, records: records, now: now))
        addAssets(to: router)
        addLogIn(to: router)
        addOverview(to: router)
        addTerminals(to: router)
        addLogs(to: router)
        addEstate(to: router)
        addCases(to: router)
        addAccounts(to: router)
        addRules(to: router)
        addBackTest(to: router)
        addModels(to: router)
        addLists(to: router)
        addDecisions(to: router)
        addCardholder(to: router)
        addTill(to: router)
        addActions(to: router)
        addAPI(to: router)
        return router
    }
}

// MARK: - Who, and what they sent

extension ConsoleRoutes {
    /// - Throws: `LogInNeeded`, or 403 for another role.
    func session(_ context: ConsoleContext, _ roles: [Role] = Role.people) throws -> Session {
        guard let session = context.session else { throw LogInNeeded() }
        guard roles.contains(session.user.role) else { throw HTTPError(.forbidden) }
        return session
    }

    /// Whose terminals a user sees: a merchant's only, or all.
    func scope(_ session: Session) -> MerchantID? { session.user.role == .merchant ? session.user.merchant : nil }

    /// The fields of a form.
    /// - Throws: 415 for another kind of body, 413 for a long one, 400 for a broken one.
    func form(_ request: Request, bytesMax: Int = ConsoleConfiguration.bodyBytesMax) async throws -> Fields {
        let type = request.headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
            throw HTTPError(.unsupportedMediaType)
        }
        let body = try await request.body.collect(upTo: bytesMax)
        guard let fields = Fields(form: body.readableBytesView) else { throw HTTPError(.badRequest) }
        return fields
    }

    /// The fields of a form of somebody logged in; its token proves that one of our own pages sent it.
    func form(
        _ request: Request, _ session: Session, bytesMax: Int = ConsoleConfiguration.bodyBytesMax
    ) async throws -> Fields {
        let fields = try await form(request, bytesMax: bytesMax)
        guard constantTimeEquals(fields["csrf"] ?? "", session.csrf) else { throw HTTPError(.forbidden) }
        return fields
    }

    /// The fields of a program's request.
    func json(
        _ request: Request, _ session: Session, bytesMax: Int = ConsoleConfiguration.bodyBytesMax
    ) async throws -> Fields {
        let token = HTTPField.Name("X-CSRF-Token").flatMap { request.headers[$0] } ?? ""
        guard constantTimeEquals(token, session.csrf) else { throw HTTPError(.forbidden) }
        let body = try await request.body.collect(upTo: bytesMax)
        guard let fields = Fields(json: Array(body.readableBytesView)) else { throw HTTPError(.badRequest) }
        return fields
    }

    /// Gives a command and waits until pages show it, for a moment at most: the command is durable either way.
    func submit(_ command: Command, by user: User) async throws {
        let before = records.checkpoint()
        try await commands.submit(command, by: user.principal)
        for _ in 0..<100 where records.checkpoint() == before { try await Task.sleep(for: .milliseconds(10)) }
    }
}

// MARK: - Assets

extension ConsoleRoutes {
    private func addAssets(to router: Router<ConsoleContext>) {
        let assets: [(path: String, type: String, bytes: [UInt8])] = [
            ("/assets/console.css", "text/css; charset=utf-8", PackageResources.console_css),
            ("/assets/console.js", "text/javascript; charset=utf-8", PackageResources.console_js),
            ("/assets/icon.svg", "image/svg+xml", PackageResources.icon_svg),
            ("/openapi.json", "application/json; charset=utf-8", PackageResources.openapi_json),
        ]
        for asset in assets {
            router.get(RouterPath(asset.path)) { _, _ -> Response in
                Response(
                    status: .ok, headers: [.contentType: asset.type, .cacheControl: "max-age=300"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
            }
        }
        router.get("/healthz") { _, _ -> Response in
            Response.json(["status": "ok", "projected": .integer(Int64(clamping: records.checkpoint()))])
        }
        // The choice of language changes how pages look and nothing else.
        router.get("/language/{language}") { request, context -> Response in
            guard let language = context.parameters.get("language").flatMap(Language.init(rawValue:)) else {
                throw HTTPError(.notFound)
            }
            let back = request.uri.queryParameters["back"].map(String.init)?.removingPercentEncoding ?? "/"
            // A path of our own only: two slashes would name another host, a backslash too in some browsers.
            let isOurs =
                back.hasPrefix("/") && !back.hasPrefix("//")
                && back.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }
            var response = Response.redirect(isOurs ? back : "/")
            response.setCookie(
                ConsoleCookie.make(
                    ConsoleCookie.language, language.rawValue, isSecure: configuration.isSecure,
                    maxAge: 365 * 86_400))
            return response
        }
    }
}
