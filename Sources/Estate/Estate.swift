// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The estate desk: merchants, terminals, their activation, leases, counters and warnings.
///
/// A value without I/O. `decide…` functions change nothing and return records; `apply` is the only mutation.
public struct Estate: Sendable {
    public internal(set) var merchants = Registry<MerchantID, Merchant>()
    public internal(set) var terminals = Registry<TerminalID, EstateTerminal>()
    public internal(set) var compatibility = FirmwareRange(
        minimum: SoftwareVersion(1, 0, 0), maximum: SoftwareVersion(1, 255, 65_535))

    public internal(set) var policy = EstatePolicy()
    /// Orders that wait for their second person, the oldest first.
    public internal(set) var proposals: [Proposal] = []

    /// How long a lease holds. Renewal is the terminal's business, from half of it.
    public static let leaseDuration = Interval.hours(24)
    /// A self-test older than this proves nothing.
    public static let selfTestAgeMax = Interval.hours(24)
    public static let warningsPerTerminalMax = WarningCode.allCases.count
    public init() {}
}

/// A card acceptor. Category and place come from here, never from a message (rule R13).
public struct Merchant: Equatable, Sendable {
    public var name: String
    public var mcc: MCC
    public var place: Position

    public init(name: String, mcc: MCC, place: Position) {
        self.name = name
        self.mcc = mcc
        self.place = place
    }
}

/// The module firmware that may trade.
public struct FirmwareRange: Equatable, Sendable {
    public var minimum: SoftwareVersion
    public var maximum: SoftwareVersion

    public init(minimum: SoftwareVersion, maximum: SoftwareVersion) {
        self.minimum = minimum
        self.maximum = maximum
    }

    public func contains(_ version: SoftwareVersion) -> Bool { version >= minimum && version <= maximum }
}

/// A licence to trade, for one identity and key set.
public struct Lease: Equatable, Sendable {
    public var id: UInt32
    public var expires: Instant

    public init(id: UInt32, expires: Instant) {
        self.id = id
        self.expires = expires
    }
}
