// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation

/// An answer of the console.
struct Answer {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: String

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The value of the hidden field of that name in the first form.
    func hidden(_ name: String) -> String? {
        guard let start = body.range(of: "name=\"\(name)\" value=\"") else { return nil }
        return body[start.upperBound...].split(separator: "\"", maxSplits: 1).first.map(String.init)
    }
}

/// A browser of one window: cookies, no redirects followed, one connection a request.
final class Client {
    let port: Int
    var cookies: [String: String] = [:]
    var language = "en"

    init(port: Int) { self.port = port }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", path, headers, body: nil)
    }

    func post(_ path: String, _ fields: [String: String], headers: [String: String] = [:]) async throws -> Answer {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let body = fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
        }.joined(separator: "&")
        var headers = headers
        headers["Content-Type"] = headers["Content-Type"] ?? "application/x-www-form-urlencoded"
        return try await send("POST", path, headers, body: body)
    }

    /// The page's own form: its token goes along.
    func submit(_ path: String, from page: String, _ fields: [String: String] = [:]) async throws -> Answer {
        var fields = fields
        fields["csrf"] = try await get(page).hidden("csrf")
        return try await post(path, fields)
    }

    func send(_ method: String, _ path: String, _ headers: [String: String], body: String?) async throws -> Answer {
        var head =
            "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept-Language: \(language)\r\n"
        if !cookies.isEmpty {
            head += "Cookie: " + cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") + "\r\n"
        }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
        let request = head + "\r\n" + (body ?? "")
        let port = port
        let bytes = try await Self.onThread { try Connection(port: port).exchange(request) }
        let answer = Self.parse(bytes)
        for (name, value) in answer.headers where name == "set-cookie" {
            let pair = value.split(separator: ";")[0].split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = pair.count == 2 && !pair[1].isEmpty ? String(pair[1]) : nil
        }
        return answer
    }

    /// Reads a stream until it holds `text`.
    func read(_ path: String, until text: String) async throws -> String {
        let cookie = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: \(cookie)\r\n\r\n"
        let port = port
        return try await Self.onThread {
            String(decoding: try Connection(port: port).exchange(request, until: text), as: UTF8.self)
        }
    }

    /// Blocking calls stay off the threads that serve the requests.
    static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try body() }) }.start()
        }
    }

    private static func parse(_ bytes: [UInt8]) -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return Answer(status: 0, headers: [], body: text) }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (
                name: parts[0].lowercased(),
                value: parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            )
        }
        return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
    }
}

/// One TCP connection, blocking, with a time limit.
private struct Connection {
    struct Failure: Error { var what: String }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(what: "connect \(errno)") }
    }

    /// Sends, then reads to the end, or until what came holds `text`.
    func exchange(_ request: String, until text: String? = nil) throws -> [UInt8] {
        defer { close(descriptor) }
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server that has refused a body does not read the rest of it.
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let deadline = Date().addingTimeInterval(20)
        while true {
            // A stream's heartbeat keeps the connection going, not the test.
            guard Date() < deadline else { throw Failure(what: "too late after \(output.count) bytes") }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { return output }
            guard count > 0 else {
                if errno == ECONNRESET, !output.isEmpty { return output }
                throw Failure(what: "receive \(errno) after \(output.count) bytes")
            }
            output += buffer[..<count]
            if let text, String(decoding: output, as: UTF8.self).contains(text) { return output }
        }
    }
}
