// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Scores in evaluations and explanations")
struct ScoreTests {
    private static let declarations = """
        feature ratio = amount / 4.00 EUR
        feature night = hour < 6
        score risk = model "m" (night, ratio)

        """

    private static func term(_ feature: Int, _ weight: Double, scale: Double = 1) -> Scorecard.Term {
        Scorecard.Term(feature: feature, transform: .identity, mean: 0, scale: scale, weight: weight)
    }

    /// −1 + ratio + 2 night.
    private func model() throws -> RiskModel {
        RiskModel(
            try Scorecard(
                name: "m", featureNames: ["ratio", "night"], bias: -1, terms: [Self.term(0, 1), Self.term(1, 2)]))
    }

    private func rules(_ body: String, version: UInt32 = 3) throws -> RuleSet {
        var rules = try ruleSet(Self.declarations + body)
        try rules.bind([RuleSet.NamedModel(name: "m", version: version, model: try model())])
        return rules
    }

    private func bytes(_ evaluation: Evaluation) -> [UInt8] {
        var writer = ByteWriter()
        evaluation.encode(to: &writer)
        return writer.bytes
    }

    /// 03:00 in the night, so that both features speak.
    private let night = morning - .hours(6)

    @Test("a rule that asks for a score takes it down with its features and what drove it; no other rule does")
    func kept() throws {
        let rules = try rules(
            """
            rule big { when amount >= 5.00 EUR then refer }
            rule risky { when risk > 0.9 then decline }
            """)
        let quiet = Triggers(rules).evaluate(purchase())
        #expect(quiet.results.count == 1 && quiet.scores.isEmpty)
        let spoken = Triggers(rules).evaluate(purchase(at: night))
        #expect(spoken.scores.first?.top.isEmpty == true, "what drove it is no part of the decision")
        let score = try #require(rules.attributed(spoken).scores.first)
        #expect(spoken.scores.count == 1 && spoken.action == .decline)
        #expect((score.score, score.modelVersion) == (0, 3))
        #expect(score.value == Real.logistic(3.5))
        #expect(score.features == [1, 2.5])
        #expect(score.top.map(\.feature) == [1, 0] && score.top.map(\.value) == [2.5, 2])
    }

