// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// A stretch of a module's audit log that has come, with what the host's module found of it.
public struct LogTaken: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        /// Authentic; the log is known up to there.
        case accepted(LogPosition)
        /// Not the module's log, from the record of this number on.
        case broken(LogFinding, at: UInt32)
    }

    public var terminal: TerminalID
    /// What the message used up; nil for one by a one-time token.
    public var usage: TerminalUsage?
    /// As it came: what an auditor is shown.
    public var segment: [UInt8]
    public var outcome: Outcome

    public init(terminal: TerminalID, usage: TerminalUsage?, segment: [UInt8], outcome: Outcome) {
        (self.terminal, self.usage, self.segment, self.outcome) = (terminal, usage, segment, outcome)
    }

    /// What it opens: S06 where the log is broken.
    public var raised: [RaisedWarning] {
        if case .broken = outcome { [RaisedWarning(.s06)] } else { [] }
    }

    func encode(to writer: inout ByteWriter) {
        writer.code(terminal)
        writer.optional(usage) { $1.encode(to: &$0) }
        writer.sized(segment)
        switch outcome {
        case .accepted(let position):
            writer.byte(0)
            position.write(to: &writer)
        case .broken(let finding, let index):
            writer.byte(finding.rawValue)
            writer.unsigned(index)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        terminal = try reader.code()
        usage = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try TerminalUsage(from: &reader)
        }
        segment = try reader.sized()
        let start = reader.offset
        let outcome = try reader.byte()
        guard outcome > 0 else {
            self.outcome = .accepted(try LogPosition(from: &reader))
            return
        }
        guard let finding = LogFinding(rawValue: outcome) else { throw .invalid(offset: start, what: "log finding") }
        self.outcome = .broken(finding, at: try reader.unsigned())
    }
}

extension EstateRecord {
    /// What an authentic report used up; nil for one by a token, and for any other record.
    public var usageOfReport: TerminalUsage? {
        switch self {
        case .reported(_, let usage, _, _): usage
        case .logTaken(let taken): taken.usage
        default: nil
        }
    }
}
