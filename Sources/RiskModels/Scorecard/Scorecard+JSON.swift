// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Scorecard {
    /// The text that `RiskModel` reads:
    /// `{"tillguard-model":1,"kind":"scorecard","name":…,"features":[…],"bias":…,"terms":[{"feature":…,"transform":…,
    /// "mean":…,"scale":…,"weight":…}]}`, numbers with as many digits as give them back.
    public var json: JSON {
        [
            "tillguard-model": 1,
            "kind": "scorecard",
            "name": .string(name),
            "features": .array(featureNames.map { .string($0) }),
            "bias": .double(bias),
            "terms": .array(
                terms.map { term in
                    [
                        "feature": .string(featureNames[term.feature]),
                        "transform": .string(term.transform.rawValue),
                        "mean": .double(term.mean),
                        "scale": .double(term.scale),
                        "weight": .double(term.weight),
                    ]
                }),
        ]
    }

    init(reading text: [UInt8]) throws(RiskModelError) {
        let json = try JSON(model: text)
        guard json["tillguard-model"]?.integer == 1 else { throw RiskModelError(.unsupported, "tillguard-model") }
        guard json["kind"]?.string == "scorecard" else { throw RiskModelError(.unsupported, "kind") }
        let names = try json.member("features").strings("features")
        guard names.count <= RiskModelError.Limits.features else { throw RiskModelError(.tooLarge, "features") }
        guard let terms = try json.member("terms").array else { throw RiskModelError(.malformed, "terms") }
        self = try Scorecard(
            name: json["name"]?.string ?? "", featureNames: names, bias: try json.member("bias").real("bias"),
            terms: try terms.map { (term) throws(RiskModelError) in try Term(reading: term, of: names) })
    }
}

extension Scorecard.Term {
    fileprivate init(reading json: JSON, of names: [String]) throws(RiskModelError) {
        guard let name = json["feature"]?.string, let feature = names.firstIndex(of: name)
        else { throw RiskModelError(.wrongShape, "feature") }
        guard let transform = Scorecard.Transform(rawValue: json["transform"]?.string ?? "identity")
        else { throw RiskModelError(.unsupported, "transform") }
        self.init(
            feature: feature, transform: transform, mean: try json.member("mean").real("mean"),
            scale: try json.member("scale").real("scale"), weight: try json.member("weight").real("weight"))
    }
}
