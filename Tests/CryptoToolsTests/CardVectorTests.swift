// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import Testing
import Vocabulary

@Suite struct `The vector runner with cards` {
    @Test(arguments: [("card_verification", 22), ("emv", 32), ("variant_lmk", 12)])
    func `passes every vector of a file, and none with another value`(file: String, count: Int) throws {
        let text = VectorFiles.text(file)
        let report = try VectorRunner.run(text)
        #expect(report.outcomes.count == count)
        for outcome in report.outcomes where !outcome.passed { Issue.record("\(outcome)") }
        for vector in try #require(try JSON(parsing: text)["vectors"]?.array) {
            for member in try #require(vector["expected"]?.members) {
                let value = try #require(member.value.string)
                let other = (value.hasPrefix("1") ? "2" : "1") + value.dropFirst()
                let outcome = VectorRunner.run(vector.replacing("expected", member.name, with: .string(other)))
                #expect(!outcome.passed, "\(outcome.id) \(member.name)")
            }
            for member in try #require(vector["inputs"]?.members) {
                _ = VectorRunner.run(vector.replacing("inputs", member.name, with: "00"))
                _ = VectorRunner.run(vector.replacing("inputs", member.name, with: .null))
            }
        }
    }
}
