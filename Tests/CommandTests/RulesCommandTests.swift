// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

/// Rules whose scores and lists come from files.
@Suite("Rules with models and lists, by command")
struct RulesCommandTests {
    private static let rules = """
        tillguard-rules 1
        ruleset mine version 1
        list bad = terminal from "bad"
        feature big = amount / 100.00 EUR
        score risk = model "small" (big)
        rule risky { when risk >= 0.5 then refer say en "Likely a fraud: {risk}." }
        rule banned { when terminal in bad then decline }
        """
    private static let line =
        #"{"id":"1","card":"A","at":"2026-08-14T09:30:00Z","amount":"500.00","#
        + #""currency":"EUR","terminal":"T0000001"}"#

    private func folder() throws -> Folder {
        let folder = try Folder()
        try Data(Self.rules.utf8).write(to: URL(filePath: folder.file("mine.rules")))
        let card: JSON = [
            "tillguard-model": 1, "kind": "scorecard", "name": "small", "features": ["big"], "bias": -2,
            "terms": [["feature": "big", "transform": "identity", "mean": 0, "scale": 1, "weight": 1]],
        ]
        try Data(card.text.utf8).write(to: URL(filePath: folder.file("small.json")))
        return folder
    }

    @Test("a score is unknown without its model; with it the rule hits and the decision says what drove it")
    func models() throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        let rules = ["rules", "eval", "--rules", folder.file("mine.rules")]
        let bare = try Program.run(rules, input: Self.line + "\n")
        #expect(bare.code == 0 && bare.output.contains(#""decision":"approve""#), "\(bare.output)\(bare.errors)")
        let scored = try Program.run(
            rules + ["--model", "small=" + folder.file("small.json")], input: Self.line + "\n")
        #expect(scored.code == 0, "\(scored.errors)")
        #expect(scored.output.contains(#""decision":"refer""#), "\(scored.output)")
        #expect(scored.output.contains(#""top":[["big",5.0]]"#), "\(scored.output)")
        for command in ["backtest", "test", "scorecard"] {
            let help = try Program.run(["rules", command, "--help"])
            #expect(help.output.contains("--model") && help.output.contains("--list"), "\(command)")
        }
    }

    @Test("a model that no score names, that is not there or is none, is refused by name")
    func refusals() throws {
        let folder = try folder()
        defer { withExtendedLifetime(folder) {} }
        let rules = ["rules", "eval", "--rules", folder.file("mine.rules"), "--model"]
        for (model, said) in [
            ("small", "NAME=FILE"), ("large=" + folder.file("small.json"), "names small, and not large"),
            ("small=" + folder.file("none"), "cannot be read"), ("small=" + folder.file("mine.rules"), "mine.rules: "),
        ] {
            let answer = try Program.run(rules + [model], input: Self.line)
            #expect(answer.code != 0 && answer.errors.contains(said) && answer.output.isEmpty, "\(answer.errors)")
        }
    }
}
