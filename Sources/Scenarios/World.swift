// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Towns, terminals and customers with habits.
struct World: Sendable {
    struct Terminal: Sendable {
        var town: Int
        var merchant: Int
        var mcc: Int
        var latitude: Int
        var longitude: Int
    }

    struct Customer: Sendable {
        var town: Int
        /// Where they mostly pay.
        var terminals: [Int]
        /// Euros.
        var mean: Double
        /// Purchases a day.
        var rate: Double
        var worksAtNight: Bool
        var smokes: Bool
        /// Of a hundred PINs, so many are mistyped.
        var mistakes: Double
    }

    /// Millionths of a degree; from a few to some thousand kilometres apart.
    static let towns: [(latitude: Int, longitude: Int)] = [
        (52_520_000, 13_405_000), (52_391_000, 13_064_000), (50_110_000, 8_682_000), (48_137_000, 11_575_000),
        (48_208_000, 16_373_000), (40_416_000, -3_703_000), (60_170_000, 24_938_000), (31_230_000, 121_473_000),
    ]
    /// Grocers, restaurants, bars, fuel, clothes, chemists, household goods; furniture, electronics, jewellers,
    /// cigars and betting are rarer.
    static let everyday = [5_411, 5_411, 5_411, 5_812, 5_813, 5_541, 5_651, 5_912, 5_200]
    static let seldom = [5_712, 5_732, 5_944, 5_993, 7_995]
    static let furniture = 5_712
    static let restricted = 5_993

    let terminals: [Terminal]
    let customers: [Customer]
    /// By town, ascending.
    let terminalsOfTown: [[Int]]
    /// Those of them that sell tobacco, and furniture; any where a town has none.
    let restrictedOfTown: [[Int]]
    let furnitureOfTown: [[Int]]
    let customersOfTown: [[Int]]

    init(_ plan: ScenarioPlan, _ chance: inout Chance) {
        var terminals: [Terminal] = []
        for index in 0..<plan.terminals {
            // The first of each town makes sure that there is one.
            let town = index < Self.towns.count ? index : chance.below(Self.towns.count)
            let mcc = chance.holds(0.12) ? chance.pick(Self.seldom) : chance.pick(Self.everyday)
            terminals.append(
                Terminal(
                    town: town, merchant: index / 3, mcc: mcc,
                    latitude: Self.towns[town].latitude + chance.within(-60_000...60_000),
                    longitude: Self.towns[town].longitude + chance.within(-90_000...90_000)))
        }
        self.terminals = terminals
        let byTown = Self.towns.indices.map { town in terminals.indices.filter { terminals[$0].town == town } }
        terminalsOfTown = byTown
        func selling(_ mcc: Int) -> [[Int]] {
            byTown.map { near in
                let found = near.filter { terminals[$0].mcc == mcc }
                return found.isEmpty ? near : found
            }
        }
        restrictedOfTown = selling(Self.restricted)
        furnitureOfTown = selling(Self.furniture)
        let inhabited = byTown.indices.filter { !byTown[$0].isEmpty }
        let customers = (0..<plan.customers).map { _ in
            let town = chance.pick(inhabited)
            let near = byTown[town]
            return Customer(
                town: town, terminals: (0..<12).map { _ in chance.pick(near) },
                mean: Real.exp(chance.normal(mean: 3.3, deviation: 0.6)),
                rate: chance.uniform(0.1..<2.5), worksAtNight: chance.holds(0.03), smokes: chance.holds(0.15),
                mistakes: chance.holds(0.1) ? 6 : 1)
        }
        self.customers = customers
        customersOfTown = byTown.indices.map { town in customers.indices.filter { customers[$0].town == town } }
    }

    /// A terminal of another town, at least so many kilometres away where there is one.
    func far(from town: Int, kilometres: Double, _ chance: inout Chance) -> Int {
        let towns = terminalsOfTown.indices.filter {
            !terminalsOfTown[$0].isEmpty && $0 != town && Self.kilometres(town, $0) >= kilometres
        }
        return towns.isEmpty ? chance.pick(terminalsOfTown[town]) : chance.pick(terminalsOfTown[chance.pick(towns)])
    }

    /// Between two towns, on a plane whose degrees of longitude are two thirds of those of latitude: good for choosing.
    static func kilometres(_ left: Int, _ right: Int) -> Double {
        let north = Double(towns[left].latitude - towns[right].latitude) * 111.2e-6
        let east = Double(towns[left].longitude - towns[right].longitude) * 72.0e-6
        return (north * north + east * east).squareRoot()
    }
}
