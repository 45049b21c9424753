// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// A back-test as a table and as a page, beside the rules in force where they ran too.
public struct BackTestReport: Sendable {
    public let candidate: BackTest
    public let present: BackTest?

    public init(_ candidate: BackTest, beside present: BackTest? = nil) {
        (self.candidate, self.present) = (candidate, present)
    }

    // MARK: CSV

    /// A line a rule, then `all`, then the present rules' `all`.
    public var csv: String {
        var lines = ["rule,fired,frauds,fraud_amount,false_alarms_per_10000,suppressed,unknown"]
        for (id, tally) in rows(candidate) { lines.append(line(id, tally, candidate)) }
        lines.append(line("all", candidate.stopped, candidate))
        if let present { lines.append(line("present", present.stopped, present)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func rows(_ test: BackTest) -> [(String, BackTest.Tally)] {
        zip(test.rules.ruleIDs, test.byRule).map { ($0, $1) }
    }

    private func line(_ name: String, _ tally: BackTest.Tally, _ test: BackTest) -> String {
        "\(name),\(tally.fired),\(tally.frauds),\(Self.amount(tally.fraudAmount)),"
            + "\(Self.decimal(test.perTenThousand(tally))),\(tally.suppressed),\(tally.unknown)"
    }

    /// Minor units with two decimals.
    static func amount(_ units: Int64) -> String {
        let cents = units % 100
        return "\(units / 100).\(cents < 10 ? "0" : "")\(cents)"
    }

    /// With two decimals.
    static func decimal(_ value: Double) -> String { amount(Int64((value * 100).rounded())) }

    // MARK: HTML

    /// One page without anything from outside: figures, a plot of the days, each rule, and which fire together.
    public var html: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Back-test of \(Self.escaped(name(candidate)))</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
        table { border-collapse: collapse; margin: 1rem 0 }
        th, td { padding: .3rem .7rem; border-bottom: 1px solid #d8dde3 }
        td + td, th + th { text-align: right } caption { text-align: left; font-weight: 600 }
        svg { width: 100%; height: auto } .fraud { fill: #b3261e } .stopped { fill: #1f6feb } text { font-size: 11px }
        </style></head><body>
        <h1>Back-test of \(Self.escaped(name(candidate)))</h1>
        \(summary)
        \(plot)
        \(ruleTable)
        \(overlapTable)
        </body></html>

        """
    }

    private func name(_ test: BackTest) -> String { "\(test.rules.name)@\(test.rules.version)" }

    private var summary: String {
        var rows = summaryRow("candidate", candidate)
        if let present { rows += summaryRow("present", present) }
        return """
            <table><caption>\(candidate.transactions) transactions, \(candidate.frauds) frauds of \
            \(Self.amount(candidate.fraudAmount))</caption>
            <tr><th>rules</th><th>stopped</th><th>frauds</th><th>money saved</th><th>false alarms of 10,000</th></tr>
            \(rows)</table>
            """
    }

    private func summaryRow(_ what: String, _ test: BackTest) -> String {
        "<tr><td>\(what), \(Self.escaped(name(test)))</td><td>\(test.stopped.fired)</td>"
            + "<td>\(test.stopped.frauds)</td><td>\(Self.amount(test.stopped.fraudAmount))</td>"
            + "<td>\(Self.decimal(test.falseAlarmsPerTenThousand))</td></tr>\n"
    }

    private var ruleTable: String {
        var text = """
            <table><caption>Each rule</caption><tr><th>rule</th><th>fired</th><th>frauds</th><th>fraud amount</th>\
            <th>false alarms of 10,000</th><th>lifted</th><th>unknown</th></tr>

            """
        for (id, tally) in rows(candidate) {
            text +=
                "<tr><td>\(Self.escaped(id))</td><td>\(tally.fired)</td><td>\(tally.frauds)</td>"
                + "<td>\(Self.amount(tally.fraudAmount))</td>"
                + "<td>\(Self.decimal(candidate.perTenThousand(tally)))</td>"
                + "<td>\(tally.suppressed)</td><td>\(tally.unknown)</td></tr>\n"
        }
        return text + "</table>"
    }

    private var overlapTable: String {
        let ids = candidate.rules.ruleIDs
        var text = "<table><caption>Fired together</caption><tr><th></th>"
        for id in ids { text += "<th>\(Self.escaped(id))</th>" }
        text += "</tr>\n"
        for (row, id) in ids.enumerated() {
            text += "<tr><td>\(Self.escaped(id))</td>"
            for column in ids.indices { text += "<td>\(candidate.together[row * ids.count + column])</td>" }
            text += "</tr>\n"
        }
        return text + "</table>"
    }

    /// Two bars a day: frauds upwards, stopped transactions downwards.
    private var plot: String {
        let days = candidate.days
        guard !days.isEmpty else { return "" }
        let (width, half) = (960.0, 90.0)
        let step = width / Double(days.count)
        let frauds = max(1, days.map(\.tally.frauds).max() ?? 1)
        let stopped = max(1, days.map(\.tally.stopped).max() ?? 1)
        var bars = ""
        for (index, day) in days.enumerated() {
            let x = Self.decimal(Double(index) * step)
            let bar = Self.decimal(max(0.5, step * 0.8))
            let up = Double(day.tally.frauds) / Double(frauds) * half
            let down = Double(day.tally.stopped) / Double(stopped) * half
            bars += "<rect class=\"fraud\" x=\"\(x)\" y=\"\(Self.decimal(half - up))\" width=\"\(bar)\" "
            bars += "height=\"\(Self.decimal(up))\"/>"
            bars += "<rect class=\"stopped\" x=\"\(x)\" y=\"\(Self.decimal(half))\" width=\"\(bar)\" "
            bars += "height=\"\(Self.decimal(down))\"/>\n"
        }
        let first = Instant(seconds: days[0].day * 86_400).iso8601.prefix(10)
        let last = Instant(seconds: days[days.count - 1].day * 86_400).iso8601.prefix(10)
        return """
            <h2>\(first) to \(last)</h2>
            <svg viewBox="0 0 960 200" role="img" aria-label="frauds and stopped transactions a day">
            \(bars)<text x="0" y="195">up: frauds, at most \(frauds) a day; down: stopped, at most \
            \(stopped) a day</text>
            </svg>
            """
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for character in text {
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            default: output.append(character)
            }
        }
        return output
    }
}
