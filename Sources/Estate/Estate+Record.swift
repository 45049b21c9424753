// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What one authentic message used up: its KSN and its health counter. Part of every record such a message makes.
public struct TerminalUsage: Equatable, Sendable {
    public var terminal: TerminalID
    public var ksnCounter: UInt32
    public var digest: UInt64
    /// Nil where the health element did not prove itself.
    public var healthCounter: UInt32?
    public var selfTestNumber: UInt32
    /// The session that authenticated the message, in a session profile.
    public var session: UInt32?

    public init(
        terminal: TerminalID, ksnCounter: UInt32, digest: UInt64, healthCounter: UInt32?, selfTestNumber: UInt32,
        session: UInt32? = nil
    ) {
        self.terminal = terminal
        self.ksnCounter = ksnCounter
        self.digest = digest
        self.healthCounter = healthCounter
        self.selfTestNumber = selfTestNumber
        self.session = session
    }

    /// Of what came in no message of its own: no counter is used up.
    public static func none(of terminal: TerminalID) -> TerminalUsage {
        TerminalUsage(terminal: terminal, ksnCounter: 0, digest: 0, healthCounter: nil, selfTestNumber: 0)
    }
    /// No message has the counter 0.
    public var isNone: Bool { self == .none(of: terminal) }

    /// In the place of the health counter's flag (0 none, 1 a counter): a session follows the counter, without which no
    /// message of a session profile is authentic.
    private static let sessionTag: UInt8 = 2

    public func encode(to writer: inout ByteWriter) {
        writer.code(terminal)
        writer.unsigned(ksnCounter)
        writer.word(digest)
        writer.byte(healthCounter == nil ? 0 : session == nil ? 1 : Self.sessionTag)
        if let healthCounter {
            writer.unsigned(healthCounter)
            if let session { writer.unsigned(session) }
        }
        writer.unsigned(selfTestNumber)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        terminal = try reader.code()
        ksnCounter = try reader.unsigned()
        digest = try reader.word()
        let start = reader.offset
        let tag = try reader.byte()
        guard tag <= Self.sessionTag else { throw .invalid(offset: start, what: "flag") }
        healthCounter = tag > 0 ? try reader.unsigned() : nil
        session = tag == Self.sessionTag ? try reader.unsigned() : nil
        selfTestNumber = try reader.unsigned()
    }
}

/// What changes an estate. Every case is final once written; a new shape takes a new kind.
public enum EstateRecord: Equatable, Sendable {
    case merchantAdded(MerchantID, Merchant)
    case terminalAdded(TerminalID, EstateTerminal)
    case activationAsked(TerminalID, by: StaffID)
    case activationApproved(TerminalID, by: StaffID)
    case compatibilitySet(FirmwareRange, by: StaffID)
    /// A sign-on accepted. What it clears is no longer open; the lifecycle is ACTIVE after it.
    case leaseGranted(TerminalUsage, Lease, EvidenceClaims)
    /// A sign-on refused with the warnings that it raised.
    case signOnRefused(TerminalUsage, raised: [RaisedWarning], EvidenceClaims?)
    /// A report by an authentic message (usage) or a one-time token (no usage).
    case reported(TerminalID, TerminalUsage?, raised: [RaisedWarning], eventCounter: UInt32?)
    case warningCleared(TerminalID, WarningCode, by: StaffID)
    case suspended(TerminalID, by: StaffID)
    case resumed(TerminalID, by: StaffID)
    /// As `leaseGranted`, of a terminal with a session profile: with the number of the session whose keys go out with it.
    case sessionGranted(TerminalUsage, Lease, EvidenceClaims, session: UInt32)
    /// A sign-on accepted, with what it closes and opens: every one since these records are there.
    case signedOn(SignedOn)
    /// A device without a permit claims the terminal's number: it gets no lease, and T05 names it.
    case swapRefused(TerminalUsage, serial: UInt64)
    /// A device that is still to be personalised, shipped and given its keys.
    case terminalRegistered(TerminalID, EstateTerminal)
    /// The first half of an order.
    case proposed(EstateOrder, by: StaffID)
    /// By the one who proposed it and another one.
    case ordered(EstateOrder, by: [StaffID])
    case acted(EstateAct, by: StaffID)
    /// What the clock alone has changed.
    case ticked([ClockChange])
    /// A stretch of a module's audit log.
    case logTaken(LogTaken)

    /// What an accepted sign-on grants; nil for any other record.
    public var granted: (lease: Lease, evidence: EvidenceClaims, session: UInt32?)? {
        switch self {
        case .leaseGranted(_, let lease, let evidence): (lease, evidence, nil)
        case .sessionGranted(_, let lease, let evidence, let session): (lease, evidence, session)
        case .signedOn(let signedOn): (signedOn.lease, signedOn.evidence, signedOn.session)
        default: nil
        }
    }

