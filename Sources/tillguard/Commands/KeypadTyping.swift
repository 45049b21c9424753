// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Vocabulary

/// Whoever stands at a virtual terminal's keypad: what is typed here, without echo, goes key by key to the module's keypad port.
struct KeypadTyping {
    let bench: ModuleCommand.Bench
    let terminal: String

    /// Reads keys to the end of a line and presses each.
    ///
    /// - Parameters:
    ///   - prompt: what is asked for.
    ///   - takesHexadecimal: whether A to F are keys.
    /// - Returns: false where the entry was cancelled.
    @discardableResult
    func typeKeys(_ prompt: String, takesHexadecimal: Bool = false) throws -> Bool {
        var saved = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &saved) == 0
        if isTerminal {
            var silent = saved
            silent.c_lflag &= ~tcflag_t(ECHO | ICANON)
            tcsetattr(STDIN_FILENO, TCSANOW, &silent)
            LineWriter.error.write("\(prompt): ")
        }
        defer { if isTerminal { tcsetattr(STDIN_FILENO, TCSANOW, &saved) } }
        var byte: UInt8 = 0
        while read(STDIN_FILENO, &byte, 1) == 1 {
            let key: String
            switch byte {
            case 0x30...0x39: key = String(UnicodeScalar(byte))
            case 0x41...0x46 where takesHexadecimal, 0x61...0x66 where takesHexadecimal:
                key = String(UnicodeScalar(byte | 0x20))
            case 0x0A, 0x0D: key = "enter"
            case 0x7F: key = "clear"
            case 0x1B: key = "cancel"
            default: continue
            }
            try press(key)
            if key == "enter" || key == "cancel" {
                if isTerminal { LineWriter.error.write("\n") }
                return key == "enter"
            }
        }
        try press("enter")
        return true
    }

    private func press(_ key: String) throws {
        _ = try bench.ask(["op": "key", "terminal": .string(terminal), "key": .string(key)])
    }

    /// What the module made of the last passcode or component; nil where it waits for more digits.
    func outcome() throws -> String? {
        try bench.ask(["op": "keypad", "terminal": .string(terminal)])["outcome"]?.string
    }

    /// A supervisor's passcode, for what the keypad is opened for: `enter` or `enrol`.
    ///
    /// - Throws: where it is not the right one.
    func supervisor(_ number: Int, _ act: String) throws {
        _ = try bench.ask([
            "op": "supervisor", "terminal": .string(terminal), "number": .integer(Int64(number)), "act": .string(act),
        ])
        try typeKeys("\(act == "enrol" ? "New passcode" : "Passcode") of supervisor \(number)")
        let outcome = try outcome() ?? "nothing was confirmed"
        guard outcome == (act == "enrol" ? "enrolled" : "entered") else {
            _ = try bench.ask(["op": "key", "terminal": .string(terminal), "key": "cancel"])
            throw DeploymentError.refused("supervisor \(number): \(outcome)")
        }
    }
}
