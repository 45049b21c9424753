// SPDX-License-Identifier: Apache-2.0

/// Rows in the order of their times, a day at a time: the same plan gives the same rows.
public struct ScenarioGenerator: Sendable {
    private enum Source: Sendable {
        case handbook(HandbookDays)
        case habits(HabitDays)
    }

    public let plan: ScenarioPlan
    private var source: Source
    private var day = 0
    private var nextID = 0
    /// Rows that an attack or look-alike has laid into later days.
    private var later: [ScenarioRow] = []

    public init(_ plan: ScenarioPlan) {
        self.plan = plan
        source =
            switch plan.kind {
            case .handbook: .handbook(HandbookDays(plan))
            case .tillguard: .habits(HabitDays(plan))
            }
    }

    /// The rows of the next day; nil after the last one.
    public mutating func nextDay() -> [ScenarioRow]? {
        guard day < plan.days else { return nil }
        let midnight = plan.start + Int64(day) * 86_400
        var rows: [ScenarioRow]
        switch source {
        case .handbook(var days):
            rows = days.rows(of: day, from: midnight)
            source = .handbook(days)
        case .habits(var days):
            rows = days.rows(of: day, from: midnight)
            source = .habits(days)
        }
        rows += later
        later = rows.filter { $0.at >= midnight + 86_400 }
        rows.removeAll { $0.at >= midnight + 86_400 }
        // Stable: rows of one second stay in the order they were made.
        let order = rows.indices.sorted { (rows[$0].at, $0) < (rows[$1].at, $1) }
        day += 1
        return order.map { index in
            var row = rows[index]
            row.id = nextID
            nextID += 1
            return row
        }
    }
}
