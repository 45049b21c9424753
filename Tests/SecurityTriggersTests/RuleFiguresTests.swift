// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import SecurityTriggers

/// Rule texts of the past as files: what they were read as, and what an evaluation of them was written as.
enum RuleVectors {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors/rules")

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    static let names = ["shipped-1", "corpus-1"]
}

@Suite("Texts and figures of format 1 stay what they are")
struct RuleFiguresTests {
    /// Rules and figures, by their numbers.
    private func program(_ rules: RuleSet) -> JSON {
        .object([
            .init("name", .string("\(rules.name)@\(rules.version)")),
            .init(
                "rules",
                .array(
                    rules.program.details.map { detail in
                        .object([
                            .init("id", .string(detail.id)),
                            .init(
                                "figures",
                                .array(
                                    detail.figures.map {
                                        .string(
                                            [$0.name, $0.sign ?? "-", $0.list ?? "-", $0.window ?? "-"].joined(
                                                separator: " | "))
                                    })),
                        ])
                    })),
        ])
    }

    /// Three transactions on one card, the second with little known of it.
    private func records(_ rules: RuleSet) -> [JSON] {
        var triggers = Triggers(rules)
        let facts = [
            purchase {
                $0.pin = .wrong
                $0.goods = ["TOBACCO"].compactMap { GoodsCode($0) }
                $0.amount = euros(60_000)
            },
            purchase(at: morning + .minutes(1)) {
                ($0.mcc, $0.merchant, $0.hotList) = (nil, nil, .stolen)
                $0.amount = Money(minorUnits: 700, .usd)
            },
            purchase(at: morning + .minutes(2)) {
                ($0.kind, $0.noticeCovers, $0.mcc) = (.cash, true, MCC(5_993))
                ($0.terminal, $0.amount) = (terminal(2), euros(30_000))
            },
        ]
        return facts.map { facts in
            var evaluation = triggers.pass(facts).withoutEngine
            // Of evidence the first versions knew nothing; it changes no number.
            for result in evaluation.results.indices {
                for figure in evaluation.results[result].figures.indices {
                    evaluation.results[result].figures[figure].evidence = []
                }
            }
            var writer = ByteWriter()
            evaluation.encode(to: &writer)
            return .object([
                .init("bytes", .string(Hex.text(writer.bytes))),
                .init("json", Explanation.json(evaluation, rules: rules)),
            ])
        }
    }

    @Test("a text gives the rules and figures that it always gave, in their numbers", arguments: RuleVectors.names)
    func numbering(_ name: String) throws {
        let rules = try RuleSet(parsing: try RuleVectors.text(name + ".rules"))
        let golden = try JSON(parsing: Array(RuleVectors.text(name + ".json").utf8))
        #expect(program(rules) == golden["program"])
        let records = records(rules)
        #expect(golden["records"]?.array?.count == records.count)
        for (record, wanted) in zip(records, golden["records"]?.array ?? []) {
            #expect(record["bytes"] == wanted["bytes"])
            #expect(record["json"] == wanted["json"])
        }
    }

    @Test("what was written with a text long ago reads with it as it did", arguments: RuleVectors.names)
    func reading(_ name: String) throws {
        let rules = try RuleSet(parsing: try RuleVectors.text(name + ".rules"))
        let golden = try JSON(parsing: Array(RuleVectors.text(name + ".json").utf8))
        for record in golden["records"]?.array ?? [] {
            var reader = ByteReader(try #require(record["bytes"]?.string.flatMap { Hex.bytes($0) }))
            let evaluation = try Evaluation(from: &reader)
            #expect(Explanation.json(evaluation, rules: rules) == record["json"])
        }
    }
}
