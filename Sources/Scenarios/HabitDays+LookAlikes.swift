// SPDX-License-Identifier: Apache-2.0

/// What honest people do that looks like an attack.
extension HabitDays {
    mutating func lookAlike(_ attack: Attack, _ customer: Int, _ midnight: Int64) {
        let habits = world.customers[customer]
        let near = world.terminalsOfTown[habits.town]
        let start = midnight + Int64(chance.within(9 * 3_600...20 * 3_600))
        func marked(_ row: inout ScenarioRow) { row.lookAlike = attack }
        switch attack {
        case .stolenCard:
            for index in 0..<chance.within(3...6) {
                pay(
                    customer, at: chance.pick(near), start + Int64(index * 1_800), chance.uniform(10..<120),
                    change: marked)
            }
        case .wrongPINs:
            let terminal = chance.pick(habits.terminals)
            for index in 0..<3 {
                var row = row(customer, terminal, start + Int64(index * 30), habits.mean)
                row.pin = index < 2 ? .wrong : .right
                marked(&row)
                add(row)
            }
        case .largeAmounts:
            for index in 0..<chance.within(3...4) {
                pay(customer, at: chance.pick(near), start + Int64(index * 1_000), chance.uniform(320..<800)) {
                    $0.hasNotice = true
                    marked(&$0)
                }
            }
        case .restrictedGoods:
            pay(customer, at: chance.pick(world.restrictedOfTown[habits.town]), start, chance.uniform(6..<90)) {
                $0.goods = "TOBACCO"
                marked(&$0)
            }
        case .impossibleTravel:
            // A flight: some hours lie between, and some before the way back.
            pay(customer, at: chance.pick(near), start, habits.mean, change: marked)
            let far = world.far(from: habits.town, kilometres: 500, &chance)
            let flight = Int64((3 + World.kilometres(habits.town, world.terminals[far].town) / 700) * 3_600)
            pay(customer, at: far, start + flight, habits.mean, change: marked)
            keepAway(customer, from: start, until: start + 2 * flight + 3_600)
        case .testThenLarge:
            pay(customer, at: chance.pick(near), start, chance.uniform(1.2..<3), change: marked)
            pay(
                customer, at: chance.pick(world.furnitureOfTown[habits.town]),
                start + Int64(chance.within(600...1_700)), chance.uniform(150..<700), change: marked)
        case .compromisedTerminal:
            let terminal = chance.pick(near)
            for _ in 0..<30 {
                let visitor = idle(of: world.customersOfTown[habits.town], at: midnight)
                pay(
                    visitor, at: terminal, midnight + Int64(chance.within(9 * 3_600...20 * 3_600)),
                    world.customers[visitor].mean, change: marked)
            }
        case .leakedCard:
            for index in 0..<14 where chance.holds(0.6) {
                pay(
                    customer, at: chance.pick(habits.terminals), start + Int64(index) * 86_400,
                    habits.mean * chance.uniform(1.5..<3), change: marked)
            }
        case .splitAmounts:
            let terminal = chance.pick(habits.terminals)
            for index in 0..<2 {
                pay(customer, at: terminal, start + Int64(index * 90), chance.uniform(20..<49), change: marked)
            }
        case .refundAbuse:
            pay(customer, at: chance.pick(near), start, chance.uniform(30..<200)) {
                $0.kind = .refund
                marked(&$0)
            }
        case .nightFirstUse:
            pay(
                customer, at: chance.pick(habits.terminals), midnight + Int64(chance.within(3_600...16_000)),
                habits.mean, change: marked)
        }
    }
}