    private enum Kind: UInt8 {
        case merchantAdded = 1, terminalAdded, activationAsked, activationApproved, compatibilitySet,
            leaseGranted, signOnRefused, reported, warningCleared, suspended, resumed, sessionGranted,
            /// As the kinds without "graver", with warnings beyond the severity they begin at.
            signOnRefusedGraver, reportedGraver,
            signedOn, swapRefused, terminalRegistered, proposed, ordered, acted, ticked,
            logTaken
    }

    public func encode(to writer: inout ByteWriter) {
        switch self {
        case .merchantAdded(let id, let merchant):
            writer.byte(Kind.merchantAdded.rawValue)
            writer.unsigned(id.number)
            merchant.encode(to: &writer)
        case .terminalAdded(let id, let terminal):
            writer.byte(Kind.terminalAdded.rawValue)
            writer.code(id)
            terminal.encodeIdentity(to: &writer)
        case .activationAsked(let id, let staff): writer.staffed(Kind.activationAsked.rawValue, id, staff)
        case .activationApproved(let id, let staff): writer.staffed(Kind.activationApproved.rawValue, id, staff)
        case .compatibilitySet(let range, let staff):
            writer.byte(Kind.compatibilitySet.rawValue)
            range.encode(to: &writer)
            writer.code(staff)
        case .leaseGranted(let usage, let lease, let evidence):
            writer.byte(Kind.leaseGranted.rawValue)
            writer.grant(usage, lease, evidence)
        case .sessionGranted(let usage, let lease, let evidence, let session):
            writer.byte(Kind.sessionGranted.rawValue)
            writer.grant(usage, lease, evidence)
            writer.unsigned(session)
        case .signOnRefused(let usage, let raised, let evidence):
            writer.byte((raised.isPlain ? Kind.signOnRefused : .signOnRefusedGraver).rawValue)
            usage.encode(to: &writer)
            writer.raised(raised)
            writer.optional(evidence) { $0.sized($1.encoded()) }
        case .reported(let id, let usage, let raised, let eventCounter):
            writer.byte((raised.isPlain ? Kind.reported : .reportedGraver).rawValue)
            writer.code(id)
            writer.optional(usage) { $1.encode(to: &$0) }
            writer.raised(raised)
            writer.optional(eventCounter) { $0.unsigned($1) }
        case .warningCleared(let id, let code, let staff):
            writer.staffed(Kind.warningCleared.rawValue, id, staff)
            writer.byte(code.wireNumber)
        case .suspended(let id, let staff): writer.staffed(Kind.suspended.rawValue, id, staff)
        case .resumed(let id, let staff): writer.staffed(Kind.resumed.rawValue, id, staff)
        case .signedOn, .swapRefused, .terminalRegistered, .proposed, .ordered, .acted, .ticked, .logTaken:
            encodeLater(to: &writer)
        }
    }

