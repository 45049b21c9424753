// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Where one row plays: hands at the terminals, people at the console, a stranger on the host's port; and the notes of
/// what was seen.
final class Stage {
    /// What was seen and held, in the order of seeing.
    private(set) var facts: [String] = []
    private let door: any Door
    private let tell: (String) -> Void

    init(_ door: any Door, tell: @escaping (String) -> Void) {
        self.door = door
        self.tell = tell
    }

    // MARK: - Notes

    func sent(_ text: String) { tell("    → \(text)") }
    func came(_ text: String) { tell("    ← \(text)") }

    /// Puts something that was seen into the evidence.
    func fact(_ text: String) { facts.append(text) }

    /// - Throws: `Unmet` unless it holds.
    func expect(_ holds: Bool, _ expected: String, seen: @autoclosure () -> String) throws {
        guard holds else { throw Unmet(expected: expected, seen: seen()) }
    }

    /// Looks again and again until it is there.
    /// - Parameter seconds: after which the row has failed.
    @discardableResult
    func wait<Value>(
        for expected: String, seconds: Int = 10, every milliseconds: Int = 100,
        seen: () -> String = { "nothing of it" },
        _ look: () throws -> Value?
    ) throws -> Value {
        for _ in 0..<max(1, seconds * 1_000 / milliseconds) {
            if let value = try look() { return value }
            pause(milliseconds)
        }
        throw Unmet(expected: "\(expected) within \(seconds) s", seen: seen())
    }

    // MARK: - The outside

    func perform(_ request: Request) throws -> Answer { try door.perform(request) }

    func pause(_ milliseconds: Int) { _ = try? door.perform(.pause(milliseconds: milliseconds)) }

    /// What the server has printed.
    func lines() throws -> [JSON] {
        guard case .lines(let lines) = try perform(.lines) else { return [] }
        return lines
    }

    func files(_ request: Request = .files) throws -> [DataFile] {
        guard case .files(let files) = try perform(request) else { return [] }
        return files
    }

    /// What the server printed of decisions at a terminal.
    func decisions(at till: Till) throws -> [JSON] {
        try lines().filter { $0["event"]?.string == "decision" && $0["terminal"]?.string == till.id }
    }

    /// The password that the server printed once.
    func password(of user: String) throws -> String {
        let users = try lines().first { $0["event"]?.string == "started" }?["users"]?.array ?? []
        guard let password = users.first(where: { $0["user"]?.string == user })?["password"]?.string else {
            throw Unmet(expected: "the password of \(user) among the server's lines", seen: "none")
        }
        return password
    }

    // MARK: - A stranger on the host's port

    /// DE 39 of the answer to a purchase that somebody without keys sends in a terminal's name; nil for no answer.
    func forge(at till: Till, with card: TestCard, cents: Int, trace: Int) throws -> String? {
        sent("host: 0200 over TCP in the name of \(till.id), \(money(cents)), card \(card.masked), MAC all zeros")
        let message = HostMessage.forgedPurchase(at: till, with: card, cents: cents, trace: trace)
        guard case .message(let answer?) = try perform(.host(message)) else {
            came("the connection closed without an answer")
            return nil
        }
        guard let (type, fields) = HostMessage.decode(answer) else {
            throw Unmet(expected: "an ISO 8583 answer", seen: "\(answer.count) bytes that are none")
        }
        let code = String(decoding: fields[39] ?? [], as: UTF8.self)
        came("\(type), DE 39 \(code)")
        return code
    }
}

/// An amount of minor units, as people read it.
func money(_ cents: Int) -> String {
    "\(cents / 100).\(String(100 + cents % 100).dropFirst()) EUR"
}
