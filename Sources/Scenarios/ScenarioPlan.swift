// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What is to be generated.
public struct ScenarioPlan: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// Customers with habits, an attack script for each trigger and an honest look-alike for each.
        case tillguard
        /// The simulator of the Fraud Detection Handbook (Le Borgne, Siblini, Lebichot, Bontempi 2022, chapter 3.3) by its
        /// published parameters.
        case handbook
    }

    public var kind: Kind
    public var seed: UInt64
    public var customers: Int
    public var terminals: Int
    public var days: Int
    /// Midnight of the first day, UTC; seconds since 1970.
    public var start: Int64
    /// Attacks of each kind in a hundred days, and look-alikes.
    public var attacks: Int
    public var lookAlikes: Int

    /// 2018-04-01, as the Handbook begins.
    public static let handbookStart: Int64 = 1_522_540_800

    public init(
        kind: Kind = .tillguard, seed: UInt64, customers: Int = 5_000, terminals: Int = 10_000, days: Int = 183,
        start: Int64 = ScenarioPlan.handbookStart, attacks: Int = 100, lookAlikes: Int = 300
    ) throws(ScenarioPlanError) {
        guard (1...1_000_000).contains(customers) else { throw .customers }
        guard (1...1_000_000).contains(terminals) else { throw .terminals }
        guard (1...3_660).contains(days) else { throw .days }
        guard start.isMultiple(of: 86_400), (0...4_102_444_800).contains(start) else { throw .start }
        guard (0...100_000).contains(attacks), (0...100_000).contains(lookAlikes) else { throw .attacks }
        self.kind = kind
        self.seed = seed
        (self.customers, self.terminals, self.days, self.start) = (customers, terminals, days, start)
        (self.attacks, self.lookAlikes) = (attacks, lookAlikes)
    }
}

public enum ScenarioPlanError: Error, Equatable, Sendable, CustomStringConvertible {
    case customers, terminals, days, start, attacks

    public var description: String {
        switch self {
        case .customers: "customers: 1 to 1000000"
        case .terminals: "terminals: 1 to 1000000"
        case .days: "days: 1 to 3660"
        case .start: "start: a day between 1970 and 2100"
        case .attacks: "attacks and look-alikes in a hundred days: 0 to 100000"
        }
    }
}
