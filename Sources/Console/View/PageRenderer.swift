// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Hummingbird
import Mustache
import Vocabulary

/// Renders the templates of `Pages`. Mustache escapes every value; no template uses the unescaped form.
struct PageRenderer: Sendable {
    static let templates: [(name: String, bytes: [UInt8])] = [
        ("head", PackageResources.head_html), ("foot", PackageResources.foot_html),
        ("decisions", PackageResources.decisions_html), ("login", PackageResources.login_html),
        ("overview", PackageResources.overview_html), ("terminals", PackageResources.terminals_html),
        ("terminal", PackageResources.terminal_html), ("cases", PackageResources.cases_html),
        ("case", PackageResources.case_html), ("account", PackageResources.account_html),
        ("rules", PackageResources.rules_html), ("cardholder", PackageResources.cardholder_html),
        ("till", PackageResources.till_html), ("estate", PackageResources.estate_html),
        ("message", PackageResources.message_html), ("decision", PackageResources.decision_html),
        ("log", PackageResources.log_html), ("backtest", PackageResources.backtest_html),
        ("models", PackageResources.models_html),
        ("lists", PackageResources.lists_html), ("list", PackageResources.list_html),
    ]

    private let library: MustacheLibrary
    private let sessions: SessionStore

    init(sessions: SessionStore) throws {
        var library = MustacheLibrary()
        for (name, bytes) in Self.templates {
            try library.register(String(decoding: bytes, as: UTF8.self), named: name)
        }
        self.library = library
        self.sessions = sessions
    }

    /// A page with its frame: navigation by role, language switch, and the line left by the request before.
    func page(
        _ name: String, title: String, _ model: [String: Any], _ request: Request, _ context: ConsoleContext,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let language = context.language
        var values = model
        values["t"] = ConsoleTexts.all(language)
        values["c"] = ConsoleTexts.catalogue(language)
        values["title"] = title
        values["product"] = Texts.text("product", language)
        values["htmlLanguage"] = language == .en ? "en" : "zh-Hans"
        values["otherLanguage"] = language == .en ? "zh" : "en"
        values["otherLanguageName"] = language == .en ? "中文" : "English"
        values["back"] = request.method == .get ? request.uri.path : "/"
        values["whyTitle"] = ConsoleTexts.text(
            context.session?.user.role == .analyst ? "why" : "reference", language)
        // The cardholder's page is the same for everybody, also for staff who are logged in.
        if let session = context.session, model["isPlain"] == nil {
            values["csrf"] = session.csrf
            values["user"] = [
                "name": session.user.name.description,
                "role": Texts.text("role.\(session.user.role.rawValue)", language),
            ]
            values["navigation"] = Self.navigation(session.user.role, request.uri.path, language)
            if let outage = context.outage {
                values["outage"] = ConsoleTexts.text("outage", language)
                    .replacing("{until}", with: Formatting.time(outage) + " UTC")
            }
            if let flash = sessions.takeFlash(session) {
                values["flash"] = ["text": flash.text, "kind": flash.isError ? "bad" : "good"]
            }
        }
        guard let text = library.render(values, withTemplate: name) else {
            return .html("", status: .internalServerError)
        }
        return .html(text, status: status)
    }

    private static func navigation(_ role: Role, _ path: String, _ language: Language) -> [[String: Any]] {
        var entries: [(path: String, title: String)] = [
            ("/", Texts.text("console.overview", language)), ("/terminals", Texts.text("console.terminals", language)),
        ]
        if Role.staff.contains(role) { entries.append(("/estate", ConsoleTexts.text("estate", language))) }
        if role == .analyst {
            entries.append(("/cases", Texts.text("console.cases", language)))
            entries.append(("/rules", Texts.text("console.rules", language)))
            entries.append(("/models", ConsoleTexts.text("models", language)))
            entries.append(("/lists", ConsoleTexts.text("lists", language)))
        }
        entries.append(("/terminal", Texts.text("console.virtualTerminal", language)))
        return entries.map { entry in
            let isHere = path == entry.path || (entry.path != "/" && path.hasPrefix(entry.path + "/"))
            return ["path": entry.path, "title": entry.title, "here": isHere]
        }
    }
}