    @Test("a score stands in text as in JSON, and both come from the record alone")
    func explained() throws {
        let rules = try rules("rule risky { when risk > 0.9 then decline say en \"odd\" say zh \"异常\" }")
        let evaluation = rules.attributed(Triggers(rules).evaluate(purchase(at: night)))
        var reader = ByteReader(bytes(evaluation))
        let read = try Evaluation(from: &reader)
        #expect(read == evaluation && reader.isAtEnd)
        // The same rules without any model: what is explained is no model's any more.
        let bare = try RuleSet(parsing: rules.source)
        let json = Explanation.json(read, rules: bare).text
        #expect(json == Explanation.json(evaluation, rules: rules).text)
        #expect(
            json.contains(
                #""suppressed":[],"score":{"model":"m@3","value":0.9706877692486436,"top":[["ratio",2.5],["night",2.0]]},"#
            ), "\(json)")
        let english = Explanation.sentence(read, rules: bare, language: .en, audience: .analyst)
        #expect(english == "odd The model m@3 gives 0.97, most of all for ratio +2.50, night +2.00.")
        let chinese = Explanation.sentence(read, rules: bare, language: .zh, audience: .analyst)
        #expect(chinese == "异常模型 m@3 评分为 0.97，主要因素：ratio +2.50、night +2.00。")
        for audience in [Explanation.Audience.cardholder, .merchant] {
            #expect(!Explanation.sentence(read, rules: bare, language: .en, audience: audience).contains("0.97"))
        }
    }

    @Test("without a score an evaluation is written as before; with one the bytes of the second version are these")
    func golden() throws {
        #expect(bytes(Evaluation()) == [1, 0, 0, 0])
        let plain = Triggers(try rules("rule big { when amount >= 5.00 EUR then decline }")).evaluate(purchase())
        #expect(Hex.text(bytes(plain.withoutEngine)) == "0103400001000001000605D00FD20705E807D207")
        let rules = try rules("rule risky { when risk > 0.9 then decline }")
        let scored = rules.attributed(Triggers(rules).evaluate(purchase(at: night)))
        #expect(Hex.text(bytes(scored.withoutEngine)) == Self.golden)
    }

    /// Version 2: decline by rule 0 for a score against 0.9; the score 0 of model version 3 with two features and two
    /// contributions.
    private static let golden =
        "0203400001000001000609A6EA8CBFF9F787EF7F099AB3E6CC99B3E6EC7F0100033FEF0FDFCBF19A9302000201"
        + "400400000000000002014004000000000000004000000000000000"

    @Test("cut or damaged bytes of a score are refused, or read as something that can be explained")
    func damaged() throws {
        let rules = try rules("rule risky { when risk > 0.9 then decline }")
        let whole = bytes(Triggers(rules).evaluate(purchase(at: night)))
        for length in 0..<whole.count {
            var reader = ByteReader(Array(whole.prefix(length)))
            #expect(throws: CodecError.self) { try Evaluation(from: &reader) }
        }
        for index in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[index] ^= 1 << UInt8(bit)
                var reader = ByteReader(damaged)
                guard let read = try? Evaluation(from: &reader) else { continue }
                _ = Explanation.json(read, rules: rules).text
            }
        }
    }

    @Test("a missing feature and a negative zero come back by their bits")
    func bits() throws {
        let score = ScoreResult(
            score: 0, modelVersion: 0, value: 0.5, features: [.nan, -0.0, 0, 1e300, -7, 0.1], top: [])
        var writer = ByteWriter()
        score.encode(to: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try ScoreResult(from: &reader) == score)
        var other = score
        other.features[1] = 0
        #expect(other != score)
    }

    @Test("a model that leaves no number leaves its rule unknown, and no score")
    func notANumber() throws {
        var rules = try ruleSet(Self.declarations + "rule risky { when risk >= 0.0 then decline }")
        let absurd = RiskModel(
            try Scorecard(
                name: "m", featureNames: ["ratio", "night"], bias: 0,
                terms: [Self.term(0, 1e308, scale: 1e-300), Self.term(0, -1e308, scale: 1e-300)]))
        try rules.bind([(name: "m", model: absurd)])
        let evaluation = Triggers(rules).evaluate(purchase())
        #expect(evaluation.results.map(\.outcome) == [.unknown])
        #expect(evaluation.action == .approve && evaluation.scores.isEmpty)
    }

    @Test("an undecided rule keeps the score it asked for, and nothing that it would take long to find out")
    func undecided() throws {
        let rules = try rules("rule risky { when risk > 0.9 and merchant == 1 then decline }")
        let evaluation = Triggers(rules).evaluate(purchase(at: night) { $0.merchant = nil })
        #expect(evaluation.results.map(\.outcome) == [.unknown])
        #expect(evaluation.scores.first?.features == [1, 2.5])
        #expect(rules.attributed(evaluation).scores.first?.top.isEmpty == true)
    }

    @Test("what drove a score is found with the model that gave it, and with no other")
    func attributed() throws {
        let text = "rule risky { when risk > 0.9 then decline }"
        let evaluation = Triggers(try rules(text)).evaluate(purchase(at: night))
        let told = try rules(text).attributed(evaluation)
        #expect(told.scores.first?.top.count == 2)
        #expect(try rules(text).attributed(told) == told, "what was found once stays")
        #expect(try rules(text, version: 4).attributed(evaluation) == evaluation)
        let full = Explanation.json(told, rules: try rules(text, version: 4)).text
        #expect(full == Explanation.json(evaluation, rules: try rules(text)).text)
    }

    @Test("who watches models sees every score of every transaction, asked for or not, and changes no result")
    func observed() throws {
        let rules = try rules("rule risky { when amount > 50.00 EUR and risk > 0.9 then decline }")
        let triggers = Triggers(rules)
        var seen: [(Int, [Double], Double)] = []
        let evaluation = triggers.evaluate(purchase(at: night)) { score, features, margin in
            seen.append((score, features.indices.map { features[$0] }, margin))
        }
        #expect(evaluation == triggers.evaluate(purchase(at: night)))
        #expect(seen.count == 1 && seen[0] == (0, [1, 2.5], 3.5))
    }

    @Test("the least probability with which a live rule compares a score is where it matters")
    func threshold() throws {
        let rules = try rules(
            """
            rule a { when risk > 0.9 then decline }
            rule b { when risk >= 0.7 or amount > 1.00 EUR then refer }
            rule c shadow { when risk > 0.1 then refer }
            """)
        #expect(rules.threshold(ofScore: 0) == 0.7)
        #expect(try self.rules("rule a { when amount > 1.00 EUR then refer }").threshold(ofScore: 0) == nil)
        #expect(abs(try model().probability(of: try model().margin(of: 0.7)) - 0.7) < 1e-12)
    }
}
