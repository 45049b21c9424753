// SPDX-License-Identifier: Apache-2.0
import Scenarios
import SecurityTriggers
import TriggerTools
import Vocabulary

/// A back-test of the shipped rules from bytes of CSV on: every line read, judged and counted.
enum BackTests {
    static func run(rules text: String) throws -> [JSON] {
        let rules = try RuleSet(parsing: text)
        return [
            try measure(
                rules, "back-test, the Handbook's columns",
                ScenarioPlan(kind: .handbook, seed: 1, customers: 5_000, terminals: 10_000, days: 40)),
            try measure(
                rules, "back-test, all columns",
                ScenarioPlan(kind: .tillguard, seed: 1, customers: 2_500, terminals: 2_500, days: 40)),
        ]
    }

    private static func measure(_ rules: RuleSet, _ task: String, _ plan: ScenarioPlan) throws -> JSON {
        let bytes = file(plan)
        let start = nanoseconds()
        var position = bytes.firstIndex(of: 0x0A) ?? 0
        var table = try TransactionTable(header: bytes[..<position])
        var test = BackTest(rules)
        position += 1
        while let end = bytes[position...].firstIndex(of: 0x0A) {
            if let transaction = try table.transaction(of: bytes[position..<end]) { test.add(transaction) }
            position = end + 1
        }
        let elapsed = nanoseconds() - start
        return [
            "peer": "tillguard", "task": .string(task),
            "perSecond": .integer(FiveCounters.rate(test.transactions, elapsed)),
            "transactions": .integer(Int64(test.transactions)),
            "bytesPerLine": .integer(Int64(bytes.count / max(test.transactions, 1))),
        ]
    }

    /// The first seven columns are the Handbook's.
    private static func file(_ plan: ScenarioPlan) -> [UInt8] {
        func cut(_ line: String) -> Substring.UTF8View {
            guard plan.kind == .handbook else { return line[...].utf8 }
            let commas = line.utf8.indices.filter { line.utf8[$0] == 0x2C }
            return line[..<commas[6]].utf8
        }
        var bytes = Array(cut(ScenarioRow.header))
        bytes.append(0x0A)
        var generator = ScenarioGenerator(plan)
        while let rows = generator.nextDay() {
            for row in rows {
                bytes += cut(row.line)
                bytes.append(0x0A)
            }
        }
        return bytes
    }
}
