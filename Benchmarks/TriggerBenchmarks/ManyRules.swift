// SPDX-License-Identifier: Apache-2.0
import RiskModels
import RiskTraining
import SecurityTriggers
import Vocabulary

/// Thirty rules over ten velocities, a score of 27 features by a hundred trees, and the evaluation stored with every decision.
struct ManyRules {
    static let text: String = {
        var text =
            FiveCounters.velocities + """
                velocity n60     = count(attempts) by card over 1h
                velocity n48     = count(attempts) by card over 48h
                velocity max24   = max(amount) by card over 24h before
                velocity shops   = distinct(merchant) by card over 24h
                velocity denied  = count(declined) by card over 24h
                score risk = model "trees" (\(RiskFeature.names.joined(separator: ", ")))

                """
        let conditions = [
            "n10 >= %", "n60 >= 1%", "n48 >= 9%", "nterm >= %", "pins >= %", "nlarge >= 1%", "shops >= 3%",
            "denied >= %", "amount >= 59%.00 EUR and n10 >= 3", "sum24 >= 1%000.00 EUR",
            "mcc == 5411 and nterm >= %", "pin == wrong and pins >= %", "amount > 4 * max24 and n48 >= 2%",
            "kind == cash and n60 >= %", "terminal == \"T000123%\" and n10 >= 2 or risk >= 0.9%",
        ]
        for index in 0..<30 {
            let condition = conditions[index % conditions.count]
            let number = index < conditions.count ? "4" : "6"
            let filled = condition.split(separator: "%", omittingEmptySubsequences: false).joined(separator: number)
            text += "rule rule\(index) { when \(filled) then \(index % 3 == 0 ? "decline" : "refer hold 15m")\n"
            text += "    say en \"{n10} payments in ten minutes, {amount}\" }\n"
        }
        return text
    }()

    /// The same with conditions that nothing meets.
    static var quiet: String { text.split(separator: "\n").map(silenced).joined(separator: "\n") + "\n" }

    private static func silenced(_ line: Substring) -> String {
        guard line.hasPrefix("rule "), let when = line.firstRange(of: "when "),
            let then = line.firstRange(of: " then ")
        else { return String(line) }
        return line[..<when.upperBound] + "(" + line[when.upperBound..<then.lowerBound] + ") and amount < 0.01 EUR"
            + line[then.lowerBound...]
    }

    static func run() throws -> [JSON] {
        let traffic = FiveCounters.traffic
        var triggers = try scored()
        let decisions = FiveCounters.decisions
        var latencies = Latencies(capacity: decisions)
        var spoken: [Evaluation] = []
        var stored = 0
        let start = nanoseconds()
        for index in FiveCounters.preload..<FiveCounters.preload + decisions {
            let facts = traffic.facts(index)
            let began = index % Latencies.every == 0 ? nanoseconds() : 0
            let evaluation = triggers.evaluate(facts)
            var writer = ByteWriter()
            evaluation.encode(to: &writer)
            let outcome: WindowOutcome = evaluation.action == .approve ? .approved : .declined
            triggers.apply(WindowEvent(facts: facts, outcome: outcome), after: evaluation)
            if began != 0 { latencies.add(nanoseconds() - began) }
            stored += writer.bytes.count
            if !evaluation.results.isEmpty { spoken.append(evaluation) }
        }
        let wall = nanoseconds() - start
        return [
            [
                "peer": "tillguard", "task": "30 rules, score, stored evaluation",
                "perSecond": .integer(FiveCounters.rate(decisions, wall)),
                "p50": .integer(Int64(latencies.quantile(perMille: 500))),
                "p99": .integer(Int64(latencies.quantile(perMille: 990))),
                "p999": .integer(Int64(latencies.quantile(perMille: 999))),
                "hitsPerMille": .double(Double(spoken.count) * 1_000 / Double(decisions)),
                "storedBytes": .integer(Int64(stored / decisions)),
            ],
            explanations(spoken, triggers.rules),
        ]
    }

    /// The explanations in full of what was stored, made when somebody asks for them.
    private static func explanations(_ evaluations: [Evaluation], _ rules: RuleSet) -> JSON {
        let evaluations = evaluations.prefix(2_000)
        let start = nanoseconds()
        var bytes = 0
        for evaluation in evaluations { bytes += Explanation.json(evaluation, rules: rules).text.utf8.count }
        return [
            "peer": "tillguard", "task": "explanations from stored evaluations",
            "perSecond": .integer(FiveCounters.rate(evaluations.count, nanoseconds() - start)),
            "bytes": .integer(Int64(bytes / max(evaluations.count, 1))),
        ]
    }

    /// Windows filled with the day before, and trees trained on its last hours; the labels are made up, since only the shape
    /// of the trees costs time.
    private static func scored() throws -> Triggers {
        var rules = try RuleSet(parsing: text)
        var triggers = Triggers(rules: rules)
        var table = TrainingTable(names: RiskFeature.names)
        for index in 0..<FiveCounters.preload {
            let facts = FiveCounters.traffic.facts(index)
            if index >= FiveCounters.preload - 20_000 {
                let vector = triggers.features(of: facts)
                table.append(
                    vector.values.span,
                    isFraud: facts.amount.minorUnits > 59_000 && vector[.ratio] > 1 || index % 97 == 0)
            }
            triggers.apply(WindowEvent(facts: facts, outcome: .approved))
        }
        var settings = BoostedTrees.Settings()
        settings.forests = 1
        let model = try RiskModel(reading: try BoostedTrees(settings: settings).train(table, seed: 1))
        try rules.bind([RuleSet.NamedModel(name: "trees", version: 1, model: model)])
        triggers.replaceRules(rules)
        return triggers
    }
}
