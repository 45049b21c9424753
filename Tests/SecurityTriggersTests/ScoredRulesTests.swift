// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModels
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("The example file with a score")
struct ScoredRulesTests {
    private static func bytes(_ name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appending(path: "Rules/" + name)))
    }

    @Test("it asks for all that a shipped model wants, is well formed, and speaks by it where it should")
    func speaks() throws {
        let text = String(decoding: try Self.bytes("scored.rules"), as: UTF8.self)
        var rules = try RuleSet(parsing: text)
        #expect(RuleSet.findings(in: text).isEmpty)
        #expect(rules.featureNames(ofScore: 0) == RiskFeature.names && rules.isShadow(0))
        for name in ["default.scorecard.json", "default.model"] {
            let model = try RiskModel(reading: try Self.bytes(name))
            try rules.bind([RuleSet.NamedModel(name: "default", version: 1, model: model)])
            var triggers = Triggers(rules)
            // A month of small purchases, then a terminal where every third one was a fraud, and a large amount.
            for day in 0..<30 {
                triggers.apply(WindowEvent(facts: purchase(at: morning + .days(Int64(day))), outcome: .approved))
            }
            let last = morning + .days(30)
            #expect(triggers.evaluate(purchase(at: last)).results.isEmpty, "\(name)")
            for hour in 1...9 {
                let at = last - .hours(Int64(hour))
                let other = purchase(at: at) { $0.card = CardKey(high: 1, low: UInt64(hour)) }
                triggers.apply(WindowEvent(facts: other, outcome: .approved))
                guard hour % 3 == 0 else { continue }
                triggers.label(
                    TransactionLabel(
                        card: other.card, terminal: other.terminal, at: at, known: last, verdict: .fraud, isPlain: true)
                )
            }
            let evaluation = triggers.evaluate(purchase(at: last) { $0.amount = euros(25_000) })
            #expect(evaluation.action == .approve && evaluation.results.first?.outcome == .hit, "\(name)")
            let score = try #require(triggers.rules.attributed(evaluation).scores.first)
            #expect(score.value >= 0.5 && score.features.count == 27 && score.top.count == ScoreResult.topMax)
        }
    }
}
