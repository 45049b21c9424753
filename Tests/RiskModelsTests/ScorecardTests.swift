// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Testing
import Vocabulary

@Suite("Scorecards")
struct ScorecardTests {
    private func scorecard() throws -> Scorecard {
        try Scorecard(
            name: "first", featureNames: ["amount", "hour"], bias: -4,
            terms: [
                Scorecard.Term(feature: 0, transform: .identity, mean: 50, scale: 25, weight: 0.5),
                Scorecard.Term(feature: 0, transform: .log1p, mean: 4, scale: 2, weight: 1),
                Scorecard.Term(feature: 1, transform: .square, mean: 100, scale: 10, weight: -0.25),
            ])
    }

    @Test("the margin is the bias and weight times standardised, transformed feature of every term")
    func margin() throws {
        let model = RiskModel(try scorecard())
        let expected = -4 + 0.5 * ((100.0 - 50) / 25) + (Real.log(101) - 4) / 2 - 0.25 * ((9.0 - 100) / 10)
        #expect(abs(model.margin([100, 3].span) - expected) < 1e-12)
        #expect(abs(model.probability(of: expected) - 1 / (1 + Real.exp(-expected))) < 1e-15)
    }

    @Test("terms of one feature contribute together, and all sums to the margin")
    func contributions() throws {
        let model = RiskModel(try scorecard())
        let contributions = model.contributions([100, 3].span)
        #expect(contributions.bias == -4)
        #expect(contributions.values.count == 2)
        #expect(abs(contributions.values.reduce(-4, +) - model.margin([100, 3].span)) < 1e-12)
    }

    @Test("a feature that is missing or infinite counts as its mean")
    func missing() throws {
        let model = RiskModel(try scorecard())
        for value in [Double.nan, .infinity, 1e200] {
            #expect(model.margin([50, value].span) == model.margin([50, 10].span))
        }
    }

    @Test("written as JSON and read again it gives the same bits")
    func roundTrip() throws {
        let scorecard = try scorecard()
        let model = try RiskModel(reading: Array(scorecard.json.text.utf8))
        #expect(model.format == .scorecard)
        #expect(model.margin([123.456, 7].span) == RiskModel(scorecard).margin([123.456, 7].span))
    }

    @Test("a scorecard of the wrong shape is refused with its field")
    func refusals() throws {
        let text = try scorecard().json.text
        func error(_ old: String, _ new: String) -> RiskModelError? {
            #expect(text.contains(old))
            return readingError(Array(text.replacing(old, with: new).utf8))
        }
        #expect(error(#""tillguard-model":1"#, #""tillguard-model":2"#)?.code == .unsupported)
        #expect(error(#""kind":"scorecard""#, #""kind":"bins""#)?.code == .unsupported)
        #expect(error(#""feature":"hour""#, #""feature":"minute""#)?.code == .wrongShape)
        #expect(error(#""scale":25.0"#, #""scale":0.0"#)?.code == .wrongShape)
        #expect(error(#""weight":0.5"#, #""weight":null"#)?.code == .malformed)
        #expect(error(#""bias":-4.0,"#, "")?.field == "bias")
        #expect(error(#""transform":"square""#, #""transform":"cube""#)?.code == .unsupported)
        #expect(throws: RiskModelError.self) {
            try Scorecard(name: "", featureNames: ["a"], bias: .nan, terms: [])
        }
    }
}