    /// The kinds that say themselves what they change.
    private func encodeLater(to writer: inout ByteWriter) {
        switch self {
        case .signedOn(let signedOn):
            writer.byte(Kind.signedOn.rawValue)
            signedOn.encode(to: &writer)
        case .swapRefused(let usage, let serial):
            writer.byte(Kind.swapRefused.rawValue)
            usage.encode(to: &writer)
            writer.word(serial)
        case .terminalRegistered(let id, let terminal):
            writer.byte(Kind.terminalRegistered.rawValue)
            writer.code(id)
            terminal.encodeIdentity(to: &writer)
        case .proposed(let order, let staff):
            writer.byte(Kind.proposed.rawValue)
            order.encode(to: &writer)
            writer.code(staff)
        case .ordered(let order, let people):
            writer.byte(Kind.ordered.rawValue)
            order.encode(to: &writer)
            writer.people(people)
        case .acted(let act, let staff):
            writer.byte(Kind.acted.rawValue)
            act.encode(to: &writer)
            writer.code(staff)
        case .ticked(let changes):
            writer.byte(Kind.ticked.rawValue)
            writer.list(changes) { $1.encode(to: &$0) }
        case .logTaken(let taken):
            writer.byte(Kind.logTaken.rawValue)
            taken.encode(to: &writer)
        default: preconditionFailure("a kind of the first ones")
        }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        guard let kind = Kind(rawValue: try reader.byte()) else { throw .invalid(offset: start, what: "estate record") }
        switch kind {
        case .merchantAdded:
            let id = MerchantID(number: try reader.unsigned())
            self = .merchantAdded(id, try Merchant(from: &reader))
        case .terminalAdded:
            let id: TerminalID = try reader.code()
            self = .terminalAdded(id, try EstateTerminal(identity: &reader))
        case .activationAsked: self = .activationAsked(try reader.code(), by: try reader.code())
        case .activationApproved: self = .activationApproved(try reader.code(), by: try reader.code())
        case .compatibilitySet:
            self = .compatibilitySet(try FirmwareRange(from: &reader), by: try reader.code())
        case .leaseGranted:
            let (usage, lease, evidence) = try reader.grant()
            self = .leaseGranted(usage, lease, evidence)
        case .sessionGranted:
            let (usage, lease, evidence) = try reader.grant()
            self = .sessionGranted(usage, lease, evidence, session: try reader.unsigned())
        case .signOnRefused, .signOnRefusedGraver:
            let usage = try TerminalUsage(from: &reader)
            let raised = try reader.raised(isPlain: kind == .signOnRefused)
            self = .signOnRefused(
                usage, raised: raised,
                try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                    try EvidenceClaims(decoding: try reader.sized())
                })
        case .reported, .reportedGraver:
            let id: TerminalID = try reader.code()
            let usage = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                try TerminalUsage(from: &reader)
            }
            let raised = try reader.raised(isPlain: kind == .reported)
            self = .reported(
                id, usage, raised: raised,
                eventCounter: try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                    try reader.unsigned()
                })
        case .warningCleared:
            let id: TerminalID = try reader.code()
            let staff: StaffID = try reader.code()
            self = .warningCleared(id, try reader.warning(), by: staff)
        case .suspended: self = .suspended(try reader.code(), by: try reader.code())
        case .resumed: self = .resumed(try reader.code(), by: try reader.code())
        case .signedOn: self = .signedOn(try SignedOn(from: &reader))
        case .swapRefused: self = .swapRefused(try TerminalUsage(from: &reader), serial: try reader.word())
        case .terminalRegistered:
            let id: TerminalID = try reader.code()
            self = .terminalRegistered(id, try EstateTerminal(identity: &reader))
        case .proposed: self = .proposed(try EstateOrder(from: &reader), by: try reader.code())
        case .ordered: self = .ordered(try EstateOrder(from: &reader), by: try reader.people())
        case .acted: self = .acted(try EstateAct(from: &reader), by: try reader.code())
        case .ticked:
            self = .ticked(
                try reader.list { (reader: inout ByteReader) throws(CodecError) in try ClockChange(from: &reader) })
        case .logTaken: self = .logTaken(try LogTaken(from: &reader))
        }
    }
}

extension Merchant {
    func encode(to writer: inout ByteWriter) {
        writer.text(name)
        writer.unsigned(mcc.code)
        place.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        name = try reader.text()
        mcc = MCC(try reader.unsigned())
        place = try Position(from: &reader)
    }
}

extension EstateTerminal {
    func encodeIdentity(to writer: inout ByteWriter) {
        writer.unsigned(merchant.number)
        writer.byte(profile.rawValue)
        writer.unsigned(keySet)
        writer.unsigned(identityEpoch)
        writer.word(serial)
        writer.unsigned(currency.numeric)
    }

    init(identity reader: inout ByteReader) throws(CodecError) {
        self.init(
            merchant: MerchantID(number: try reader.unsigned()),
            profile: try reader.raw(KeyProfile.self, "key profile"),
            keySet: try reader.unsigned(), identityEpoch: try reader.unsigned(), serial: try reader.word(),
            currency: Currency(numeric: try reader.unsigned()))
    }
}

extension ByteWriter {
    fileprivate mutating func staffed(_ kind: UInt8, _ id: TerminalID, _ staff: StaffID) {
        byte(kind)
        code(id)
        code(staff)
    }
    fileprivate mutating func grant(_ usage: TerminalUsage, _ lease: Lease, _ evidence: EvidenceClaims) {
        usage.encode(to: &self)
        unsigned(lease.id)
        instant(lease.expires)
        sized(evidence.encoded())
    }
    /// Codes alone where each is at the severity it begins with, as ever; else with the severities.
    fileprivate mutating func raised(_ warnings: [RaisedWarning]) {
        if warnings.isPlain { self.warnings(warnings.codes) } else { list(warnings) { $1.write(to: &$0) } }
    }
    package mutating func warnings(_ codes: [WarningCode]) { list(codes) { $0.byte($1.wireNumber) } }
}

extension [RaisedWarning] {
    /// Whether each is at the severity that its code begins with.
    fileprivate var isPlain: Bool { allSatisfy { $0.severity == $0.code.severity } }
}

extension ByteReader {
    fileprivate mutating func grant() throws(CodecError) -> (TerminalUsage, Lease, EvidenceClaims) {
        let usage = try TerminalUsage(from: &self)
        let lease = Lease(id: try unsigned(), expires: try instant())
        return (usage, lease, try EvidenceClaims(decoding: try sized()))
    }

    fileprivate mutating func raised(isPlain: Bool) throws(CodecError) -> [RaisedWarning] {
        isPlain ? try warnings().map { RaisedWarning($0) } : try raisedWarnings()
    }

    package mutating func warnings() throws(CodecError) -> [WarningCode] {
        try list { (reader: inout ByteReader) throws(CodecError) in try reader.warning() }
    }
}
