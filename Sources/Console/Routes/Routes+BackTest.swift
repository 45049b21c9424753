// SPDX-License-Identifier: Apache-2.0
import Catalogue
import HTTPTypes
import Host
import Hummingbird
import NIOCore
import SecurityTriggers
import Storage
import Vocabulary

extension ConsoleRoutes {
    /// Back-tests of rules that wait, or of any text, on the server's own journal.
    func addBackTest(to router: Router<ConsoleContext>) {
        guard let backTests else { return }
        router.get("/rules/backtest") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            return try await backTestPage(request, context, session, backTests, draft: nil, error: nil)
        }
        router.post("/rules/backtest") { request, context -> Response in
            let session = try self.session(context, [.analyst])
            let fields = try await form(request, session, bytesMax: Action.rules.bytesMax)
            return try await startBackTest(fields, request, context, session, backTests)
        }
        router.get("/rules/backtest/report.html") { _, context -> Response in
            _ = try self.session(context, [.analyst])
            return try await Self.attachment(
                backTests.report(.html), type: "text/html; charset=utf-8", name: "backtest.html")
        }
        router.get("/rules/backtest/report.csv") { _, context -> Response in
            _ = try self.session(context, [.analyst])
            return try await Self.attachment(
                backTests.report(.csv), type: "text/csv; charset=utf-8", name: "backtest.csv")
        }
    }

    private func startBackTest(
        _ fields: Fields, _ request: Request, _ context: ConsoleContext, _ session: Session,
        _ backTests: any BackTestPort
    ) async throws -> Response {
        var version: UInt32?
        var text = (fields["text"] ?? "").replacing("\r\n", with: "\n")
        if let chosen = fields["version"], !chosen.isEmpty {
            guard let number = UInt32(chosen), let row = try await records.rules(version: number), row.state.isWaiting
            else { throw HTTPError(.notFound) }
            (version, text) = (number, row.text)
        }
        do throws(RuleFileError) { _ = try RuleSet(parsing: text) } catch {
            return try await backTestPage(request, context, session, backTests, draft: text, error: error)
        }
        let present = try await records.rules().first { $0.state == .live }?.text
        let task = BackTestTask(
            candidate: text, present: present, version: version, by: session.user.name, at: now())
        if await !backTests.start(task) {
            sessions.setFlash(Flash(isError: true, text: ConsoleTexts.text("backTestBusy", context.language)), session)
        }
        return .redirect("/rules/backtest")
    }

    /// A file to keep, not a page: its own styles are none of the console's.
    private static func attachment(_ bytes: [UInt8]?, type: String, name: String) throws -> Response {
        guard let bytes else { throw HTTPError(.notFound) }
        var headers: HTTPFields = [.contentType: type]
        headers[.contentDisposition] = "attachment; filename=\"\(name)\""
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

// MARK: - The page

extension ConsoleRoutes {
    private func backTestPage(
        _ request: Request, _ context: ConsoleContext, _ session: Session, _ backTests: any BackTestPort,
        draft: String?, error: RuleFileError?
    ) async throws -> Response {
        let language = context.language
        let versions = try await records.rules()
        let state = await backTests.state()
        var model = Self.values(state, language)
        model["choices"] = versions.filter { $0.state.isWaiting }.sorted { $0.version < $1.version }.map {
            ["version": String($0.version), "by": $0.by]
        }
        let tried = state.task.flatMap { $0.version == nil ? $0.candidate : nil }
        model["text"] = draft ?? tried ?? versions.first { $0.state == .live }?.text ?? ""
        var status = HTTPResponse.Status.ok
        if let error {
            status = .unprocessableContent
            model["refusal"] = ConsoleTexts.text("backTestUnreadable", language) + " \(error)"
            model["place"] = Self.place(error, in: draft ?? "")
        }
        var response = pages.page(
            "backtest", title: ConsoleTexts.text("backTest", language), model, request, context, status: status)
        // The page of one under way looks again by itself; no script is needed for it.
        if error == nil, model["isRunning"] != nil, let name = HTTPField.Name("Refresh") {
            response.headers[name] = "3"
        }
        return response
    }

    private static func values(_ state: BackTestState, _ language: Language) -> [String: Any] {
        switch state {
        case .idle: return [:]
        case .running(let task): return ["isRunning": true, "task": values(task, language)]
        case .done(let task, let figures): return ["task": values(task, language), "result": result(figures, language)]
        case .tooLong(let task):
            return ["task": values(task, language), "failure": ConsoleTexts.text("backTestTooLong", language)]
        case .failed(let task):
            return ["task": values(task, language), "failure": ConsoleTexts.text("backTestFailed", language)]
        }
    }

    private static func values(_ task: BackTestTask, _ language: Language) -> [String: Any] {
        let what = ConsoleTexts.text(task.version == nil ? "backTestOwnText" : "ruleVersion", language)
        return [
            "what": what + (task.version.map { " \($0)" } ?? ""), "by": task.by.description,
            "at": Formatting.time(task.at),
        ]
    }

    private static func result(_ figures: JSON, _ language: Language) -> [String: Any] {
        var sets: [[String: Any]] = []
        for (name, key) in [("candidate", "backTestCandidate"), ("present", "backTestPresent")] {
            guard let set = figures[name], set != .null else { continue }
            var values = shown(set, ["rules", "stopped", "frauds", "saved", "falseAlarmsPer10000"])
            values["what"] = ConsoleTexts.text(key, language)
            sets.append(values)
        }
        let names = ["rule", "fired", "frauds", "fraudAmount", "falseAlarmsPer10000", "suppressed", "unknown"]
        let pairs = (figures["together"]?.array ?? []).map { pair -> [String: Any] in
            let rules = (pair["rules"]?.array ?? []).compactMap(\.string)
            return ["rules": rules.joined(separator: " + "), "fired": shown(pair["fired"])]
        }
        var values = shown(figures, ["transactions", "frauds", "fraudAmount"])
        values["sets"] = sets
        values["rules"] = (figures["byRule"]?.array ?? []).map { shown($0, names) }
        values["pairs"] = pairs
        values["hasPairs"] = !pairs.isEmpty
        return values
    }

    private static func shown(_ figures: JSON, _ names: [String]) -> [String: Any] {
        var values: [String: Any] = [:]
        for name in names { values[name] = shown(figures[name]) }
        return values
    }

    private static func shown(_ figure: JSON?) -> String {
        figure?.string ?? figure?.integer.map { String($0) } ?? "—"
    }
}
