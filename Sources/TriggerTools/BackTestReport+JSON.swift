// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

extension BackTestReport {
    /// Pairs of rules that `json` names at most: the most frequent.
    public static let pairsMax = 50

    /// For programs: `transactions`, `frauds` and `fraudAmount`, what `candidate` and `present` (null without) stop, a member
    /// of `byRule` each rule of the candidate, and `together`, the pairs of rules that fired on the same transactions, the most
    /// frequent first. Amounts are texts with two decimals, money saved among them: frauds that are stopped.
    public var json: JSON {
        [
            "transactions": Self.count(candidate.transactions), "frauds": Self.count(candidate.frauds),
            "fraudAmount": .string(Self.amount(candidate.fraudAmount)), "candidate": Self.summary(candidate),
            "present": present.map(Self.summary) ?? .null,
            "byRule": .array(zip(candidate.rules.ruleIDs, candidate.byRule).map { rule($0, $1) }),
            "together": .array(
                pairs.map { ["rules": [.string($0.left), .string($0.right)], "fired": Self.count($0.count)] }),
        ]
    }

    private static func count(_ value: Int) -> JSON { .integer(Int64(value)) }

    private static func summary(_ test: BackTest) -> JSON {
        [
            "rules": .string("\(test.rules.name)@\(test.rules.version)"), "stopped": count(test.stopped.fired),
            "frauds": count(test.stopped.frauds), "saved": .string(amount(test.stopped.fraudAmount)),
            "falseAlarmsPer10000": .string(decimal(test.falseAlarmsPerTenThousand)),
        ]
    }

    private func rule(_ id: String, _ tally: BackTest.Tally) -> JSON {
        [
            "rule": .string(id), "fired": Self.count(tally.fired), "frauds": Self.count(tally.frauds),
            "fraudAmount": .string(Self.amount(tally.fraudAmount)),
            "falseAlarmsPer10000": .string(Self.decimal(candidate.perTenThousand(tally))),
            "suppressed": Self.count(tally.suppressed), "unknown": Self.count(tally.unknown),
        ]
    }

    private var pairs: [(left: String, right: String, count: Int)] {
        let ids = candidate.rules.ruleIDs
        var pairs: [(left: String, right: String, count: Int)] = []
        for row in ids.indices {
            for column in ids.indices.dropFirst(row + 1) where candidate.together[row * ids.count + column] > 0 {
                pairs.append((ids[row], ids[column], candidate.together[row * ids.count + column]))
            }
        }
        pairs.sort { ($1.count, $0.left, $0.right) < ($0.count, $1.left, $1.right) }
        return Array(pairs.prefix(Self.pairsMax))
    }
}
