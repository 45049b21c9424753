// SPDX-License-Identifier: Apache-2.0

/// The Handbook's simulator, a day at a time.
///
/// Customers and terminals lie in a square of 100; a customer pays at terminals within 5. Payments a day are Poisson of 0
/// to 4, times normal about noon, those beyond the day dropped; amounts are normal about the customer's mean, with half
/// of it as deviation, and a negative one is drawn again below twice the mean. Then three scenarios of fraud: 1. every
/// amount above 220; 2. two terminals a day, all of whose payments are fraud for 28 days; 3. three customers a day, a
/// third of whose payments are five times as large and fraud for 14 days.
struct HandbookDays: Sendable {
    private struct Customer {
        var mean: Double
        var rate: Double
        var terminals: [Int]
    }

    private static let side = 100.0
    private static let radius = 5.0

    private let customers: [Customer]
    private let terminalCount: Int
    /// The last day of fraud, by terminal and by customer.
    private var terminalUntil: [Int]
    private var customerUntil: [Int]
    private var chance: Chance

    init(_ plan: ScenarioPlan) {
        var chance = Chance(seed: plan.seed)
        let points = (0..<plan.terminals).map { _ in
            (x: chance.uniform(0..<Self.side), y: chance.uniform(0..<Self.side))
        }
        let grid = TerminalGrid(points, side: Self.side, cell: Self.radius)
        customers = (0..<plan.customers).map { _ in
            let (x, y) = (chance.uniform(0..<Self.side), chance.uniform(0..<Self.side))
            return Customer(
                mean: chance.uniform(5..<100), rate: chance.uniform(0..<4),
                terminals: grid.near(x: x, y: y, radius: Self.radius))
        }
        terminalCount = plan.terminals
        terminalUntil = [Int](repeating: -1, count: plan.terminals)
        customerUntil = [Int](repeating: -1, count: plan.customers)
        self.chance = chance
    }

    /// The rows of a day, in no order; without numbers.
    mutating func rows(of day: Int, from midnight: Int64) -> [ScenarioRow] {
        for _ in 0..<2 { terminalUntil[chance.below(terminalCount)] = day + 27 }
        for _ in 0..<3 { customerUntil[chance.below(customers.count)] = day + 13 }
        var rows: [ScenarioRow] = []
        for index in customers.indices {
            let customer = customers[index]
            for _ in 0..<chance.poisson(mean: customer.rate) {
                let second = chance.normal(mean: 43_200, deviation: 20_000)
                guard second > 0, second < 86_400, !customer.terminals.isEmpty else { continue }
                var amount = chance.normal(mean: customer.mean, deviation: customer.mean / 2)
                if amount < 0 { amount = chance.uniform(0..<2 * customer.mean) }
                let terminal = chance.pick(customer.terminals)
                rows.append(
                    row(
                        index, terminal, midnight + Int64(second), Int64((amount * 100).rounded()), day))
            }
        }
        return rows
    }

    private mutating func row(
        _ customer: Int, _ terminal: Int, _ at: Int64, _ amount: Int64, _ day: Int
    ) -> ScenarioRow {
        var (amount, scenario) = (amount, 0)
        if amount > 22_000 { scenario = 1 }
        if terminalUntil[terminal] >= day { scenario = 2 }
        if customerUntil[customer] >= day, chance.holds(1.0 / 3) { (amount, scenario) = (amount * 5, 3) }
        return ScenarioRow(
            id: 0, at: at, customer: customer, terminal: terminal, amount: amount, isFraud: scenario > 0,
            scenario: scenario, merchant: terminal, mcc: 5_999, latitude: 0, longitude: 0, entry: .chip, pin: .right,
            kind: .purchase, goods: "", isReported: false, hasNotice: false)
    }
}
