// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Catalogue
import Foundation
import TerminalAgent
import Vocabulary

struct TerminalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminal", abstract: "Work at a virtual terminal of a running server.",
        discussion: """
            The PIN is asked for on the terminal's own prompt, without echo, and goes key by key to the module's \
            keypad port. It is never an argument.

            Without an option that names another kind it is a purchase. A void names the trace number of a transaction \
            of the open batch, which --batch lists; a refund and a completion name the reference on the slip.
            """)

    @OptionGroup var bench: ModuleCommand.Bench
    @Argument(help: "Terminal identification, such as TILL0001.")
    var terminal: String
    @Option(help: "The card's number.")
    var card: String?
    @Option(help: "The card's expiry, YYMM.")
    var expiry = 3012
    @Option(help: "The amount, such as 12.50, in the terminal's currency. A void takes its original's.")
    var amount: String?
    @Option(name: .customLong("void"), help: "Void the purchase of this trace number.")
    var purchaseVoid: Int?
    @Option(help: "Refund the purchase or completion of this reference.")
    var refund: Int?
    @Flag(name: .customLong("pre-auth"), help: "Hold the amount.")
    var preAuthorisation = false
    @Option(name: .customLong("pre-auth-void"), help: "Void the pre-authorisation of this trace number.")
    var preAuthorisationVoid: Int?
    @Option(help: "Complete the pre-authorisation of this reference.")
    var complete: Int?
    @Option(name: .customLong("complete-void"), help: "Void the completion of this trace number.")
    var completionVoid: Int?
    @Flag(help: "Ask for the balance.")
    var balance = false
    @Flag(help: "List the open batch.")
    var batch = false
    @Flag(help: "Settle the open batch.")
    var settle = false
    @Flag(help: "End trade: nothing is sold before the next sign-on.")
    var signOff = false
    @Flag(help: "Sign on after a sign-off, or take a fresh lease.")
    var signOn = false
    @Option(help: "Goods codes with commas between them.")
    var goods = ""
    @Flag(help: "Pay without a PIN.")
    var noPin = false
    @Option(help: "The challenge of a step-up.")
    var challenge: String?
    @Option(help: "How the step-up is answered: identityDocument or transactionPassword.")
    var proof = "identityDocument"

    /// What is asked for, and what it refers to.
    private typealias Choice = (kind: TransactionKind, member: JSON.Member?)

    private func choice() throws -> Choice {
        func reference(_ name: String, _ number: Int?) -> JSON.Member? {
            number.map { .init(name, .integer(Int64($0))) }
        }
        let voids: [Choice] = [
            (.purchaseVoid, reference("trace", purchaseVoid)), (.refund, reference("rrn", refund)),
            (.preAuthorisationVoid, reference("trace", preAuthorisationVoid)),
            (.completion, reference("rrn", complete)), (.completionVoid, reference("trace", completionVoid)),
        ].filter { $0.member != nil }
        let plain: [Choice] = (preAuthorisation ? [(.preAuthorisation, nil)] : []) + (balance ? [(.balance, nil)] : [])
        let chosen = voids + plain
        guard chosen.count <= 1 else { throw ValidationError("one kind of transaction at a time") }
        return chosen.first ?? (.purchase, nil)
    }

    private func request() throws -> JSON {
        if batch { return ["op": "batch", "terminal": .string(terminal)] }
        if settle { return ["op": "settle", "terminal": .string(terminal)] }
        if signOff { return ["op": "signOff", "terminal": .string(terminal)] }
        if signOn { return ["op": "signOn", "terminal": .string(terminal)] }
        let choice = try choice()
        guard let card else { throw ValidationError("--card is missing") }
        // A void takes its original's amount, a balance has none.
        let needsAmount = choice.kind != .balance && !choice.kind.isVoid
        guard let money = Money(figure: amount ?? (needsAmount ? "" : "0"), .eur) else {
            throw ValidationError("\(amount ?? "nothing") is no amount")
        }
        var request: [JSON.Member] = [
            .init("op", "sale"), .init("terminal", .string(terminal)), .init("pan", .string(card)),
            .init("kind", .string(choice.kind.name)),
            .init("expiry", .integer(Int64(expiry))), .init("amount", .integer(money.minorUnits)),
            .init("goods", .array(goods.split(separator: ",").map { .string(String($0)) })),
            .init("pin", .bool(!noPin)),
        ]
        if let member = choice.member { request.append(member) }
        if let challenge {
            request.append(.init("challenge", .string(challenge)))
            request.append(.init("proof", .string(proof)))
        }
        return .object(request)
    }

    func run() throws {
        var screen = try bench.ask(try request())
        if batch { return bench.show(screen) }
        if signOff || signOn { return try follow(to: signOff ? "signedOff" : "ready", &screen) }
        let deadline = Date().addingTimeInterval(60)
        while screen["outcome"] == .null, Date() < deadline {
            if screen["phase"]?.string == "pin" {
                try KeypadTyping(bench: bench, terminal: terminal).typeKeys("PIN")
                screen = try bench.ask(["op": "screen", "terminal": .string(terminal)])
                continue
            }
            // The host answers in milliseconds; a person would look at the display as often.
            usleep(50_000)
            screen = try bench.ask(["op": "screen", "terminal": .string(terminal)])
        }
        bench.show(screen)
        if !Self.done.contains(screen["outcome"]?.string ?? "") { throw ExitCode(1) }
    }

    /// Follows the display until the terminal is where it was asked to go.
    private func follow(to phase: String, _ screen: inout JSON) throws {
        let deadline = Date().addingTimeInterval(30)
        while screen["phase"]?.string != phase, screen["phase"]?.string != "halted", Date() < deadline {
            usleep(50_000)
            screen = try bench.ask(["op": "screen", "terminal": .string(terminal)])
        }
        bench.show(screen)
        if screen["phase"]?.string != phase { throw ExitCode(1) }
    }

    private static let done = ["approved", "pending", "settled", "settledUnbalanced"]
}
