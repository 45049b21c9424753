// SPDX-License-Identifier: Apache-2.0
import Interchange
import ModuleProtocol
import Vocabulary

/// What happens between this host and others, for the journal.
public enum UpstreamRecord: Equatable, Sendable {
    /// A destination, new or with other limits.
    case destinationSet(UpstreamDestination, by: StaffID)
    /// The routing table, as its text.
    case routed(String, by: StaffID)
    /// The intent to reverse: durable before the request leaves.
    case forwarded(Forward)
    case ended(ForwardEnd)
    /// Approved in the destination's place, or, as a refund, only told there; the advice is stored with it.
    case stoodIn(Forward, StoredAnswer)
    /// The terminal took it back: while it was asked about, or (`isOpen` false) after its answer of this reference.
    case reversed(Reversal, of: UInt64, isOpen: Bool)
    /// A stored message is about to leave; the next attempt may follow at `next`.
    case attempted(destination: UInt8, id: UInt64, next: Instant)
    case delivered(destination: UInt8, id: UInt64)
    /// The alarm: a stored message is given up, and people have to look at it.
    case dead(destination: UInt8, id: UInt64, StoreAndForward.Reason)
    case revived(destination: UInt8, id: UInt64, by: StaffID)
    /// An answer to what had been given up, whose reversal is stored or delivered.
    case answeredLate(forward: UInt64, isApproval: Bool)
    /// The negative file has a card of another issuer, or has it with another reason.
    case listed(CardKey, StopReason, by: StaffID)
    case unlisted(CardKey, by: StaffID)
    case keys(destination: UInt8, ZoneKeyChange)
    /// The other host takes back what it is still asked about.
    case withdrawn(forward: UInt64)

    private enum Kind: UInt8, CaseIterable {
        case destinationSet = 1, routed, forwarded, ended, stoodIn, reversed, attempted, delivered, dead, revived
        case answeredLate
        /// The forms of all kinds but plain purchases, which were there first.
        case forwardedKind, stoodInKind
        case listed, unlisted, keys, withdrawn
    }

    func encode(to writer: inout ByteWriter) {
        switch self {
        case .destinationSet(let destination, let staff):
            writer.byte(Kind.destinationSet.rawValue)
            destination.encode(to: &writer)
            writer.code(staff)
        case .routed(let text, let staff):
            writer.byte(Kind.routed.rawValue)
            writer.text(text)
            writer.code(staff)
        case .forwarded(let forward):
            writer.byte((forward.isPlain ? Kind.forwarded : .forwardedKind).rawValue)
            forward.encode(to: &writer, hasKind: !forward.isPlain)
        case .ended(let end):
            writer.byte(Kind.ended.rawValue)
            end.encode(to: &writer)
        case .stoodIn(let forward, let answer):
            writer.byte((forward.isPlain ? Kind.stoodIn : .stoodInKind).rawValue)
            forward.encode(to: &writer, hasKind: !forward.isPlain)
            answer.encode(to: &writer)
        case .reversed(let reversal, let id, let isOpen):
            writer.byte(Kind.reversed.rawValue)
            reversal.encode(to: &writer)
            writer.unsigned(id)
            writer.flag(isOpen)
        case .attempted(let destination, let id, let next):
            write(.attempted, destination, id, &writer)
            writer.instant(next)
        case .delivered(let destination, let id): write(.delivered, destination, id, &writer)
        case .dead(let destination, let id, let reason):
            write(.dead, destination, id, &writer)
            writer.byte(reason.rawValue)
        case .revived(let destination, let id, let staff):
            write(.revived, destination, id, &writer)
            writer.code(staff)
        case .answeredLate(let id, let isApproval):
            writer.byte(Kind.answeredLate.rawValue)
            writer.unsigned(id)
            writer.flag(isApproval)
        case .listed(let card, let reason, let staff):
            writer.byte(Kind.listed.rawValue)
            writer.card(card)
            writer.byte(reason.rawValue)
            writer.code(staff)
        case .keys(let destination, let change): encodeKeys(destination, change, to: &writer)
        case .withdrawn(let id):
            writer.byte(Kind.withdrawn.rawValue)
            writer.unsigned(id)
        case .unlisted(let card, let staff):
            writer.byte(Kind.unlisted.rawValue)
            writer.card(card)
            writer.code(staff)
        }
    }

    // Written down beside the switch above, which is long enough.
    private func encodeKeys(_ destination: UInt8, _ change: ZoneKeyChange, to writer: inout ByteWriter) {
        writer.byte(Kind.keys.rawValue)
        writer.byte(destination)
        change.encode(to: &writer)
    }

    private func write(_ kind: Kind, _ destination: UInt8, _ id: UInt64, _ writer: inout ByteWriter) {
        writer.byte(kind.rawValue)
        writer.byte(destination)
        writer.unsigned(id)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        switch try reader.raw(Kind.self, "kind of upstream record") {
        case .destinationSet:
            self = .destinationSet(try UpstreamDestination(from: &reader), by: try reader.code())
        case .routed: self = .routed(try reader.text(), by: try reader.code())
        case .forwarded: self = .forwarded(try Forward(from: &reader, hasKind: false))
        case .forwardedKind: self = .forwarded(try Self.forwardOfKind(from: &reader))
        case .ended: self = .ended(try ForwardEnd(from: &reader))
        case .stoodIn: self = .stoodIn(try Forward(from: &reader, hasKind: false), try StoredAnswer(from: &reader))
        case .stoodInKind: self = .stoodIn(try Self.forwardOfKind(from: &reader), try StoredAnswer(from: &reader))
        case .reversed:
            self = .reversed(try Reversal(from: &reader), of: try reader.unsigned(), isOpen: try reader.flag())
        case .attempted:
            self = .attempted(
                destination: try reader.byte(), id: try reader.unsigned(), next: try reader.instant())
        case .delivered: self = .delivered(destination: try reader.byte(), id: try reader.unsigned())
        case .dead:
            self = .dead(
                destination: try reader.byte(), id: try reader.unsigned(),
                try reader.raw(StoreAndForward.Reason.self, "reason"))
        case .revived:
            self = .revived(destination: try reader.byte(), id: try reader.unsigned(), by: try reader.code())
        case .answeredLate:
            self = .answeredLate(forward: try reader.unsigned(), isApproval: try reader.flag())
        case .listed:
            self = .listed(
                try reader.card(), try reader.raw(StopReason.self, "reason of a stopped card"), by: try reader.code())
        case .keys: self = .keys(destination: try reader.byte(), try ZoneKeyChange(from: &reader))
        case .withdrawn: self = .withdrawn(forward: try reader.unsigned())
        case .unlisted: self = .unlisted(try reader.card(), by: try reader.code())
        }
    }

    private static func forwardOfKind(from reader: inout ByteReader) throws(CodecError) -> Forward {
        let start = reader.offset
        let forward = try Forward(from: &reader, hasKind: true)
        // One record, one form.
        guard !forward.isPlain else { throw .invalid(offset: start, what: "kind of forward") }
        return forward
    }
}
