// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// A warning at the severity it is open with, which may be graver than the one it begins at.
public struct RaisedWarning: Hashable, Sendable {
    public var code: WarningCode
    public var severity: Severity

    /// - Parameter severity: what the catalogue begins the code at, where nothing is said.
    public init(_ code: WarningCode, _ severity: Severity? = nil) {
        self.code = code
        self.severity = severity ?? code.severity
    }

    /// What it stops and erases at that severity.
    public var effect: WarningLevel.Effect { code.level(at: severity) }

    /// Two bytes: the code's wire number, the severity.
    public func write(to writer: inout ByteWriter) {
        writer.byte(code.wireNumber)
        writer.byte(severity.rawValue)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        code = try reader.warning()
        severity = try reader.raw(Severity.self, "severity")
    }
}

extension [RaisedWarning] {
    /// The codes, in the same order.
    public var codes: [WarningCode] { map(\.code) }

    /// Whether the code is among them, however grave.
    public func contains(_ code: WarningCode) -> Bool { contains { $0.code == code } }
}

extension ByteReader {
    /// A list of warnings with their severities.
    public mutating func raisedWarnings() throws(CodecError) -> [RaisedWarning] {
        try list { (reader: inout ByteReader) throws(CodecError) in try RaisedWarning(from: &reader) }
    }
}
