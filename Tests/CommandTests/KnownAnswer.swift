// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

/// A command that has to give what a published vector expects.
struct KnownAnswer: Sendable, CustomTestStringConvertible {
    var vector: Vector
    var arguments: [String]
    /// Members of the answer in JSON, and what stands in them.
    var members: [String: String]
    /// What must never be printed.
    var secrets: [String]

    var testDescription: String { vector.testDescription }

    init(_ vector: Vector, _ arguments: [String], _ members: [String: String?], secrets: [String] = []) {
        self.vector = vector
        self.arguments = arguments
        self.members = members.compactMapValues { $0 }
        self.secrets = secrets.map { vector.input($0) }.filter { !$0.isEmpty }
    }

    /// Runs the command in both forms and compares.
    func check() throws {
        #expect(!members.isEmpty)
        let plain = try Program.crypto(arguments)
        #expect(plain.code == 0 && plain.errors.isEmpty, "\(arguments) \(plain.errors)")
        let program = try Program.crypto(arguments + ["--json"])
        #expect(program.code == 0 && program.errors.isEmpty, "\(program.errors)")
        let json = try program.json
        for (name, value) in members {
            let found = json[name]
            let text = (found?.string ?? found?.text ?? "").uppercased()
            // A check value is published with two bytes at times.
            let isSame = name == "kcv" ? text.hasPrefix(value.uppercased()) : text == value.uppercased()
            #expect(isSame && !value.isEmpty, "\(name) in \(program.output)")
            #expect(plain.output.uppercased().contains(value.uppercased()), "\(name) in \(plain.output)")
        }
        for secret in secrets where secret.utf8.count >= 16 {
            #expect(!plain.output.contains(secret) && !program.output.contains(secret), "a key is printed")
        }
    }
}
