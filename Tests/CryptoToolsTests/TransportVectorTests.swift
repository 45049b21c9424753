// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import Testing
import Vocabulary

@Suite struct `The vector runner with key transport` {
    @Test(arguments: [("rsa_oaep", 38), ("tr34", 12)])
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
            for member in try #require(vector["inputs"]?.members) where member.name != "mixed_masks" {
                _ = VectorRunner.run(vector.replacing("inputs", member.name, with: "00"))
                _ = VectorRunner.run(vector.replacing("inputs", member.name, with: .null))
            }
        }
    }
}
