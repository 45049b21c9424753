// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import Testing
import Vocabulary

@Suite struct `The vector runner with another implementation's answers` {
    @Test(arguments: [("emv_secure_messaging", 268), ("card_pin_mac_random", 214)])
    func `passes every vector of a file, and none with another value`(file: String, count: Int) throws {
        let text = VectorFiles.text(file)
        let report = try VectorRunner.run(text)
        #expect(report.outcomes.count == count)
        #expect(report.topic == file)
        for outcome in report.outcomes where !outcome.passed { Issue.record("\(outcome)") }
        for vector in try #require(try JSON(parsing: text)["vectors"]?.array) {
            for member in try #require(vector["expected"]?.members) {
                let value = try #require(member.value.string)
                let other = (value.hasPrefix("1") ? "2" : "1") + value.dropFirst()
                let outcome = VectorRunner.run(vector.replacing("expected", member.name, with: .string(other)))
                #expect(!outcome.passed, "\(outcome.id) \(member.name)")
            }
        }
    }

    @Test(arguments: ["emv_secure_messaging", "card_pin_mac_random"])
    func `survives every input replaced by something else`(file: String) throws {
        for vector in try #require(try JSON(parsing: VectorFiles.text(file))["vectors"]?.array) {
            for member in try #require(vector["inputs"]?.members) {
                let texts = ["", "0", "00", "x", "0000000000000000", String(repeating: "F", count: 600)]
                for value in texts.map(JSON.string) + [.null, .integer(-1), .integer(.max), .array([])] {
                    let outcome = VectorRunner.run(vector.replacing("inputs", member.name, with: value))
                    #expect(outcome.id == vector["id"]?.string)
                }
            }
        }
    }
}
