// SPDX-License-Identifier: Apache-2.0
import Demo
import Dispatch
import Foundation
import Vocabulary

/// The server of a drill, in a folder of its own, and the people at its console.
final class House: Sendable {
    private let server: ServerProcess
    private let folder: String
    private let isTemporary: Bool
    let people: People

    /// No trigger: what is looked at is the module.
    private static let rules = """
        tillguard-rules 1

        ruleset drill version 1

        rule nothing {
            when amount >= 99999.00 EUR
            then decline as limitExceeded
            say en "More than anybody buys here."
            say zh "超出限额。"
        }

        """

    /// Starts the server and logs everybody in.
    /// - Parameter data: an empty or new directory, which stays; nil: a temporary one.
    init(executable: String, data: String?) throws {
        isTemporary = data == nil
        // Short, for a Unix socket's path is.
        folder = data ?? NSTemporaryDirectory() + "tillguard-drill-\(getpid())"
        if let data, let found = try? FileManager.default.contentsOfDirectory(atPath: data), !found.isEmpty {
            throw Unmet(expected: "an empty directory \(data)", seen: "\(found.count) entries")
        }
        server = try ServerProcess(
            "drill", executable: executable, folder: folder, rulesText: Self.rules, origin: "http://127.0.0.1",
            options: ["--drill"])
        do {
            try server.waitUntilReady()
            let users = server.lines.first { $0["event"]?.string == "started" }?["users"]?.array ?? []
            people = try People(
                users.map { ($0["user"]?.string ?? "", $0["password"]?.string ?? "") }, port: server.consolePort)
        } catch {
            server.stop()
            throw error
        }
    }

    var socket: String { server.data + "/terminals.sock" }

    /// Sets the server's clock and its terminals' ahead of this machine's.
    func setClock(ahead seconds: Int64) throws {
        let bench = try Socket(path: socket)
        let request: JSON = ["op": "clock", "ahead": .integer(seconds)]
        try bench.send(Array((request.text + "\n").utf8))
        let answer = try JSON(parsing: bench.line())
        guard answer["error"] == nil else { throw Unmet(expected: "the clock to move", seen: answer.text) }
    }

    /// A message on a connection of its own, past every terminal.
    /// - Returns: DE 39 of the answer; nil for none.
    func send(_ message: [UInt8]) throws -> String? {
        let socket = try Socket(port: server.port)
        let count = message.count
        try socket.send([UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + message)
        guard let head = try socket.bytes(2), let body = try socket.bytes(Int(head[0]) << 8 | Int(head[1])) else {
            return nil
        }
        return HostMessage.decode(body).map { String(decoding: $0.fields[39] ?? [], as: UTF8.self) }
    }

    /// Stops the server; a temporary directory is gone afterwards.
    func close() {
        server.stop()
        guard isTemporary else { return }
        do { try FileManager.default.removeItem(atPath: folder) } catch {
            try? FileHandle.standardError.write(contentsOf: Data("\(folder) could not be removed: \(error)\n".utf8))
        }
    }

    /// Stops everything and ends the process when somebody presses Ctrl-C.
    /// - Returns: the sources, to be kept as long as they are to work.
    func closeOnInterrupt() -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                self.close()
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
