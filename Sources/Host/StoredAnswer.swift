// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// What the host answered, as far as the journal keeps it: enough to build the answer again, MACed for the repeat.
public struct StoredAnswer: Equatable, Sendable {
    public var intent: Intent
    /// Six digits; 0 when nothing was approved.
    public var approvalCode: UInt32
    public var rrn: RRN
    /// What the cardholder quotes, or the challenge of a step-up; a balance's DE 54, a settlement's DE 66; empty when
    /// there is none.
    public var reference: String

    public init(intent: Intent, approvalCode: UInt32, rrn: RRN, reference: String) {
        self.intent = intent
        self.approvalCode = approvalCode
        self.rrn = rrn
        self.reference = reference
    }

    public func encode(to writer: inout ByteWriter) {
        writer.byte(intent.wireNumber)
        writer.unsigned(approvalCode)
        writer.unsigned(rrn.number)
        writer.text(reference)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        guard let intent = Intent(wireNumber: try reader.byte()) else { throw .invalid(offset: start, what: "intent") }
        self.init(
            intent: intent, approvalCode: try reader.unsigned(), rrn: RRN(try reader.unsigned()),
            reference: try reader.text())
    }
}
