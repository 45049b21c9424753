// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// Why a card of another issuer is stopped here.
public enum StopReason: UInt8, CaseIterable, Sendable {
    case lost = 1
    case stolen = 2
    case fraud = 3
    case restricted = 4

    /// What a till is told.
    public var intent: Intent {
        switch self {
        case .lost: .lostCard
        case .stolen: .stolenCard
        case .fraud: .suspectedFraud
        case .restricted: .frozenCard
        }
    }

    /// What the triggers see.
    var hotList: HotListReason? {
        switch self {
        case .lost: .lost
        case .stolen: .stolen
        case .fraud, .restricted: nil
        }
    }
}

/// A card of another issuer that is stopped here, whatever its own host says.
public struct StoppedCard: Equatable, Sendable {
    public var card: CardKey
    public var reason: StopReason
    public var by: StaffID
    public var at: Instant

    func encode(to writer: inout ByteWriter) {
        writer.card(card)
        writer.byte(reason.rawValue)
        writer.code(by)
        writer.instant(at)
    }

    init(card: CardKey, reason: StopReason, by: StaffID, at: Instant) {
        (self.card, self.reason, self.by, self.at) = (card, reason, by, at)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        card = try reader.card()
        reason = try reader.raw(StopReason.self, "reason of a stopped card")
        by = try reader.code()
        at = try reader.instant()
    }
}

/// The negative file: stopped cards of other issuers by their keyed hash, so that no PAN is in it. In the order of the
/// hashes, found by halving.
public struct NegativeFile: Equatable, Sendable {
    /// More are not taken; 65,536 take some 4 MB.
    public static let countMax = 65_536

    public private(set) var cards: [StoppedCard] = []

    init() {}

    public var isFull: Bool { cards.count >= Self.countMax }

    private func position(of card: CardKey) -> (index: Int, isThere: Bool) {
        var low = 0
        var high = cards.count
        while low < high {
            let middle = (low + high) / 2
            if Self.isBefore(cards[middle].card, card) { low = middle + 1 } else { high = middle }
        }
        return (low, low < cards.count && cards[low].card == card)
    }

    private static func isBefore(_ left: CardKey, _ right: CardKey) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    public subscript(card: CardKey) -> StoppedCard? {
        let (index, isThere) = position(of: card)
        return isThere ? cards[index] : nil
    }

    mutating func list(_ stopped: StoppedCard) {
        let (index, isThere) = position(of: stopped.card)
        if isThere { cards[index] = stopped } else { cards.insert(stopped, at: index) }
    }

    mutating func unlist(_ card: CardKey) {
        let (index, isThere) = position(of: card)
        if isThere { cards.remove(at: index) }
    }

    func snapshot(to writer: inout ByteWriter) { writer.list(cards) { $1.encode(to: &$0) } }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        cards = try reader.list { (reader: inout ByteReader) throws(CodecError) in try StoppedCard(from: &reader) }
        let isOrdered = zip(cards, cards.dropFirst()).allSatisfy { Self.isBefore($0.card, $1.card) }
        guard isOrdered, cards.count <= Self.countMax else { throw .invalid(offset: start, what: "negative file") }
    }
}
