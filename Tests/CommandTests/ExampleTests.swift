// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@Suite("Examples")
struct ExampleTests {
    @Test("The example of the triggers refers the third large amount at another terminal, and says why")
    func triggers() throws {
        let program = try Program.run([], of: "TriggerExample")
        #expect(program.code == 0, "\(program.errors)")
        let lines = program.output.split(separator: "\n")
        #expect(lines.count == 6 && lines[..<3].allSatisfy { $0.hasSuffix("approve") } && lines[3].hasSuffix("refer"))
        #expect(lines[4].contains("3 terminals took 300.00 EUR or more within an hour; this one 300.00 EUR."))
        #expect(try JSON(parsing: Array(lines[5].utf8))["rule"]?.string == "shopping_spree")
    }
}
