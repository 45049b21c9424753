// SPDX-License-Identifier: Apache-2.0

/// How grave an open warning is; S1 is the gravest. The raw values are those of records and never change.
public enum Severity: UInt8, CaseIterable, Sendable {
    /// Halt, erase keys, latch.
    case s1 = 1
    /// Halt, keys kept.
    case s2 = 2
    /// Restricted: no new sale; open items are finished and delivered.
    case s3 = 3
    /// Advisory with a deadline.
    case s4 = 4

    /// `S1` to `S4`.
    public var name: String {
        switch self {
        case .s1: "S1"
        case .s2: "S2"
        case .s3: "S3"
        case .s4: "S4"
        }
    }

    /// S1 and S2 are warnings (警告), S3 and S4 advisories (提示).
    public var kind: WarningKind { self == .s1 || self == .s2 ? .warning : .advisory }

    /// Whether this severity is worse than the other.
    public func isGraver(than other: Severity) -> Bool { rawValue < other.rawValue }

    /// The value of a name in the data file; nil for an unknown one.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// What people read.
    public func title(_ language: Language) -> String { Texts.text("severity.\(name)", language) }
}

/// What a raised code is called: a warning stops everything, an advisory has a deadline.
public enum WarningKind: String, CaseIterable, Sendable {
    /// Stops everything.
    case warning
    /// Has a deadline, after which a graver level or code follows.
    case advisory

    /// What people read.
    public func title(_ language: Language) -> String { Texts.text("kind.\(rawValue)", language) }
}

/// What an open warning stops. The raw values are those of records and never change; a greater one stops more.
public enum Halt: UInt8, CaseIterable, Comparable, Sendable {
    /// Nothing: trading goes on.
    case none = 0
    /// No new sale; open items are finished, reversals and advices delivered.
    case newSales = 1
    /// Everything but reporting, diagnosis, updates and the delivery of what is already recorded.
    case all = 2

    /// Whether it stops less.
    public static func < (left: Halt, right: Halt) -> Bool { left.rawValue < right.rawValue }

    /// The name in the data file.
    public var name: String {
        switch self {
        case .none: "none"
        case .newSales: "newSales"
        case .all: "all"
        }
    }

    /// The value of a name in the data file; nil for an unknown one.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// What people read.
    public func title(_ language: Language) -> String { Texts.text("halt.\(name)", language) }
}

/// Which keys a raised warning erases. The raw values are those of records and never change; a greater one erases more.
public enum Zeroisation: UInt8, CaseIterable, Comparable, Sendable {
    /// No key.
    case none = 0
    /// The key concerned.
    case one = 1
    /// Every financial key.
    case financial = 2
    /// Every secret and private key; only the identity's public part stays.
    case all = 3

    /// Whether it erases less.
    public static func < (left: Zeroisation, right: Zeroisation) -> Bool { left.rawValue < right.rawValue }

    /// The name in the data file.
    public var name: String {
        switch self {
        case .none: "none"
        case .one: "one"
        case .financial: "financial"
        case .all: "all"
        }
    }

    /// The value of a name in the data file; nil for an unknown one.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// What people read.
    public func title(_ language: Language) -> String { Texts.text("zeroise.\(name)", language) }
}
