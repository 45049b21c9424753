// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// What somebody found who looked at a terminal (T06).
public struct Inspection: Equatable, Sendable {
    /// The checklist: what may be wrong. The raw values are those of records and never change.
    public enum Finding: UInt8, CaseIterable, Sendable {
        /// Something lies over keypad, slot or display.
        case overlay = 1
        /// The seal is broken or has another number.
        case seal = 2
        /// Wires or devices that do not belong there.
        case wiring = 3
        /// The serial number is another one.
        case serial = 4
        /// The case is cracked, opened or scratched.
        case damage = 5
    }

    public var at: Instant
    public var by: StaffID
    /// In the order of the checklist; empty: nothing was wrong.
    public var findings: [Finding]
    /// Where the photograph is kept.
    public var photo: String

    public init(at: Instant, by: StaffID, findings: [Finding], photo: String) {
        (self.at, self.by, self.findings, self.photo) = (at, by, findings, photo)
    }

    public var isClean: Bool { findings.isEmpty }

    func encode(to writer: inout ByteWriter) {
        writer.instant(at)
        writer.code(by)
        writer.findings(findings)
        writer.text(photo)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        at = try reader.instant()
        by = try reader.code()
        findings = try reader.findings()
        photo = try reader.text()
    }
}

extension ByteWriter {
    mutating func findings(_ findings: [Inspection.Finding]) { list(findings) { $0.byte($1.rawValue) } }
}

extension ByteReader {
    mutating func findings() throws(CodecError) -> [Inspection.Finding] {
        try list { (reader: inout ByteReader) throws(CodecError) in
            try reader.raw(Inspection.Finding.self, "finding")
        }
    }
}
