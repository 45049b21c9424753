// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

/// Made-up transactions, straight into a host.
struct GenerateCommandTests {
    @Test("Generated transactions go straight into a host with a scorecard, and its journal is a back-test's source")
    func into() throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let data = folder.file("data")
        let plan = ["--days", "2", "--customers", "20", "--terminals", "20", "--seed", "3"]
        let sent = try Program.run(["generate", "--into", data] + plan)
        #expect(sent.code == 0, "\(sent.errors)")
        #expect(sent.output.contains("purchases replayed") && sent.output.contains("stolen_card"))
        #expect(sent.output.hasSuffix("of 10,000 honest ones stopped\n"))
        let tested = try Program.run(["rules", "backtest", "--json", "--journal", data])
        #expect(tested.code == 0, "\(tested.errors)")
        let report = try JSON(parsing: Array(tested.output.utf8.dropLast()))
        #expect((report["transactions"]?.integer ?? 0) > 0)
        #expect(report["byRule"]?.array?.isEmpty == false)
    }

    @Test("Rules for a host are refused where no host gets the transactions")
    func wrongUse() throws {
        let answer = try Program.run(["generate", "--rules", "mine.rules"])
        #expect(answer.code == 64 && answer.errors.contains("--into"))
    }
}
