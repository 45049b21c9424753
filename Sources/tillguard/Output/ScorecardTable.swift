// SPDX-License-Identifier: Apache-2.0
import Foundation
import TriggerTools

/// A scorecard as people read it: a line an attack, then the false alarms.
enum ScorecardTable {
    static func text(_ scorecard: TriggerScorecard) -> String {
        let header = ["attack", "episodes", "noticed", "stopped", "seconds", "lost", "look-alikes", "of these stopped"]
        var rows = [header]
        for line in scorecard.lines {
            rows.append([
                line.attack, "\(line.episodes)", "\(line.noticed)", "\(line.stopped)",
                line.seconds.map { "\($0)" } ?? "—",
                "\(line.lost / 100)", "\(line.lookAlikes)", "\(line.lookAlikesStopped)",
            ])
        }
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            row.indices.map { row[$0].padding(toLength: widths[$0], withPad: " ", startingAt: 0) }
                .joined(separator: "  ")
        }
        let alarms = String(format: "%.1f", scorecard.falseAlarmsPerTenThousand)
        lines.append("\(scorecard.transactions) transactions; \(alarms) of 10,000 honest ones stopped")
        return lines.joined(separator: "\n")
    }
}
