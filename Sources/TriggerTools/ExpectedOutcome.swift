// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// What an example wants of the rules; nil for what it does not speak of.
struct ExpectedOutcome: Sendable {
    var decision: TriggerAction?
    /// Live rules that hit.
    var rules: [String]?
    /// Watched rules that hit.
    var shadow: [String]?
    var suppressed: [String]?
    var unknown: [String]?
    var openCase: CaseLevel?

    /// In the order of the actions.
    static let decisions = ["approve", "require_proof", "refer", "decline", "retain"]
    static let levels = ["low", "medium", "high"]

    var isEmpty: Bool {
        decision == nil && rules == nil && shadow == nil && suppressed == nil && unknown == nil && openCase == nil
    }

    /// Where the rules said something else, a sentence each.
    func differences(from evaluation: Evaluation, _ rules: RuleSet) -> [String] {
        var sentences: [String] = []
        if let decision, decision != evaluation.action {
            let (wanted, found) = (Int(decision.rawValue), Int(evaluation.action.rawValue))
            sentences.append("expected \(Self.decisions[wanted]), found \(Self.decisions[found])")
        }
        if let openCase, openCase != evaluation.openCase {
            let found = evaluation.openCase.map { Self.levels[Int($0.rawValue) - 1] } ?? "no case"
            sentences.append("expected case \(Self.levels[Int(openCase.rawValue) - 1]), found \(found)")
        }
        let groups: [(String, [String]?, (RuleResult) -> Bool)] = [
            ("rules", self.rules, { $0.outcome == .hit && !$0.isShadow }),
            ("shadow", shadow, { $0.outcome == .hit && $0.isShadow }),
            ("suppressed", suppressed, { $0.outcome == .suppressed }),
            ("unknown", unknown, { $0.outcome == .unknown }),
        ]
        for (name, wanted, belongs) in groups {
            guard let wanted else { continue }
            let found = evaluation.results.filter(belongs).compactMap { rules.id(of: $0.rule) }
            guard wanted.sorted() != found.sorted() else { continue }
            sentences.append("expected \(name) \(Self.text(wanted)), found \(Self.text(found))")
        }
        return sentences
    }

    private static func text(_ ids: [String]) -> String {
        ids.isEmpty ? "none" : ids.sorted().joined(separator: ", ")
    }
}
