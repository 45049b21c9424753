// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What goes in at the keypad.
enum PINKeys: Equatable {
    /// The card's own PIN.
    case right
    case digits(String)
    /// A purchase without a PIN.
    case none
}

/// How a step-up is answered.
struct Proof: Equatable {
    var challenge: String
    /// `identityDocument` or `transactionPassword`.
    var method: String
}

// Hands at the virtual terminals: the bench socket.
extension Stage {
    func bench(_ request: JSON) throws -> JSON {
        guard case .json(let answer) = try perform(.bench(request)) else { return .null }
        return answer
    }

    /// - Throws: `Unmet` where the bench answers with an error.
    private func terminal(_ request: JSON) throws -> JSON {
        let answer = try bench(request)
        if let error = answer["error"]?.string {
            throw Unmet(expected: "the bench to do \(request["op"]?.string ?? "")", seen: error)
        }
        return answer
    }

    func screen(_ till: Till) throws -> Screen {
        Screen(try terminal(["op": "screen", "terminal": .string(till.id)]))
    }

    func module(_ till: Till) throws -> ModuleView {
        ModuleView(try terminal(["op": "status", "terminal": .string(till.id)]))
    }

    /// Makes a fault in the hardware, or takes it away; the screen is that of the same step.
    @discardableResult
    func fault(_ fault: String, at till: Till, repair: Bool = false) throws -> Screen {
        sent("bench: \(repair ? "repair" : "fault") \(fault) at \(till.id)")
        let request: JSON = [
            "op": .string(repair ? "repair" : "fault"), "terminal": .string(till.id), "fault": .string(fault),
        ]
        let screen = Screen(try terminal(request))
        came("\(till.id) shows “\(screen.english)”, warnings \(screen.warnings.joined(separator: " "))")
        return screen
    }

    @discardableResult
    func press(_ keys: [String], at till: Till) throws -> Screen {
        var screen = try screen(till)
        for key in keys {
            screen = Screen(try terminal(["op": "key", "terminal": .string(till.id), "key": .string(key)]))
        }
        return screen
    }

    func cancel(at till: Till) throws { _ = try terminal(["op": "cancel", "terminal": .string(till.id)]) }

    /// Begins a sale and leaves it where it waits.
    func begin(
        at till: Till, _ card: TestCard, _ cents: Int, pin: Bool, goods: [String]? = nil, proof: Proof? = nil
    ) throws -> Screen {
        var members: [JSON.Member] = [
            .init("op", "sale"), .init("terminal", .string(till.id)), .init("pan", .string(card.number)),
            .init("expiry", .integer(Int64(card.expiry))), .init("amount", .integer(Int64(cents))),
            .init("goods", .array((goods ?? [till.goods]).map { .string($0) })), .init("pin", .bool(pin)),
        ]
        if let proof {
            members.append(.init("challenge", .string(proof.challenge)))
            members.append(.init("proof", .string(proof.method)))
        }
        return Screen(try terminal(.object(members)))
    }

    /// A sale from its start to its outcome. The PIN goes key by key to the module's keypad port.
    func sale(
        at till: Till, _ card: TestCard, _ cents: Int, pin: PINKeys = .right, goods: [String]? = nil,
        proof: Proof? = nil
    ) throws -> Screen {
        let keys: [String] =
            switch pin {
            case .right: card.pin.map { String($0) }
            case .digits(let digits): digits.map { String($0) }
            case .none: []
            }
        var words = ["\(till.id) sells for \(money(cents)) to card \(card.masked)"]
        if let proof { words.append("answering \(proof.challenge) by \(proof.method)") }
        if let goods { words.append("goods \(goods.joined(separator: " "))") }
        switch pin {
        case .right: words.append("PIN on the keypad")
        case .digits: words.append(proof?.method == "transactionPassword" ? "a password on the keypad" : "a wrong PIN")
        case .none: words.append("no PIN")
        }
        sent(words.joined(separator: ", "))
        var screen = try begin(at: till, card, cents, pin: pin != PINKeys.none, goods: goods, proof: proof)
        var isTyped = pin == PINKeys.none
        screen = try wait(for: "an outcome at \(till.id)", seconds: 25, every: 20, seen: { screen.summary }) {
            if screen.phase == "pin", !isTyped {
                screen = try press(keys + ["enter"], at: till)
                isTyped = true
            } else if screen.outcome == nil {
                screen = try self.screen(till)
            }
            return screen.outcome == nil ? nil : screen
        }
        came(screen.summary)
        return screen
    }

    /// A sale that must be approved.
    @discardableResult
    func approvedSale(
        at till: Till, _ card: TestCard, _ cents: Int, pin: PINKeys = .right, goods: [String]? = nil,
        proof: Proof? = nil, why: String
    ) throws -> Screen {
        let screen = try sale(at: till, card, cents, pin: pin, goods: goods, proof: proof)
        try expect(screen.isApproved, "an approval at \(till.id): \(why)", seen: screen.summary)
        return screen
    }

    /// A sale that must be declined with this DE 39.
    @discardableResult
    func declinedSale(
        at till: Till, _ card: TestCard, _ cents: Int, _ code: String, pin: PINKeys = .right, goods: [String]? = nil,
        proof: Proof? = nil, why: String
    ) throws -> Screen {
        let screen = try sale(at: till, card, cents, pin: pin, goods: goods, proof: proof)
        try expect(screen.isDeclined(code), "a decline with \(code) at \(till.id): \(why)", seen: screen.summary)
        return screen
    }

    /// A sale that the terminal itself must refuse for its warnings, with nothing sent to the host.
    func refusedSale(at till: Till, _ card: TestCard, _ cents: Int) throws {
        let before = try decisions(at: till).count
        let screen = try sale(at: till, card, cents, pin: .none)
        try expect(screen.isHalted, "\(till.id) to refuse the sale itself", seen: screen.summary)
        let after = try decisions(at: till).count
        try expect(before == after, "no decision of the host at \(till.id)", seen: "\(after - before)")
    }
}
