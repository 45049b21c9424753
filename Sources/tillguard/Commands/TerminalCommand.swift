// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import TerminalAgent
import Vocabulary

struct TerminalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminal", abstract: "Sell at a virtual terminal of a running server.",
        discussion: """
            The PIN is asked for on the terminal's own prompt, without echo, and goes key by key to the module's \
            keypad port. It is never an argument.
            """)

    @OptionGroup var bench: ModuleCommand.Bench
    @Argument(help: "Terminal identification, such as TILL0001.")
    var terminal: String
    @Option(help: "The card's number.")
    var card: String
    @Option(help: "The card's expiry, YYMM.")
    var expiry = 3012
    @Option(help: "The amount, such as 12.50, in the terminal's currency.")
    var amount: String
    @Option(help: "Goods codes with commas between them.")
    var goods = ""
    @Flag(help: "Pay without a PIN.")
    var noPin = false
    @Option(help: "The challenge of a step-up.")
    var challenge: String?
    @Option(help: "How the step-up is answered: identityDocument or transactionPassword.")
    var proof = "identityDocument"

    func run() throws {
        guard let money = Money(figure: amount, .eur) else { throw ValidationError("\(amount) is no amount") }
        var request: [JSON.Member] = [
            .init("op", "sale"), .init("terminal", .string(terminal)), .init("pan", .string(card)),
            .init("expiry", .integer(Int64(expiry))), .init("amount", .integer(money.minorUnits)),
            .init("goods", .array(goods.split(separator: ",").map { .string(String($0)) })),
            .init("pin", .bool(!noPin)),
        ]
        if let challenge {
            request.append(.init("challenge", .string(challenge)))
            request.append(.init("proof", .string(proof)))
        }
        var screen = try bench.ask(.object(request))
        let deadline = Date().addingTimeInterval(60)
        while screen["outcome"] == .null, Date() < deadline {
            if screen["phase"]?.string == "pin" {
                try typePIN()
                screen = try bench.ask(["op": "screen", "terminal": .string(terminal)])
                continue
            }
            // The host answers in milliseconds; a person would look at the display as often.
            usleep(50_000)
            screen = try bench.ask(["op": "screen", "terminal": .string(terminal)])
        }
        bench.show(screen)
        if screen["outcome"]?.string != "approved" { throw ExitCode(1) }
    }

    /// Reads keys without echo and presses each on the keypad.
    private func typePIN() throws {
        var saved = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &saved) == 0
        if isTerminal {
            var silent = saved
            silent.c_lflag &= ~tcflag_t(ECHO | ICANON)
            tcsetattr(STDIN_FILENO, TCSANOW, &silent)
            LineWriter.error.write("PIN: ")
        }
        defer { if isTerminal { tcsetattr(STDIN_FILENO, TCSANOW, &saved) } }
        var byte: UInt8 = 0
        while read(STDIN_FILENO, &byte, 1) == 1 {
            let key: String
            switch byte {
            case 0x30...0x39: key = String(UnicodeScalar(byte))
            case 0x0A, 0x0D: key = "enter"
            case 0x7F: key = "clear"
            case 0x1B: key = "cancel"
            default: continue
            }
            _ = try bench.ask(["op": "key", "terminal": .string(terminal), "key": .string(key)])
            if key == "enter" || key == "cancel" {
                LineWriter.error.write("\n")
                return
            }
        }
        _ = try bench.ask(["op": "key", "terminal": .string(terminal), "key": "enter"])
    }
}
