// SPDX-License-Identifier: Apache-2.0

/// The attack scripts.
extension HabitDays {
    mutating func script(_ attack: Attack, _ customer: Int, _ day: Int, _ midnight: Int64) {
        let town = world.customers[customer].town
        let near = world.terminalsOfTown[town]
        let start = midnight + Int64(chance.within(9 * 3_600...20 * 3_600))
        switch attack {
        case .stolenCard:
            // Reported after the second hour; the thief goes on for one more.
            for index in 0..<chance.within(4...9) {
                let at = start + Int64(index * 1_200)
                steal(.stolenCard, customer, chance.pick(near), at, chance.uniform(60..<400), .chip) {
                    $0.isReported = index * 1_200 > 7_200
                }
            }
        case .wrongPINs:
            let terminal = chance.pick(near)
            for index in 0..<chance.within(3...6) {
                steal(.wrongPINs, customer, terminal, start + Int64(index * 25), 200) { $0.pin = .wrong }
            }
        case .largeAmounts:
            for index in 0..<chance.within(3...6) {
                steal(
                    .largeAmounts, customer, chance.pick(near), start + Int64(index * chance.within(300...900)),
                    chance.uniform(320..<900))
            }
        case .restrictedGoods:
            for index in 0..<chance.within(1...3) {
                steal(
                    .restrictedGoods, customer, chance.pick(world.restrictedOfTown[town]), start + Int64(index * 1_500),
                    chance.uniform(220..<600)
                ) { $0.goods = "TOBACCO" }
            }
        case .impossibleTravel:
            pay(customer, at: chance.pick(near), start, world.customers[customer].mean)
            for index in 0..<2 {
                steal(
                    .impossibleTravel, customer, world.far(from: town, kilometres: 500, &chance),
                    start + Int64(900 + index * 600), chance.uniform(50..<300), .stripe)
            }
        case .testThenLarge:
            let terminal = chance.pick(near)
            steal(.testThenLarge, customer, terminal, start, chance.uniform(0.5..<2), .stripe)
            steal(
                .testThenLarge, customer, chance.pick(near), start + Int64(chance.within(120...1_200)),
                chance.uniform(250..<900), .stripe)
        case .compromisedTerminal: copiesUntil[chance.pick(near)] = day + 27
        case .leakedCard:
            let mean = world.customers[customer].mean
            for index in 0..<14 where chance.holds(0.6) {
                steal(
                    .leakedCard, customer, chance.pick(near), start + Int64(index) * 86_400,
                    mean * chance.uniform(4..<6), .manual)
            }
        case .splitAmounts:
            let terminal = chance.pick(near)
            for index in 0..<chance.within(3...5) {
                steal(
                    .splitAmounts, customer, terminal, start + Int64(index * 90), chance.uniform(40..<49),
                    .contactless)
            }
        case .refundAbuse:
            let terminal = chance.pick(near)
            for index in 0..<chance.within(3...8) {
                steal(.refundAbuse, customer, terminal, start + Int64(index * 600), chance.uniform(80..<400)) {
                    $0.kind = .refund
                }
            }
        case .nightFirstUse:
            // The card was left at home for a month.
            let night = midnight + Int64(chance.within(31...38) * 86_400 + chance.within(3_600...16_000))
            keepAway(customer, from: midnight, until: night)
            steal(.nightFirstUse, customer, chance.pick(near), night, chance.uniform(180..<700), .fallback)
        }
    }
}
