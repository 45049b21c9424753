// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Demo
import Foundation
import Vocabulary

/// A visit of the command line at the console of a running server on this machine, in somebody's name: what it
/// changes is journalled in that name, by the rights of that role.
struct ConsoleVisit {
    struct Options: ParsableArguments {
        @Option(help: "Port of the running server's console.")
        var consolePort = 8080
        @Option(help: "Who gives the command: an analyst of the console.")
        var user: String

        /// Logs in. The password is the environment's TILLGUARD_PASSWORD, or asked for without echo.
        func visit() throws -> ConsoleVisit {
            let password = try ProcessInfo.processInfo.environment["TILLGUARD_PASSWORD"] ?? Self.ask("Password")
            return try ConsoleVisit(port: consolePort, user: user, password: password)
        }

        /// A line of the standard input, without echo where that is a terminal.
        static func ask(_ prompt: String) throws -> String {
            var saved = termios()
            let isTerminal = tcgetattr(STDIN_FILENO, &saved) == 0
            if isTerminal {
                var silent = saved
                silent.c_lflag &= ~tcflag_t(ECHO)
                tcsetattr(STDIN_FILENO, TCSANOW, &silent)
                LineWriter.error.write("\(prompt): ")
            }
            defer {
                if isTerminal {
                    tcsetattr(STDIN_FILENO, TCSANOW, &saved)
                    LineWriter.error.write("\n")
                }
            }
            guard let line = readLine(), !line.isEmpty else {
                throw ValidationError("\(prompt): the standard input has no line for it")
            }
            return line
        }
    }

    private let port: Int
    private var cookies: [Pair] = []
    private var token = ""

    private init(port: Int, user: String, password: String) throws {
        self.port = port
        let page = try send(WebRequest(method: "GET", path: "/login"))
        let fields = [
            Pair("csrf", Page.hidden("csrf", in: page.body) ?? ""), Pair("user", user), Pair("password", password),
        ]
        let answer = try send(
            WebRequest(
                method: "POST", path: "/login", headers: [Pair("Content-Type", "application/x-www-form-urlencoded")],
                body: Page.form(fields)))
        guard answer.status == 303 else {
            throw DeploymentError.refused("\(user) is not let in: a wrong password, or too many attempts")
        }
        token = Page.hidden("csrf", in: try send(WebRequest(method: "GET", path: "/")).body) ?? ""
    }

    /// - Throws: `DeploymentError.refused` with the console's sentence for anything but 200.
    mutating func get(_ path: String) throws -> JSON { try taken(try send(WebRequest(method: "GET", path: path))) }

    /// Changes something; it is durable when this returns.
    ///
    /// - Throws: `DeploymentError.refused` with the console's sentence.
    mutating func post(_ path: String, _ fields: JSON) throws {
        let headers = [Pair("Content-Type", "application/json"), Pair("X-CSRF-Token", token)]
        _ = try taken(try send(WebRequest(method: "POST", path: path, headers: headers, body: fields.text)))
    }

    private func taken(_ answer: WebAnswer) throws -> JSON {
        guard answer.status != 200 else { return answer.json }
        throw DeploymentError.refused(
            answer.json["en"]?.string ?? answer.json["error"]?.string ?? "the console answers \(answer.status)")
    }

    private mutating func send(_ request: WebRequest) throws -> WebAnswer {
        var request = request
        request.headers.append(Pair("Accept-Language", "en"))
        if !cookies.isEmpty {
            request.headers.append(Pair("Cookie", cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")))
        }
        let bytes: [UInt8]
        do {
            let socket = try Socket(port: port)
            try socket.send(request.bytes(host: "127.0.0.1"))
            bytes = try socket.rest()
        } catch { throw DeploymentError.refused("no console answers on port \(port): \(error)") }
        guard let answer = WebAnswer(bytes) else {
            throw DeploymentError.refused("what listens on port \(port) is no console")
        }
        for header in answer.headers where header.name == "set-cookie" {
            let parts = header.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            guard let name = parts.first.map({ String($0) }) else { continue }
            cookies.removeAll { $0.name == name }
            if parts.count == 2, !parts[1].isEmpty { cookies.append(Pair(name, String(parts[1]))) }
        }
        return answer
    }
}
