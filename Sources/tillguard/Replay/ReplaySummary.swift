// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// What a replay came to: the whole journal laid beside the file's labels, and the speed of this run.
struct ReplaySummary: Sendable {
    struct Scenario: Equatable, Sendable {
        var rows = 0
        var caught = 0
    }

    /// Rows of the file, or of `--limit`.
    var total = 0
    /// Purchases decided, those of earlier runs included.
    var replayed = 0
    var earlier = 0
    var withoutAmount = 0
    var decisions: [(intent: Intent, count: Int)] = []
    var rules: [(rule: String, count: Int)] = []
    var cases = 0
    var frauds = 0
    /// A fraud that was not approved, or for which a case was asked for.
    var caught = 0
    var scenarios: [(scenario: UInt8, figures: Scenario)] = []
    var honest = 0
    /// Honest purchases that were not approved.
    var falseAlarms = 0
    /// This run alone.
    var seconds = 0.0
    var answered = 0
    var signOns = 0
    var latency = LatencyFigures(p50: 0, p99: 0, p999: 0, max: 0)
    var terminals = 0
    var cards = 0
    var data = ""

    init() {}

    var isComplete: Bool { replayed + withoutAmount >= total }

    init(_ rows: ReplayRows, _ tally: ReplayTally, total: Int) {
        self.total = total
        cases = tally.cases
        rules = tally.fired.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
        var taken = [Int](repeating: 0, count: tally.decided.count)
        var counts = [Int](repeating: 0, count: 256)
        var byScenario = [Scenario](repeating: Scenario(), count: 64)
        for index in 0..<rows.count {
            let row = rows[index]
            guard row.hasAmount else {
                withoutAmount += 1
                continue
            }
            guard row.terminal < taken.count, taken[row.terminal] < tally.decided[row.terminal].count else { continue }
            let decided = tally.decided[row.terminal][taken[row.terminal]]
            taken[row.terminal] += 1
            replayed += 1
            counts[Int(decided.intent.wireNumber)] += 1
            let isStopped = !decided.intent.isApproval
            guard row.isFraud else {
                honest += 1
                if isStopped { falseAlarms += 1 }
                continue
            }
            frauds += 1
            byScenario[Int(row.scenario)].rows += 1
            guard isStopped || decided.isSuspected else { continue }
            caught += 1
            byScenario[Int(row.scenario)].caught += 1
        }
        for intent in Intent.allCases where counts[Int(intent.wireNumber)] > 0 {
            decisions.append((intent, counts[Int(intent.wireNumber)]))
        }
        decisions.sort { $0.count > $1.count }
        for (number, figures) in byScenario.enumerated() where figures.rows > 0 {
            scenarios.append((UInt8(number), figures))
        }
    }

    /// What this run did.
    mutating func take(_ measured: ReplaySender.Measured) {
        seconds = measured.seconds
        answered = measured.answered
        signOns = measured.signOns
        latency = measured.latency
        terminals = measured.terminals
        cards = measured.cards
    }

    var perSecond: Double { seconds > 0 ? Double(answered) / seconds : 0 }
    var falseAlarmsPer10000: Double { honest > 0 ? Double(falseAlarms) * 10_000 / Double(honest) : 0 }

    // MARK: - For programs

    var json: JSON {
        [
            "complete": .bool(isComplete), "rows": .integer(Int64(total)), "replayed": .integer(Int64(replayed)),
            "earlier": .integer(Int64(earlier)), "withoutAmount": .integer(Int64(withoutAmount)),
            "terminals": .integer(Int64(terminals)), "cards": .integer(Int64(cards)),
            "decisions": .object(decisions.map { .init($0.intent.rawValue, .integer(Int64($0.count))) }),
            "rules": .object(rules.map { .init($0.rule, .integer(Int64($0.count))) }),
            "cases": .integer(Int64(cases)),
            "fraud": [
                "rows": .integer(Int64(frauds)), "caught": .integer(Int64(caught)),
                "missed": .integer(Int64(frauds - caught)),
                "scenarios": .array(
                    scenarios.map {
                        [
                            "scenario": .integer(Int64($0.scenario)), "rows": .integer(Int64($0.figures.rows)),
                            "caught": .integer(Int64($0.figures.caught)),
                        ]
                    }),
            ],
            "falseAlarms": [
                "rows": .integer(Int64(honest)), "stopped": .integer(Int64(falseAlarms)),
                "per10000": .double(falseAlarmsPer10000),
            ],
            "run": [
                "seconds": .double(seconds), "answered": .integer(Int64(answered)), "perSecond": .double(perSecond),
                "signOns": .integer(Int64(signOns)), "latencyMicroseconds": latency.json,
            ],
            "data": .string(data),
        ]
    }

    // MARK: - For people

    var text: String {
        func count(_ value: Int) -> String {
            let digits = Figures.grouped(value)
            return String(repeating: " ", count: max(0, 10 - digits.count)) + digits
        }
        var lines = [
            "\(Figures.grouped(replayed)) of \(Figures.grouped(total)) purchases replayed, "
                + "\(Figures.grouped(cards)) cards at \(Figures.grouped(terminals)) terminals"
        ]
        if withoutAmount > 0 {
            lines.append("\(Figures.grouped(withoutAmount)) rows without an amount are no purchases and were not sent")
        }
        lines.append("decisions")
        for (intent, number) in decisions { lines.append("\(count(number))  \(intent.rawValue)") }
        lines.append("rules fired")
        for (rule, number) in rules { lines.append("\(count(number))  \(rule)") }
        if rules.isEmpty { lines.append("         0") }
        lines.append("cases opened: \(Figures.grouped(cases))")
        lines.append(
            "frauds: \(Figures.grouped(frauds)), of which \(Figures.grouped(caught)) caught and "
                + "\(Figures.grouped(frauds - caught)) missed")
        for (scenario, figures) in scenarios {
            lines.append(
                "\(count(figures.caught)) of \(Figures.grouped(figures.rows)) caught in scenario \(scenario)")
        }
        lines.append(
            "false alarms: \(Figures.grouped(falseAlarms)) of \(Figures.grouped(honest)) honest purchases stopped, "
                + "\(Figures.decimal(falseAlarmsPer10000, 2)) in 10,000")
        lines.append(
            "speed: \(Figures.grouped(answered)) purchases in \(Figures.duration(seconds)), "
                + "\(Figures.grouped(Int(perSecond))) a second, besides \(Figures.grouped(signOns)) sign-ons")
        if answered > 0 { lines.append("latency: \(latency.text)") }
        return lines.joined(separator: "\n")
    }
}
