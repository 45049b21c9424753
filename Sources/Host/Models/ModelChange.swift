// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// One step in the life of a model. Every case is final once written; a new shape takes a new kind.
public enum ModelChange: Equatable, Sendable {
    /// A model that waits for its second person.
    case proposed(version: UInt32, name: String, text: ModelText, by: StaffID)
    /// From now on it scores beside the one in force; what comes of it is counted and changes nothing.
    case shadowed(version: UInt32, by: StaffID)
    case approved(version: UInt32, by: StaffID)
    /// It gives the scores of its name from the next decision on.
    case activated(version: UInt32, by: StaffID)
    case rollBackAsked(to: UInt32, by: StaffID)
    /// A model that was in force before is in force again.
    case rolledBack(to: UInt32, by: StaffID, approvedBy: StaffID)
    case withdrawn(version: UInt32, by: StaffID)

    private enum Kind: UInt8 {
        case proposed = 1, shadowed, approved, activated, rollBackAsked, rolledBack, withdrawn
    }

    /// The version that the step is about.
    public var version: UInt32 {
        switch self {
        case .proposed(let version, _, _, _), .shadowed(let version, _), .approved(let version, _),
            .activated(let version, _), .rollBackAsked(let version, _), .rolledBack(let version, _, _),
            .withdrawn(let version, _):
            version
        }
    }

    /// Who took the step; of a roll-back the second person.
    public var staff: StaffID {
        switch self {
        case .proposed(_, _, _, let staff), .shadowed(_, let staff), .approved(_, let staff), .activated(_, let staff),
            .rollBackAsked(_, let staff), .rolledBack(_, _, let staff), .withdrawn(_, let staff):
            staff
        }
    }

    func encode(to writer: inout ByteWriter) {
        let kind: Kind =
            switch self {
            case .proposed: .proposed
            case .shadowed: .shadowed
            case .approved: .approved
            case .activated: .activated
            case .rollBackAsked: .rollBackAsked
            case .rolledBack: .rolledBack
            case .withdrawn: .withdrawn
            }
        writer.byte(kind.rawValue)
        writer.unsigned(version)
        if case .proposed(_, let name, let text, _) = self {
            writer.text(name)
            text.encode(to: &writer)
        }
        if case .rolledBack(_, let first, _) = self { writer.code(first) }
        writer.code(staff)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let kind = try reader.raw(Kind.self, "change of models")
        let version: UInt32 = try reader.unsigned()
        switch kind {
        case .proposed:
            let name = try reader.text()
            let text = try ModelText(from: &reader)
            self = .proposed(version: version, name: name, text: text, by: try reader.code())
        case .shadowed: self = .shadowed(version: version, by: try reader.code())
        case .approved: self = .approved(version: version, by: try reader.code())
        case .activated: self = .activated(version: version, by: try reader.code())
        case .rollBackAsked: self = .rollBackAsked(to: version, by: try reader.code())
        case .rolledBack: self = .rolledBack(to: version, by: try reader.code(), approvedBy: try reader.code())
        case .withdrawn: self = .withdrawn(version: version, by: try reader.code())
        }
    }
}
