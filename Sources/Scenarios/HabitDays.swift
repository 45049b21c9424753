// SPDX-License-Identifier: Apache-2.0

/// Days of customers with habits, and of what happens to some of them.
struct HabitDays: Sendable {
    let world: World
    let plan: ScenarioPlan
    var chance: Chance
    /// The last day on which a terminal copies cards.
    var copiesUntil: [Int: Int] = [:]
    /// When a customer who travels, or whose card rests, pays at home again; never iterated.
    private var awayUntil: [Int: Int64] = [:]
    /// Until when something out of the ordinary happens to a customer: one thing at a time. Never iterated.
    private var busyUntil: [Int: Int64] = [:]
    var rows: [ScenarioRow] = []

    init(_ plan: ScenarioPlan) {
        var chance = Chance(seed: plan.seed)
        world = World(plan, &chance)
        self.plan = plan
        self.chance = chance
    }

    /// The rows of a day, and those that it lays into later ones; in no order, without numbers.
    mutating func rows(of day: Int, from midnight: Int64) -> [ScenarioRow] {
        rows = []
        for customer in world.customers.indices { honestDay(customer, midnight) }
        exposeCopied(on: day)
        for attack in Attack.allCases {
            for _ in 0..<chance.poisson(mean: Double(plan.attacks) / 100) {
                script(attack, idle(of: world.customers.indices, at: midnight), day, midnight)
            }
            for _ in 0..<chance.poisson(mean: Double(plan.lookAlikes) / 100) {
                lookAlike(attack, idle(of: world.customers.indices, at: midnight), midnight)
            }
        }
        return rows
    }

    private mutating func honestDay(_ customer: Int, _ midnight: Int64) {
        let habits = world.customers[customer]
        for _ in 0..<chance.poisson(mean: habits.rate) {
            var second = chance.normal(mean: 13 * 3_600, deviation: 4 * 3_600)
            if habits.worksAtNight { second += 10 * 3_600 }
            let at = midnight + Int64(min(max(second, 6 * 3_600), 47 * 3_600)) % 86_400
            var euros = chance.normal(mean: habits.mean, deviation: habits.mean / 2)
            if euros < 0.5 { euros = chance.uniform(0.5..<2 * habits.mean) }
            if chance.holds(0.01) { euros *= 8 }
            let terminal = chance.pick(habits.terminals)
            if at >= awayUntil[customer] ?? .min { pay(customer, at: terminal, at, euros) }
        }
    }

    /// One of some customers to whom nothing out of the ordinary happens; after many tries any.
    mutating func idle(of customers: some RandomAccessCollection<Int>, at midnight: Int64) -> Int {
        var found = 0
        for _ in 0..<50 {
            let place = chance.below(customers.count)
            found = customers[customers.index(customers.startIndex, offsetBy: place)]
            if busyUntil[found] ?? .min <= midnight { break }
        }
        return found
    }

    mutating func add(_ row: ScenarioRow) {
        if row.attack != nil || row.lookAlike != nil {
            busyUntil[row.customer] = max(row.at + 86_400, busyUntil[row.customer] ?? .min)
        }
        rows.append(row)
    }

    /// The customer pays nothing at home between the two times.
    mutating func keepAway(_ customer: Int, from start: Int64, until end: Int64) {
        awayUntil[customer] = max(end, awayUntil[customer] ?? .min)
        busyUntil[customer] = max(end, busyUntil[customer] ?? .min)
        rows.removeAll {
            $0.customer == customer && $0.attack == nil && $0.lookAlike == nil && (start..<end).contains($0.at)
        }
    }

    /// A purchase at a terminal: contactless up to 50 euros mostly, else with chip and PIN, now and then mistyped before.
    mutating func pay(
        _ customer: Int, at terminal: Int, _ at: Int64, _ euros: Double, change: (inout ScenarioRow) -> Void = { _ in }
    ) {
        var row = row(customer, terminal, at, euros)
        if euros < 50, chance.holds(0.6) { (row.entry, row.pin) = (.contactless, .absent) }
        if world.terminals[terminal].mcc == World.restricted { row.goods = "TOBACCO" }
        change(&row)
        if row.pin == .right, !row.isFraud, chance.holds(world.customers[customer].mistakes / 100) {
            var mistyped = row
            mistyped.at -= Int64(chance.within(10...40))
            mistyped.pin = .wrong
            add(mistyped)
        }
        add(row)
    }

    func row(_ customer: Int, _ terminal: Int, _ at: Int64, _ euros: Double) -> ScenarioRow {
        let place = world.terminals[terminal]
        return ScenarioRow(
            id: 0, at: at, customer: customer, terminal: terminal, amount: max(1, Int64((euros * 100).rounded())),
            isFraud: false, scenario: 0, merchant: place.merchant, mcc: place.mcc, latitude: place.latitude,
            longitude: place.longitude, entry: .chip, pin: .right, kind: .purchase, goods: "", isReported: false,
            hasNotice: false)
    }

    /// Cards that were used at a terminal which copies them turn up elsewhere within a week.
    private mutating func exposeCopied(on day: Int) {
        for index in rows.indices {
            guard let until = copiesUntil[rows[index].terminal], until >= day, chance.holds(0.3) else { continue }
            let victim = rows[index]
            let terminal = chance.pick(world.terminalsOfTown[world.customers[victim.customer].town])
            steal(
                .compromisedTerminal, victim.customer, terminal,
                victim.at + Int64(chance.within(86_400...7 * 86_400)), chance.uniform(80..<300), .stripe)
        }
    }

    /// A payment of a thief, without the PIN.
    mutating func steal(
        _ attack: Attack, _ customer: Int, _ terminal: Int, _ at: Int64, _ euros: Double,
        _ entry: ScenarioRow.Entry = .chip, change: (inout ScenarioRow) -> Void = { _ in }
    ) {
        var row = row(customer, terminal, at, euros)
        (row.isFraud, row.scenario, row.attack) = (true, 4, attack)
        (row.entry, row.pin) = (entry, .absent)
        change(&row)
        add(row)
    }
}
