// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// A warning that the module has raised and nobody has cleared yet. A code is open once at most.
struct OpenWarning: Equatable, Sendable {
    var code: WarningCode
    var severity: Severity
    /// The event counter of the raise or the last promotion: what an older attestation says clears nothing newer.
    var event: UInt32
    var raisedAt: Instant
    /// Proof alone does not clear it; it must be named in a ticket.
    var needsOrder: Bool

    var effect: WarningLevel.Effect { code.level(at: severity) }
    var raised: RaisedWarning { RaisedWarning(code, severity) }

    func write(to writer: inout ByteWriter) {
        writer.byte(code.wireNumber)
        writer.byte(severity.rawValue)
        writer.unsigned(event)
        writer.instant(raisedAt)
        writer.flag(needsOrder)
    }

    init(code: WarningCode, severity: Severity, event: UInt32, raisedAt: Instant, needsOrder: Bool) {
        (self.code, self.severity, self.event) = (code, severity, event)
        (self.raisedAt, self.needsOrder) = (raisedAt, needsOrder)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        code = try reader.warning()
        severity = try reader.raw(Severity.self, "severity")
        event = try reader.unsigned()
        raisedAt = try reader.instant()
        needsOrder = try reader.flag()
    }
}
