// SPDX-License-Identifier: Apache-2.0
import Demo
import Vocabulary

/// Somebody who is logged in at the console, as a program is: a session cookie, and a token beside it.
struct Person: Sendable {
    let name: String
    private let port: Int
    private let cookie: String
    private let token: String

    /// Logs in with the password that the server has printed.
    init(_ name: String, password: String, port: Int) throws {
        (self.name, self.port) = (name, port)
        var jar: [Pair] = []
        func send(_ request: WebRequest) throws -> WebAnswer {
            let answer = try Self.send(request, cookie: Self.header(jar), port: port)
            for header in answer.headers where header.name == "set-cookie" {
                let parts = header.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
                guard let name = parts.first else { continue }
                jar.removeAll { $0.name == name }
                if parts.count == 2 { jar.append(Pair(name, parts[1])) }
            }
            return answer
        }
        let hidden = Page.hidden("csrf", in: try send(WebRequest(method: "GET", path: "/login")).body) ?? ""
        let form = Page.form([Pair("csrf", hidden), Pair("user", name), Pair("password", password)])
        let answer = try send(
            WebRequest(
                method: "POST", path: "/login", headers: [Pair("Content-Type", "application/x-www-form-urlencoded")],
                body: form))
        guard answer.status == 303,
            let token = try send(WebRequest(method: "GET", path: "/api/session")).json["csrf"]?.string
        else { throw Unmet(expected: "\(name) to log in with the printed password", seen: "\(answer.status)") }
        cookie = Self.header(jar)
        self.token = token
    }

    private static func header(_ jar: [Pair]) -> String { jar.map { "\($0.name)=\($0.value)" }.joined(separator: "; ") }

    private static func send(_ request: WebRequest, cookie: String, port: Int) throws -> WebAnswer {
        var request = request
        request.headers += [Pair("Accept-Language", "en"), Pair("Cookie", cookie)].filter { !$0.value.isEmpty }
        let socket = try Socket(port: port)
        try socket.send(request.bytes(host: "127.0.0.1:\(port)"))
        guard let answer = WebAnswer(try socket.rest()) else { throw Unmet(expected: "an answer", seen: "none") }
        return answer
    }

    /// - Throws: `Unmet` for anything but 200 with JSON.
    func json(_ path: String) throws -> JSON {
        let answer = try Self.send(WebRequest(method: "GET", path: path), cookie: cookie, port: port)
        guard answer.status == 200 else { throw Unmet(expected: "\(name) to see \(path)", seen: "\(answer.status)") }
        return answer.json
    }

    /// What changes something.
    /// - Returns: the console's status, and what it says.
    func tries(_ path: String, _ fields: JSON = .object([])) throws -> (status: Int, said: String) {
        let answer = try Self.send(
            WebRequest(
                method: "POST", path: "/api" + path,
                headers: [Pair("Content-Type", "application/json"), Pair("X-CSRF-Token", token)], body: fields.text),
            cookie: cookie, port: port)
        return (answer.status, answer.json["en"]?.string ?? answer.json["error"]?.string ?? "")
    }

    /// - Throws: `Unmet` where it is refused.
    func does(_ path: String, _ fields: JSON = .object([])) throws {
        let (status, said) = try tries(path, fields)
        guard status == 200 else { throw Unmet(expected: "\(name) to do \(path)", seen: "\(status) \(said)") }
    }
}

/// The people of a bank, two of each role that needs two.
struct People: Sendable {
    private let everybody: [Person]

    init(_ passwords: [(user: String, password: String)], port: Int) throws {
        everybody = try passwords.map { try Person($0.user, password: $0.password, port: port) }
    }

    /// - Throws: `Unmet` for a name that the server has given no password.
    subscript(name: String) -> Person {
        get throws {
            guard let person = everybody.first(where: { $0.name == name }) else {
                throw Unmet(expected: "a user \(name)", seen: "none")
            }
            return person
        }
    }

    /// An order, which takes two.
    func order(_ path: String, _ fields: JSON = .object([]), by first: String, and second: String) throws {
        try self[first].does(path, fields)
        try self[second].does(path, fields)
    }
}
