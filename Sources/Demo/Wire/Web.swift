// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A name and its value: a header, a form's field.
package struct Pair: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request to the console.
package struct WebRequest: Equatable, Sendable {
    package var method: String
    package var path: String
    package var headers: [Pair] = []
    package var body = ""

    package init(method: String, path: String, headers: [Pair] = [], body: String = "") {
        (self.method, self.path, self.headers, self.body) = (method, path, headers, body)
    }

    /// HTTP/1.1 (RFC 9112), one request a connection.
    package func bytes(host: String) -> [UInt8] {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        if method != "GET" { text += "Content-Length: \(body.utf8.count)\r\n" }
        return Array((text + "\r\n" + body).utf8)
    }
}

/// An answer of the console.
package struct WebAnswer: Equatable, Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [Pair]
    package var body: String

    init(status: Int, headers: [Pair] = [], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Reads a whole answer, its body plain or in chunks.
    package init?(_ bytes: [UInt8]) {
        guard let end = bytes.place(of: [0x0D, 0x0A, 0x0D, 0x0A]) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        self.status = status
        headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return Pair(parts[0].lowercased(), parts.count == 2 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let isChunked = headers.contains { $0.name == "transfer-encoding" && $0.value.contains("chunked") }
        let rest = Array(bytes[end.upperBound...])
        body = String(decoding: isChunked ? Self.joined(rest) : rest, as: UTF8.self)
    }

    private static func joined(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var next = 0
        while let end = bytes.place(of: [0x0D, 0x0A], from: next) {
            let digits = String(decoding: bytes[next..<end.lowerBound].prefix { $0 != 0x3B }, as: UTF8.self)
            guard let count = Int(digits, radix: 16), count > 0 else { break }
            let chunk = bytes[end.upperBound...].prefix(count)
            output += chunk
            next = chunk.endIndex + 2
        }
        return output
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The body as JSON; null where it is none.
    package var json: JSON { (try? JSON(parsing: Array(body.utf8))) ?? .null }
}

/// What is looked for in a page: attributes by their plain spelling, since every page here is written by one hand.
package enum Page {
    /// The values of an attribute, wherever it stands.
    static func values(of attribute: String, in html: String) -> [String] {
        html.split(separator: " \(attribute)=\"", omittingEmptySubsequences: false).dropFirst().map { rest in
            plain(String(rest.prefix { $0 != "\"" }))
        }
    }

    /// The value of the first hidden field of that name.
    package static func hidden(_ name: String, in html: String) -> String? {
        html.firstRange(of: "name=\"\(name)\" value=\"").map {
            plain(String(html[$0.upperBound...].prefix { $0 != "\"" }))
        }
    }

    /// The text between the first `start` and the `end` after it.
    static func part(from start: String, to end: String, in html: String) -> String? {
        guard let from = html.firstRange(of: start) else { return nil }
        let rest = html[from.upperBound...]
        return rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
    }

    private static func plain(_ text: String) -> String {
        text.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    /// `application/x-www-form-urlencoded`.
    package static func form(_ fields: [Pair]) -> String {
        fields.map { encoded($0.name) + "=" + encoded($0.value) }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%" + Hex.text([byte])
            }
        }.joined()
    }
}
