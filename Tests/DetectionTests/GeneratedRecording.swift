// SPDX-License-Identifier: Apache-2.0
import Vocabulary

@testable import Detection

/// Purchases of customers with habits, and three kinds of fraud: large amounts, terminals that are compromised for some
/// weeks, and cards whose amounts rise.
struct GeneratedRecording {
    static let first = Instant(iso8601: "2026-03-02 00:00:00")?.seconds ?? 0

    private(set) var rows: [RecordingRow] = []

    init(seed: UInt64, days: Int, customers: Int, terminals: Int) {
        var random = SeededRandom(seed: seed)
        let means = (0..<customers).map { _ in Double(500 + random.below(9_500)) }
        let rates = (0..<customers).map { _ in 1 + random.below(4) }
        let leaked = (0..<customers).map { _ in random.chance(perMille: 100) ? random.below(days) : .max }
        let broken = (0..<terminals).map { _ in random.chance(perMille: 150) ? random.below(days) - 5 : .max }
        for day in 0..<days {
            for customer in 0..<customers {
                for _ in 0..<random.below(rates[customer] * 2 + 1) {
                    let terminal = (customer * 7 + random.below(12)) % terminals
                    let spread = Double(random.below(1_000) + random.below(1_000)) / 1_000
                    var amount = means[customer] * spread
                    var scenario = amount > 17_500 ? 1 : 0
                    if broken[terminal] != .max, (0..<21).contains(day - broken[terminal]) { scenario = 2 }
                    if leaked[customer] != .max, (0..<14).contains(day - leaked[customer]), random.below(3) == 0 {
                        amount *= 5
                        scenario = 3
                    }
                    let time = Self.first + Int64(day * 86_400 + random.below(86_400))
                    rows.append(
                        RecordingRow(
                            id: "\(rows.count)", time: time - time % 60, card: "\(customer)", terminal: "\(terminal)",
                            amount: Int64(amount), isFraud: scenario > 0, scenario: "\(scenario)"))
                }
            }
        }
    }
}
