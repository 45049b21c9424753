// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import Testing
import Vocabulary

@Suite struct `A file of vectors` {
    /// Files and how many vectors they hold.
    private static let files = [
        ("card_verification", 22), ("emv", 32), ("variant_lmk", 12), ("emv_secure_messaging", 268),
        ("card_pin_mac_random", 214), ("rsa_oaep", 38), ("tr34", 12), ("tdes_dukpt", 45),
        ("aes_dukpt", 56), ("card_security_code", 16),
    ]

    @Test(arguments: files)
    func `passes every vector of a file, and none with another value`(file: String, count: Int) throws {
        let text = VectorFiles.text(file)
        let report = try VectorRunner.run(text)
        #expect(report.outcomes.count == count)
        #expect(report.topic == file)
        for outcome in report.outcomes where !outcome.passed { Issue.record("\(outcome)") }
        for vector in try #require(try JSON(parsing: text)["vectors"]?.array) {
            for member in try #require(vector["expected"]?.members) {
                let other: JSON =
                    switch member.value {
                    case .string(let value): .string((value.hasPrefix("1") ? "2" : "1") + value.dropFirst())
                    case .integer(let value): .integer(value + 1)
                    default: "1"
                    }
                let outcome = VectorRunner.run(vector.replacing("expected", member.name, with: other))
                #expect(!outcome.passed, "\(outcome.id) \(member.name)")
            }
        }
    }

    /// `mixed_masks` aside, whose either value reads the same token.
    @Test(arguments: files.map(\.0))
    func `survives every input replaced by something else`(file: String) throws {
        for vector in try #require(try JSON(parsing: VectorFiles.text(file))["vectors"]?.array) {
            for member in try #require(vector["inputs"]?.members) where member.name != "mixed_masks" {
                let texts = ["", "0", "00", "x", "0000000000000000", String(repeating: "F", count: 600)]
                for value in texts.map(JSON.string) + [.null, .integer(-1), .integer(.max), .array([])] {
                    let outcome = VectorRunner.run(vector.replacing("inputs", member.name, with: value))
                    #expect(outcome.id == vector["id"]?.string)
                }
            }
        }
    }
}
