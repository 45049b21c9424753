// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// An accepted sign-on with all that it changes.
public struct SignedOn: Equatable, Sendable {
    public var usage: TerminalUsage
    public var lease: Lease
    public var evidence: EvidenceClaims
    /// The session whose keys go out with the ticket; session profiles only.
    public var session: UInt32?
    /// What is open no more: proved to be over, or cleared by whoever may and borne out by the evidence.
    public var closed: [WarningCode]
    /// Advisories that it opens or that grow graver; none of them stops anything.
    public var raised: [RaisedWarning]

    public init(
        usage: TerminalUsage, lease: Lease, evidence: EvidenceClaims, session: UInt32? = nil,
        closed: [WarningCode] = [], raised: [RaisedWarning] = []
    ) {
        (self.usage, self.lease, self.evidence) = (usage, lease, evidence)
        (self.session, self.closed, self.raised) = (session, closed, raised)
    }

    func encode(to writer: inout ByteWriter) {
        usage.encode(to: &writer)
        writer.unsigned(lease.id)
        writer.instant(lease.expires)
        writer.sized(evidence.encoded())
        writer.optional(session) { $0.unsigned($1) }
        writer.warnings(closed)
        writer.list(raised) { $1.write(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        usage = try TerminalUsage(from: &reader)
        lease = Lease(id: try reader.unsigned(), expires: try reader.instant())
        evidence = try EvidenceClaims(decoding: try reader.sized())
        session = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        closed = try reader.warnings()
        raised = try reader.raisedWarnings()
    }
}

/// What the clock alone changes at one terminal.
public struct ClockChange: Equatable, Sendable {
    public var terminal: TerminalID
    public var raised: [RaisedWarning] = []
    public var closed: [WarningCode] = []
    /// How many of the days that K03 reminds at have come; nil: no further one.
    public var reminders: UInt8?

    public init(_ terminal: TerminalID) { self.terminal = terminal }

    var isEmpty: Bool { raised.isEmpty && closed.isEmpty && reminders == nil }

    func encode(to writer: inout ByteWriter) {
        writer.code(terminal)
        writer.list(raised) { $1.write(to: &$0) }
        writer.warnings(closed)
        writer.optional(reminders) { $0.byte($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        terminal = try reader.code()
        raised = try reader.raisedWarnings()
        closed = try reader.warnings()
        reminders = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.byte() }
    }
}
