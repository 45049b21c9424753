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

    /// How long a lease holds. Renewal is the terminal's business, from half of it.
    public static let leaseDuration = Interval.hours(24)
    /// A self-test older than this proves nothing.
    public static let selfTestAgeMax = Interval.hours(24)
    public static let warningsPerTerminalMax = WarningCode.allCases.count
    /// Erases a module only by the order of two people: what the host sees stops the terminal and no more (rule R9).
    public static let erasedByOrder: [WarningCode] = [.k04]

    /// What warnings that open together do to a terminal's lifecycle.
    public static func lifecycleEvent(of warnings: [RaisedWarning]) -> LifecycleEvent? {
        if warnings.contains(where: { erases($0) }) { return .tamper }
        return warnings.contains { $0.effect.halts == .all } ? .halt : nil
    }

    /// Whether an open warning says that the module's keys are gone.
    static func erases(_ warning: RaisedWarning) -> Bool {
        warning.effect.zeroises == .all && !erasedByOrder.contains(warning.code)
    }

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

/// An open warning of one terminal.
public struct OpenWarning: Equatable, Sendable {
    public var code: WarningCode
    public var severity: Severity
    public var since: Instant
    /// Who has cleared it so far: one for R1, two for D2. It still halts until the module has proved itself.
    public var clearedBy: [StaffID] = []

    public init(_ warning: RaisedWarning, since: Instant) {
        (code, severity) = (warning.code, warning.severity)
        self.since = since
    }

    public var raised: RaisedWarning { RaisedWarning(code, severity) }
    /// What it stops and erases at its severity.
    public var effect: WarningLevel.Effect { code.level(at: severity) }
    /// Who clears it at its severity.
    public var clearance: Clearance { code.clearance(at: severity) }
}

/// One terminal as the estate knows it.
public struct EstateTerminal: Equatable, Sendable {
    public var merchant: MerchantID
    public var profile: KeyProfile
    public var keySet: UInt16
    public var identityEpoch: UInt16
    public var serial: UInt64
    public var lifecycle: Lifecycle = .commissioned
    public var currency: Currency
    /// Who asked for activation and who, another person, approved it.
    public var activationAskedBy: StaffID?
    public var activationApprovedBy: StaffID?
    public var lease: Lease?
    public var leaseCount: UInt32 = 0
    /// In a session profile the window of the health counters, which do the KSN's part.
    public var ksn = KSNWindow()
    /// Session profiles only.
    public var session = TerminalSession()
    public var health = CounterWindow()
    public var eventCounter: UInt32 = 0
    /// The event counter of the evidence that the last accepted sign-on was judged by; nil before the first.
    public var attestedEvent: UInt32?
    public var selfTestNumber: UInt32 = 0
    /// When the host first saw that number, less the age its evidence gave.
    public var selfTestAt: Instant = .epoch
    public var warnings: [OpenWarning] = []
    public var deathTokenHash: [UInt8]?
    public var linkTokenHash: [UInt8]?
    public var firmware: SoftwareVersion?
    public var application: SoftwareVersion?
    /// What the last authentic evidence said of the device; nil before the first that says anything.
    public var device: DeviceClaims?
    /// Authentic messages that used a KSN with other bytes: evidence for K04 (rule R9).
    public var ksnConflicts: UInt32 = 0

    public init(
        merchant: MerchantID, profile: KeyProfile, keySet: UInt16, identityEpoch: UInt16, serial: UInt64,
        currency: Currency
    ) {
        self.merchant = merchant
        self.profile = profile
        self.keySet = keySet
        self.identityEpoch = identityEpoch
        self.serial = serial
        self.currency = currency
    }

    public func keys(_ id: TerminalID) -> TerminalKeys {
        TerminalKeys(terminal: id, profile: profile, keySet: keySet, identityEpoch: identityEpoch)
    }

    /// The open warning that stops sales, if there is one: what stops everything before what stops new sales.
    public var haltingWarning: WarningCode? {
        (warnings.first { $0.effect.halts == .all } ?? warnings.first { $0.effect.halts == .newSales })?.code
    }
}
