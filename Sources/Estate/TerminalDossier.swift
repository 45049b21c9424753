// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What the estate keeps of one terminal beside what every message asks about: whose hands it went through, what it was
/// permitted, what was found of it.
public struct TerminalDossier: Equatable, Sendable {
    /// When the key set was issued that the terminal has; nil for the one it came with.
    public var keysIssuedAt: Instant?
    public var shipment: Shipment?
    /// Who took it into the service centre; nil once it has its new identity.
    public var custody: Custody?
    public var permit: SwapPermit?
    /// The serial number of the device that claimed the terminal's number last without being permitted to (T05).
    public var claimant: UInt64?
    /// Where people have explained it to be (T04); nil: at its merchant's place.
    public var explainedPosition: Position?
    /// The keys that were there when evidence was accepted last, and are the same in the next (K02).
    public var inventory: [DeviceClaims.KeyEntry] = []
    public var inspection: Inspection?
    /// Two people have ordered that every secret of the device go, as for this warning.
    public var erasure: WarningCode?
    /// When the merchant was verified last, after A05.
    public var verifiedAt: Instant?
    /// Maintenance is over as soon as evidence is accepted.
    public var isMaintenanceOver = false
    /// The newest record of the module's audit log that evidence told of (S06); nil: none yet, or a new epoch begins.
    public var logHead: LogHead?
    /// The public half of the module's identity key; empty until evidence has told of one.
    public var identityKey: [UInt8] = []
    /// What was collected of the audit log.
    public var log = CollectedLog()
    /// What ended by proof lately, the latest last: what comes again too soon needs more than a proof.
    public private(set) var closures: [Closure] = []

    /// Sent away in a sealed bag.
    public struct Shipment: Equatable, Sendable {
        /// The seal's number.
        public var seal: String
        public var by: StaffID
        public var at: Instant
    }

    public struct Custody: Equatable, Sendable {
        public var people: [StaffID]
        public var at: Instant
    }

    /// Another device may take the terminal's place.
    public struct SwapPermit: Equatable, Sendable {
        public var serial: UInt64
        public var people: [StaffID]
        public var at: Instant
    }

    public struct Closure: Equatable, Sendable {
        public var code: WarningCode
        public var at: Instant
    }

    public struct LogHead: Equatable, Sendable {
        public var index: UInt32
        /// SHA-256.
        public var digest: [UInt8]

        /// Whether another head cannot be of the same log: fewer records, or as many with another end.
        func isContradicted(by other: LogHead) -> Bool {
            other.index < index || (other.index == index && other.digest != digest)
        }
    }

    public static let closuresMax = 8

    public init() {}

    /// Whether a head cannot be of the log that was attested and collected before.
    func isLogContradicted(by head: LogHead) -> Bool {
        logHead?.isContradicted(by: head) == true || log.isContradicted(by: head)
    }

    /// Remembers the end of a warning that may not come again too soon.
    mutating func noteClosure(_ code: WarningCode, at: Instant) {
        guard code.entry.otherwise != nil else { return }
        if closures.count == Self.closuresMax { closures.removeFirst() }
        closures.append(Closure(code: code, at: at))
    }

    /// Whether a warning comes again so soon that its proof is not believed any more: H01 within seven days of its end,
    /// K06 within ten minutes, L01 for the fourth time within ten minutes.
    func isRepeated(_ code: WarningCode, at now: Instant) -> Bool {
        let (window, count): (Interval, Int)
        switch code {
        case .h01: (window, count) = (.days(7), 1)
        case .k06: (window, count) = (.minutes(10), 1)
        case .l01: (window, count) = (.minutes(10), 3)
        default: return false
        }
        return closures.count { $0.code == code && now - $0.at < window } >= count
    }
}

extension TerminalDossier {
    func snapshot(to writer: inout ByteWriter) {
        writer.optional(keysIssuedAt) { $0.instant($1) }
        writer.optional(shipment) {
            $0.text($1.seal)
            $0.code($1.by)
            $0.instant($1.at)
        }
        writer.optional(custody) {
            $0.people($1.people)
            $0.instant($1.at)
        }
        writer.optional(permit) {
            $0.word($1.serial)
            $0.people($1.people)
            $0.instant($1.at)
        }
        writer.optional(claimant) { $0.word($1) }
        writer.optional(explainedPosition) { $1.write(to: &$0) }
        writer.list(inventory) {
            $0.byte($1.slot)
            $0.sized($1.checkValue)
        }
        writer.optional(inspection) { $1.encode(to: &$0) }
        writer.optional(erasure) { $0.byte($1.wireNumber) }
        writer.optional(verifiedAt) { $0.instant($1) }
        writer.flag(isMaintenanceOver)
        writer.optional(logHead) {
            $0.unsigned($1.index)
            $0.sized($1.digest)
        }
        writer.list(closures) {
            $0.byte($1.code.wireNumber)
            $0.instant($1.at)
        }
        writer.sized(identityKey)
        log.snapshot(to: &writer)
    }

    init(snapshot reader: inout ByteReader, _ layout: Estate.Layout) throws(CodecError) {
        keysIssuedAt = try reader.optionalInstant()
        shipment = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            Shipment(seal: try reader.text(), by: try reader.code(), at: try reader.instant())
        }
        custody = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            Custody(people: try reader.people(), at: try reader.instant())
        }
        permit = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            SwapPermit(serial: try reader.word(), people: try reader.people(), at: try reader.instant())
        }
        claimant = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.word() }
        explainedPosition = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try Position(from: &reader)
        }
        inventory = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            DeviceClaims.KeyEntry(slot: try reader.byte(), checkValue: try reader.sized())
        }
        inspection = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try Inspection(from: &reader)
        }
        erasure = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.warning() }
        verifiedAt = try reader.optionalInstant()
        isMaintenanceOver = try reader.flag()
        logHead = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            LogHead(index: try reader.unsigned(), digest: try reader.sized())
        }
        closures = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Closure(code: try reader.warning(), at: try reader.instant())
        }
        guard layout.hasLogs else { return }
        identityKey = try reader.sized()
        log = try CollectedLog(snapshot: &reader)
    }
}

extension ByteWriter {
    mutating func people(_ staff: [StaffID]) { list(staff) { $0.code($1) } }
}

extension ByteReader {
    mutating func people() throws(CodecError) -> [StaffID] {
        try list { (reader: inout ByteReader) throws(CodecError) in try reader.code() }
    }

    mutating func optionalInstant() throws(CodecError) -> Instant? {
        try optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
    }
}
