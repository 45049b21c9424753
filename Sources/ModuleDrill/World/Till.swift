// SPDX-License-Identifier: Apache-2.0
import Demo
import Vocabulary

/// A terminal on the bench, as hands see it. A second device that claims the same number is a till of its own.
final class Till {
    let id: String
    private let bench: Socket
    private let device: Int64

    /// A test card of the server's estate. The drill's rules stop none.
    private static let cards = [
        "4000000000000010", "4000000000000028", "4000000000000036", "4000000000000044", "4000000000000051",
        "4000000000000069", "4000000000000077", "4000000000000085",
    ]
    private let card: String
    private static let expiry = Int64(3012)

    /// - Parameter number: decides the card that is sold to.
    init(_ id: String, socket: String, device: Int64 = 1, number: Int) throws {
        (self.id, self.device) = (id, device)
        bench = try Socket(path: socket)
        card = Self.cards[number % Self.cards.count]
    }

    /// One line for the bench.
    /// - Throws: `Unmet` where it answers with an error.
    @discardableResult
    func ask(_ op: String, _ fields: [JSON.Member] = []) throws -> JSON {
        var members: [JSON.Member] = [.init("op", .string(op)), .init("terminal", .string(id))]
        if device != 1 { members.append(.init("device", .integer(device))) }
        members += fields
        try bench.send(Array((JSON.object(members).text + "\n").utf8))
        let answer = try JSON(parsing: bench.line())
        if let error = answer["error"]?.string { throw Unmet(expected: "\(id): \(op)", seen: error) }
        return answer
    }

    // MARK: - Looking

    var phase: String { get throws { try ask("screen")["phase"]?.string ?? "" } }
    var warnings: [String] { get throws { Self.list(try ask("screen")["warnings"]) } }
    /// In the module's own status.
    var moduleWarnings: [String] { get throws { Self.list(try ask("status")["warnings"]) } }
    /// Of the key memory.
    var slots: [String] { get throws { Self.list(try ask("status")["keys"]) } }

    private static func list(_ value: JSON?) -> [String] { value?.array?.compactMap(\.string) ?? [] }

    // MARK: - Hands

    func fault(_ name: String) throws { try ask("fault", [.init("fault", .string(name))]) }
    func repair(_ name: String) throws { try ask("repair", [.init("fault", .string(name))]) }
    func signOn() throws { try ask("signOn") }

    private func saleFields(_ cents: Int64) -> [JSON.Member] {
        [
            .init("pan", .string(card)), .init("expiry", .integer(Self.expiry)), .init("amount", .integer(cents)),
            .init("goods", []), .init("pin", false),
        ]
    }

    /// Begins a sale and leaves it where it waits.
    func beginSale(_ cents: Int64) throws { try ask("sale", saleFields(cents)) }

    /// A sale to its end.
    /// - Returns: `approved`, `declined 05`, `refused`, `reversed`.
    func sell(_ cents: Int64 = 1_00) throws -> String {
        var screen = try ask("sale", saleFields(cents))
        let waited = try Wait.until(seconds: 25, every: 20) { () -> JSON? in
            if screen["outcome"]?.string == nil { screen = try ask("screen") }
            return screen["outcome"]?.string == nil ? nil : screen
        }
        guard let outcome = waited?["outcome"]?.string else { return "no outcome" }
        return outcome == "declined" ? "declined \(screen["code"]?.string ?? "")" : outcome
    }

    /// What a rogue POS application gets of the module for a sale: the protected message, or nil where the module refused.
    func loot(_ cents: Int64) throws -> [UInt8]? {
        let answer = try ask("loot", saleFields(cents))
        if let text = answer["message"]?.string { return Hex.bytes(text) }
        guard answer["refused"]?.string == "module" else {
            throw Unmet(expected: "the module to be asked", seen: answer.text)
        }
        return nil
    }

    func type(_ digits: String) throws {
        for digit in digits { try ask("key", [.init("key", .string(String(digit)))]) }
        try ask("key", [.init("key", "enter")])
    }
}

/// Looking again and again, in a program that has nothing else to do meanwhile.
enum Wait {
    /// - Returns: nil when it has not come.
    static func until<Value>(seconds: Int, every milliseconds: Int, _ look: () throws -> Value?) rethrows -> Value? {
        for _ in 0..<max(1, seconds * 1_000 / milliseconds) {
            if let value = try look() { return value }
            Pause.milliseconds(milliseconds)
        }
        return nil
    }
}
