// SPDX-License-Identifier: Apache-2.0

/// Who may clear a warning. The raw values are those of records and never change. A merchant is none of them.
public enum Clearance: UInt8, CaseIterable, Sendable {
    /// By proof: the self-test passes and the server accepts a fresh attestation.
    case auto = 0
    /// One remote support operator, by a server-signed clearance.
    case r1 = 1
    /// Two authorised people, maker and checker, then new keys.
    case d2 = 2
    /// The authorised service centre, with two people; the device leaves the merchant.
    case sc = 3

    /// `auto`, `R1`, `D2` or `SC`.
    public var name: String {
        switch self {
        case .auto: "auto"
        case .r1: "R1"
        case .d2: "D2"
        case .sc: "SC"
        }
    }

    /// How many different authorised people it takes.
    public var peopleNeeded: Int {
        switch self {
        case .auto: 0
        case .r1: 1
        case .d2, .sc: 2
        }
    }

    /// The value of a name in the data file; nil for an unknown one.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// What people read.
    public func title(_ language: Language) -> String { Texts.text("clearance.\(name)", language) }
}

/// The side that detects a warning.
public enum Detector: String, CaseIterable, Sendable {
    case module, terminal, estate

    /// What people read.
    public func title(_ language: Language) -> String { Texts.text("detector.\(rawValue)", language) }
}
