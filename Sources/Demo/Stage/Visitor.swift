// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A browser at the console: its cookies, and who is logged in with it.
final class Visitor {
    let name: String
    private let stage: Stage
    private var cookies: [Pair] = []
    private var token = ""

    init(_ name: String, _ stage: Stage) {
        self.name = name
        self.stage = stage
    }

    // MARK: - Requests

    func get(_ path: String) throws -> WebAnswer { try send(WebRequest(method: "GET", path: path)) }

    /// - Throws: `Unmet` for anything but 200 with JSON.
    func json(_ path: String) throws -> JSON {
        let answer = try get(path)
        try stage.expect(
            answer.status == 200 && answer.json != .null, "\(name) to get \(path)", seen: "\(answer.status)")
        return answer.json
    }

    /// What changes something, the way programs do it.
    func act(_ path: String, _ fields: JSON = .object([])) throws -> WebAnswer {
        stage.sent("console, \(name): POST \(path)")
        let answer = try send(
            WebRequest(
                method: "POST", path: "/api" + path,
                headers: [Pair("Content-Type", "application/json"), Pair("X-CSRF-Token", token)], body: fields.text))
        stage.came("\(answer.status) \(answer.json["en"]?.string ?? answer.json["error"]?.string ?? "")")
        return answer
    }

    /// What changes something, the way people do it: a page's form.
    func submit(_ path: String, _ fields: [Pair]) throws -> WebAnswer {
        let answer = try send(
            WebRequest(
                method: "POST", path: path, headers: [Pair("Content-Type", "application/x-www-form-urlencoded")],
                body: Page.form(fields + (token.isEmpty ? [] : [Pair("csrf", token)]))))
        stage.sent("console, \(name): form of \(path.split(separator: "/").last ?? "")")
        stage.came("\(answer.status)")
        return answer
    }

    private func send(_ request: WebRequest) throws -> WebAnswer {
        var request = request
        request.headers.append(Pair("Accept-Language", "en"))
        if !cookies.isEmpty {
            request.headers.append(Pair("Cookie", cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")))
        }
        guard case .web(let answer) = try stage.perform(.web(request)) else {
            throw DemoError.noAnswer("the console")
        }
        for header in answer.headers where header.name == "set-cookie" {
            let parts = header.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            guard let name = parts.first.map({ String($0) }) else { continue }
            cookies.removeAll { $0.name == name }
            if parts.count == 2, !parts[1].isEmpty { cookies.append(Pair(name, String(parts[1]))) }
        }
        return answer
    }

    // MARK: - Logging in

    /// One attempt through the log-in page's own form.
    /// - Returns: the status of the answer: a redirect when it is right.
    func tryPassword(_ password: String, user: String) throws -> Int {
        let page = try get("/login")
        guard let hidden = Page.hidden("csrf", in: page.body) else {
            throw Unmet(expected: "a form on the log-in page", seen: "none")
        }
        let answer = try send(
            WebRequest(
                method: "POST", path: "/login", headers: [Pair("Content-Type", "application/x-www-form-urlencoded")],
                body: Page.form([Pair("csrf", hidden), Pair("user", user), Pair("password", password)])))
        if answer.status == 303 { token = try json("/api/session")["csrf"]?.string ?? "" }
        return answer.status
    }
}

extension Stage {
    /// Somebody without a log-in.
    func stranger() -> Visitor { Visitor("somebody", self) }

    /// Logs in with the password that the server printed.
    func logIn(_ user: String) throws -> Visitor {
        let visitor = Visitor(user, self)
        let status = try visitor.tryPassword(try password(of: user), user: user)
        try expect(status == 303, "\(user) to log in with the printed password", seen: "\(status)")
        return visitor
    }
}
