// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension Estate {
    /// The whole state in the order it came to be: equal states give equal bytes.
    public func snapshot(to writer: inout ByteWriter) {
        compatibility.encode(to: &writer)
        writer.count(merchants.count)
        for (id, merchant) in zip(merchants.keys, merchants.values) {
            writer.unsigned(id.number)
            merchant.encode(to: &writer)
        }
        writer.count(terminals.count)
        for (id, terminal) in zip(terminals.keys, terminals.values) {
            writer.code(id)
            terminal.snapshot(to: &writer)
        }
        policy.snapshot(to: &writer)
        writer.list(proposals) { $1.snapshot(to: &$0) }
    }

    /// What a snapshot's layout has: later ones add to earlier ones. With what terminals say of their devices came the
    /// severities of open warnings, and all that people lay down and order; with logs the modules' identity keys.
    public struct Layout: Sendable {
        public var hasAttestedEvents = true
        public var hasDevices = true
        public var hasLogs = true

        public init(hasAttestedEvents: Bool = true, hasDevices: Bool = true, hasLogs: Bool = true) {
            (self.hasAttestedEvents, self.hasDevices, self.hasLogs) = (hasAttestedEvents, hasDevices, hasLogs)
        }
    }

    public init(snapshot reader: inout ByteReader, _ layout: Layout = Layout()) throws(CodecError) {
        compatibility = try FirmwareRange(from: &reader)
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let id = MerchantID(number: try reader.unsigned())
            guard merchants[id] == nil else { throw .invalid(offset: start, what: "merchant named twice") }
            merchants.insert(id, try Merchant(from: &reader))
        }
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let id: TerminalID = try reader.code()
            guard terminals[id] == nil else { throw .invalid(offset: start, what: "terminal named twice") }
            terminals.insert(id, try EstateTerminal(snapshot: &reader, layout))
        }
        guard layout.hasDevices else { return }
        policy = try EstatePolicy(snapshot: &reader)
        proposals = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try Proposal(snapshot: &reader)
        }
    }
}

extension EstateTerminal {
    func snapshot(to writer: inout ByteWriter) {
        encodeIdentity(to: &writer)
        writer.byte(lifecycle.rawValue)
        writer.optional(activationAskedBy) { $0.code($1) }
        writer.optional(activationApprovedBy) { $0.code($1) }
        writer.optional(lease) {
            $0.unsigned($1.id)
            $0.instant($1.expires)
        }
        writer.unsigned(leaseCount)
        ksn.snapshot(to: &writer)
        health.snapshot(to: &writer)
        writer.unsigned(eventCounter)
        writer.unsigned(selfTestNumber)
        writer.instant(selfTestAt)
        writer.list(warnings) { writer, warning in
            warning.raised.write(to: &writer)
            writer.instant(warning.since)
            writer.people(warning.clearedBy)
            writer.instant(warning.graded)
            writer.flag(warning.isRepeated)
            writer.byte(warning.reminders)
        }
        writer.optional(deathTokenHash) { $0.sized($1) }
        writer.optional(linkTokenHash) { $0.sized($1) }
        writer.optional(firmware) { $0.unsigned($1.packed) }
        writer.optional(application) { $0.unsigned($1.packed) }
        writer.unsigned(ksnConflicts)
        writer.optional(attestedEvent) { $0.unsigned($1) }
        writer.optional(device) { $1.write(to: &$0) }
        writer.optional(lastSeen) { $0.instant($1) }
        writer.optional(lastTrade) { $0.instant($1) }
        dossier.snapshot(to: &writer)
        // A profile of a later layout brings what the layout adds: what older snapshots hold reads as ever.
        if profile.isSession { session.snapshot(to: &writer) }
    }

    init(snapshot reader: inout ByteReader, _ layout: Estate.Layout) throws(CodecError) {
        try self.init(identity: &reader)
        lifecycle = try reader.raw(Lifecycle.self, "lifecycle")
        activationAskedBy = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.code() }
        activationApprovedBy = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.code()
        }
        lease = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            let id: UInt32 = try reader.unsigned()
            return Lease(id: id, expires: try reader.instant())
        }
        leaseCount = try reader.unsigned()
        ksn = try KSNWindow(snapshot: &reader)
        health = try CounterWindow(snapshot: &reader)
        eventCounter = try reader.unsigned()
        selfTestNumber = try reader.unsigned()
        selfTestAt = try reader.instant()
        warnings = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let raised =
                layout.hasDevices ? try RaisedWarning(from: &reader) : RaisedWarning(try reader.warning())
            var warning = OpenWarning(raised, since: try reader.instant())
            warning.clearedBy = try reader.people()
            guard layout.hasDevices else { return warning }
            warning.graded = try reader.instant()
            warning.isRepeated = try reader.flag()
            warning.reminders = try reader.byte()
            return warning
        }
        deathTokenHash = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.sized() }
        linkTokenHash = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.sized() }
        firmware = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            SoftwareVersion(packed: try reader.unsigned())
        }
        application = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            SoftwareVersion(packed: try reader.unsigned())
        }
        ksnConflicts = try reader.unsigned()
        if layout.hasAttestedEvents {
            attestedEvent = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                try reader.unsigned()
            }
        }
        if layout.hasDevices {
            device = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                try DeviceClaims(from: &reader)
            }
            lastSeen = try reader.optionalInstant()
            lastTrade = try reader.optionalInstant()
            dossier = try TerminalDossier(snapshot: &reader, layout)
        }
        if profile.isSession { session = try TerminalSession(snapshot: &reader) }
    }
}
