// SPDX-License-Identifier: Apache-2.0
import NIOPosix
import TerminalAgent
import Testing
import Vocabulary

/// A virtual terminal of a running server, worked by its control socket as `tillguard terminal` does. Nothing comes back
/// from a server that has died.
struct VirtualTill: Sendable {
    let terminal: String
    private let server: Child
    private let path: String

    init(_ terminal: String, of server: Child, _ directory: TemporaryDirectory) {
        self.terminal = terminal
        self.server = server
        path = directory.path + "/terminals.sock"
    }

    func ask(_ members: JSON.Member...) async throws -> JSON? {
        let request = JSON.object([.init("terminal", .string(terminal))] + members)
        return try await NIOThreadPool.singleton.runIfActive { [path] in ControlClient(path: path)?.ask(request) }
    }

    private func screen() async throws -> JSON? { try await ask(.init("op", "screen")) }

    /// Whether the till can sell and has nothing to take back; waits until it can, or the server has died.
    func isReady() async throws -> Bool {
        var seen: JSON?
        try await eventually("\(terminal) to be ready, which shows \(seen?.text ?? "nothing")") {
            seen = try await screen()
            guard let seen else { return !server.isRunning }
            return seen["phase"]?.string == "ready" && seen["openReversals"]?.integer == 0
        }
        return seen != nil
    }

    /// How a transaction ended, with its PIN typed where it is asked for; nil when the server died meanwhile.
    func sell(
        _ kind: String, _ pan: String, _ amount: Int64, pin: [UInt8] = [1, 2, 3, 4], _ more: JSON.Member?...
    ) async throws -> JSON? {
        var members: [JSON.Member] = [
            .init("terminal", .string(terminal)), .init("op", "sale"), .init("kind", .string(kind)),
            .init("pan", .string(pan)), .init("expiry", 3012), .init("amount", .integer(amount)), .init("pin", true),
        ]
        members += more.compactMap(\.self)
        let request = JSON.object(members)
        let answer = try await NIOThreadPool.singleton.runIfActive { [path] in ControlClient(path: path)?.ask(request) }
        if let error = answer?["error"]?.string { Issue.record("\(kind): \(error)") }
        return answer == nil ? nil : try await end(pin: pin)
    }

    func settle() async throws -> JSON? { try await ask(.init("op", "settle")) == nil ? nil : try await end() }

    /// The trace number of the last transaction of a kind in the open batch.
    func trace(of kind: String) async throws -> Int64? {
        try await ask(.init("op", "batch"))?["transactions"]?.array?.last { $0["kind"]?.string == kind }?["trace"]?
            .integer
    }

    /// How the transaction or settlement that is on ends, with a PIN typed where it is asked for; nil when the server died.
    func end(pin: [UInt8] = [1, 2, 3, 4]) async throws -> JSON? {
        var last: JSON?
        try await eventually("\(terminal) to end what it does, which shows \(last?.text ?? "nothing")") {
            last = try await screen()
            guard let screen = last else { return !server.isRunning }
            if screen["phase"]?.string == "pin" {
                for key in pin.map({ "\($0)" }) + ["enter"] {
                    _ = try await ask(.init("op", "key"), .init("key", .string(key)))
                }
                return false
            }
            return screen["outcome"]?.string != nil
        }
        return last
    }
}
