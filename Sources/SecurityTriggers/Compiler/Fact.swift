// SPDX-License-Identifier: Apache-2.0

/// What a rule may ask of the transaction itself, of its card and of its terminal. The numbers are in compiled programs only.
enum Fact: UInt8, Sendable, CaseIterable {
    case amount, mcc, goods, terminal, merchant, pin, status, kind, hour, overflow
    // Later than format 1 as it was first: a name that a file declares hides them.
    case weekday, entry, card, pinTries, firstUse, idleDays, ageDays, travelKilometres, travelSpeed, warned
    case clockSuspect, profileUsual, profileMean, profileMax, profileRatio, profileUnusual, profileFrauds

    /// As explanations name it, and a rule may.
    var name: String {
        switch self {
        case .status: "card.status"
        case .pinTries: "card.pin_tries"
        case .firstUse: "card.first_use"
        case .idleDays: "card.idle_days"
        case .ageDays: "card.age_days"
        case .travelKilometres: "travel.km"
        case .travelSpeed: "travel.speed"
        case .warned: "terminal.warned"
        case .clockSuspect: "clock.suspect"
        case .profileUsual: "profile.usual"
        case .profileMean: "profile.mean"
        case .profileMax: "profile.max"
        case .profileRatio: "profile.ratio"
        case .profileUnusual: "profile.unusual"
        case .profileFrauds: "profile.frauds"
        default: "\(self)"
        }
    }

    /// Other names that a rule may use.
    var aliases: [String] {
        switch self {
        case .amount, .goods, .kind, .pin, .hour, .weekday, .entry: ["tx.\(self)"]
        case .status: ["hot"]
        case .mcc: ["terminal.mcc"]
        case .terminal: ["terminal.id"]
        case .merchant: ["merchant.id"]
        case .overflow: ["card.overflow"]
        default: []
        }
    }

    var type: ValueType {
        switch self {
        case .amount, .profileMean, .profileMax: .money
        case .profileRatio: .double
        case .mcc: .mcc
        case .goods: .goods
        case .terminal: .terminal
        case .merchant: .merchant
        case .pin: .pin
        case .status: .status
        case .kind: .kind
        case .entry: .entry
        case .card: .card
        case .hour, .weekday, .pinTries, .idleDays, .ageDays, .travelKilometres, .travelSpeed, .profileUsual,
            .profileFrauds:
            .number
        case .overflow, .firstUse, .warned, .clockSuspect, .profileUnusual: .truth
        }
    }

    /// No notice lifts a rule that looks at it.
    var isOfPINOrStatus: Bool { self == .pin || self == .status || self == .pinTries }

    init?(named name: String) {
        guard let fact = Self.allCases.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
            return nil
        }
        self = fact
    }

    /// All names, in the order of the facts.
    static let names: [String] = allCases.map(\.name) + allCases.flatMap(\.aliases)
}
