// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What happens to the terminal itself, in its journal.
enum ServiceRecord: Equatable, Sendable {
    case started(Instant)
    /// Closes the start: switched off in order.
    case stopped
    /// A warning of the terminal's own, new or changed.
    case raised(OwnWarning)
    case cleared(WarningCode)
    /// Loaded, for the first time or in the place of others.
    case parameters([UInt8], Instant)
    case paired(Pairing)
}

extension ByteWriter {
    /// The tag of the record and its content.
    mutating func serviceRecord(_ record: ServiceRecord) {
        switch record {
        case .started(let at):
            byte(19)
            instant(at)
        case .stopped: byte(20)
        case .raised(let warning):
            byte(21)
            ownWarning(warning)
        case .cleared(let code):
            byte(22)
            byte(code.wireNumber)
        case .parameters(let bytes, let at):
            byte(23)
            sized(bytes)
            instant(at)
        case .paired(let pairing):
            byte(24)
            self.pairing(pairing)
        }
    }

    mutating func service(_ book: ServiceBook) {
        list(book.warnings) { $0.ownWarning($1) }
        flag(book.isRunning)
        list(book.uncleanStarts) { $0.instant($1) }
        optional(book.parameters) { $0.sized($1) }
        optional(book.reloadedAt) { $0.instant($1) }
        optional(book.pairing) { $0.pairing($1) }
    }

    private mutating func ownWarning(_ warning: OwnWarning) {
        warning.raised.write(to: &self)
        instant(warning.since)
        flag(warning.needsOrder)
    }

    private mutating func pairing(_ pairing: Pairing) {
        word(pairing.serial)
        unsigned(pairing.identityEpoch)
    }
}

extension ByteReader {
    /// - Returns: nil for a tag that is none of these.
    mutating func serviceRecord(_ tag: UInt8) throws(CodecError) -> ServiceRecord? {
        switch tag {
        case 19: .started(try instant())
        case 20: .stopped
        case 21: .raised(try ownWarning())
        case 22: .cleared(try warning())
        case 23: .parameters(try sized(), try instant())
        case 24: .paired(try pairing())
        default: nil
        }
    }

    mutating func service() throws(CodecError) -> ServiceBook {
        var book = ServiceBook()
        book.warnings = try list { (reader: inout ByteReader) throws(CodecError) in try reader.ownWarning() }
        book.isRunning = try flag()
        book.uncleanStarts = try list { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        book.parameters = try optional { (reader: inout ByteReader) throws(CodecError) in try reader.sized() }
        book.reloadedAt = try optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        book.pairing = try optional { (reader: inout ByteReader) throws(CodecError) in try reader.pairing() }
        return book
    }

    private mutating func ownWarning() throws(CodecError) -> OwnWarning {
        let raised = try RaisedWarning(from: &self)
        return OwnWarning(
            code: raised.code, severity: raised.severity, since: try instant(), needsOrder: try flag())
    }

    private mutating func pairing() throws(CodecError) -> Pairing {
        Pairing(serial: try word(), identityEpoch: try unsigned())
    }
}
