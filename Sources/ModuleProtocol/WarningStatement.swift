// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// What the module itself says is open, for a warning report (DE 57 of an 0620); sixteen bytes of AES-CMAC under the
/// health key follow it. The POS application can leave a report out and cannot write one.
public struct WarningStatement: Equatable, Sendable {
    public var identityEpoch: UInt16
    /// The module's event counter: how old the statement is.
    public var eventCounter: UInt32
    public var openWarnings: [RaisedWarning]

    public init(identityEpoch: UInt16, eventCounter: UInt32, openWarnings: [RaisedWarning]) {
        (self.identityEpoch, self.eventCounter, self.openWarnings) = (identityEpoch, eventCounter, openWarnings)
    }

    public static let macLength = 16
    /// Not a version of `EvidenceClaims`: both are under the same key.
    private static let mark: UInt8 = 0x57

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 32)
        writer.byte(Self.mark)
        writer.unsigned(identityEpoch)
        writer.unsigned(eventCounter)
        writer.list(openWarnings) { $1.write(to: &$0) }
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one encoded statement.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.mark else { throw .invalid(offset: 0, what: "statement mark") }
        identityEpoch = try reader.unsigned()
        eventCounter = try reader.unsigned()
        openWarnings = try reader.raisedWarnings()
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of statement") }
    }
}
