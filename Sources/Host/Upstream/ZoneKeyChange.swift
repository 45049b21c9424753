// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// What happens to the keys of a zone, for the journal. No key is in it but in blocks of a module's own or under the zone's
/// protection key.
public enum ZoneKeyChange: Equatable, Sendable {
    /// Somebody asks for new keys.
    case wanted(by: StaffID)
    /// Made here; accepted from now on, and on their way there.
    case offered(ZoneKeySet, blocks: String)
    /// The other side has them: they are sent under from now on.
    case acknowledged
    /// They could not be made, or the other side does not take them: all stays as it was.
    case refused
    /// The other side's, read and checked.
    case taken(ZoneKeySet, exchange: UInt32)
    /// The other side uses what was taken: what it replaced is accepted for the overlap and no longer.
    case confirmed
    /// The overlap is over.
    case retired
    /// By hand, on both sides: what the zone is installed with counts again, and exchanges begin anew.
    case reset(by: StaffID)

    private enum Kind: UInt8, CaseIterable {
        case wanted = 1, offered, acknowledged, refused, taken, confirmed, retired, reset
    }

    func encode(to writer: inout ByteWriter) {
        switch self {
        case .wanted(let staff):
            writer.byte(Kind.wanted.rawValue)
            writer.code(staff)
        case .offered(let set, let blocks):
            writer.byte(Kind.offered.rawValue)
            set.encode(to: &writer)
            writer.text(blocks)
        case .acknowledged: writer.byte(Kind.acknowledged.rawValue)
        case .refused: writer.byte(Kind.refused.rawValue)
        case .taken(let set, let number):
            writer.byte(Kind.taken.rawValue)
            set.encode(to: &writer)
            writer.unsigned(number)
        case .confirmed: writer.byte(Kind.confirmed.rawValue)
        case .retired: writer.byte(Kind.retired.rawValue)
        case .reset(let staff):
            writer.byte(Kind.reset.rawValue)
            writer.code(staff)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        switch try reader.raw(Kind.self, "kind of key change") {
        case .wanted: self = .wanted(by: try reader.code())
        case .offered: self = .offered(try ZoneKeySet(from: &reader), blocks: try reader.text())
        case .acknowledged: self = .acknowledged
        case .refused: self = .refused
        case .taken: self = .taken(try ZoneKeySet(from: &reader), exchange: try reader.unsigned())
        case .confirmed: self = .confirmed
        case .retired: self = .retired
        case .reset: self = .reset(by: try reader.code())
        }
    }
}
