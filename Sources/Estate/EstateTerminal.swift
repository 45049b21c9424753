// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

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
    /// When the last authentic message came; nil before the first.
    public var lastSeen: Instant?
    /// When it sold last, or was first admitted to (A05).
    public var lastTrade: Instant?
    public var dossier = TerminalDossier()

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
        (warnings.first { $0.halts == .all } ?? warnings.first { $0.halts == .newSales })?.code
    }
}
