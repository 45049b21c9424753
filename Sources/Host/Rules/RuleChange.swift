// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// One step in the life of a rule set. Every case is final once written; a new shape takes a new kind.
///
/// A rule's own state (`draft`, `shadow`, `live`, `retired`) stands in the text and nowhere else, so that making a rule
/// live is the same path as any other change: a text, its difference, a second person, an audit trail.
public enum RuleChange: Equatable, Sendable {
    /// A set that waits for its second person. `base` was in force then: the difference that is approved is against it.
    case proposed(version: UInt32, text: String, base: UInt32, by: StaffID)
    /// From now on judged beside the set in force; it changes nothing.
    case shadowed(version: UInt32, by: StaffID)
    case approved(version: UInt32, by: StaffID)
    /// In force from the next decision on.
    case activated(version: UInt32, by: StaffID)
    case rollBackAsked(to: UInt32, by: StaffID)
    /// A set that was in force before is in force again.
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
        if case .proposed(_, let text, let base, _) = self {
            writer.unsigned(base)
            writer.text(text)
        }
        if case .rolledBack(_, let first, _) = self { writer.code(first) }
        writer.code(staff)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let kind = try reader.raw(Kind.self, "change of rules")
        let version: UInt32 = try reader.unsigned()
        switch kind {
        case .proposed:
            let base: UInt32 = try reader.unsigned()
            self = .proposed(version: version, text: try reader.text(), base: base, by: try reader.code())
        case .shadowed: self = .shadowed(version: version, by: try reader.code())
        case .approved: self = .approved(version: version, by: try reader.code())
        case .activated: self = .activated(version: version, by: try reader.code())
        case .rollBackAsked: self = .rollBackAsked(to: version, by: try reader.code())
        case .rolledBack: self = .rolledBack(to: version, by: try reader.code(), approvedBy: try reader.code())
        case .withdrawn: self = .withdrawn(version: version, by: try reader.code())
        }
    }
}
