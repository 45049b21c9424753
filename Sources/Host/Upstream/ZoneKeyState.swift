// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// Which keys a zone uses: new ones are accepted before they are used, and replaced ones for an overlap after it, so that
/// nothing that is under way is lost. Both sides of a zone keep the same state. Exchanges are numbered (DE 53), so that an
/// offer that comes late, or again, is known for what it is.
///
/// The side that offers accepts the new keys from its offer on and sends under them once they are acknowledged; from then
/// on the overlap counts. The side that takes them sends under them at once and accepts the old ones until a message under
/// the new ones has come, since the acknowledgement may be lost; from then on its overlap counts.
public struct ZoneKeyState: Equatable, Sendable {
    /// A set that has been replaced.
    public struct Old: Equatable, Sendable {
        public var set: ZoneKeySet
        /// Accepted until then; nil: until the other side is known to have the new ones.
        public var until: Instant?
    }

    /// A set that the other side has not acknowledged yet.
    public struct Offer: Equatable, Sendable {
        public var set: ZoneKeySet
        /// What goes there.
        public var blocks: String
        public var exchange: UInt32
    }

    /// What an offer of the other side is.
    public enum Reception: Equatable, Sendable {
        case new
        /// Taken before: the acknowledgement was lost.
        case repeated
        /// Of an exchange before the one that holds: it comes late, or somebody sends it again.
        case stale
    }

    /// For how long replaced keys are accepted.
    public static let overlap = Interval.minutes(5)
    static let oldMax = 4
    /// An exchange may be so far ahead of the last one that is known.
    static let exchangeStep: UInt32 = 1_000

    public internal(set) var sending = ZoneKeySet.installed
    /// The oldest first.
    public internal(set) var old: [Old] = []
    public internal(set) var offered: Offer?
    /// A change has been asked for, and the keys are not made yet.
    public internal(set) var isWanted = false
    /// Of the exchange that `sending` came by; 0: none.
    public internal(set) var exchange: UInt32 = 0
    var lastNumber = ZoneKeySet.installed.number

    public init() {}

    /// What MACs may be under.
    public var accepted: [ZoneKeySet] { [sending] + old.map(\.set) + [offered?.set].compactMap(\.self) }
    /// The number of the next set.
    public var nextNumber: UInt32 { lastNumber + 1 }
    /// When the first replaced set is accepted no more.
    public var nextRetirement: Instant? { old.compactMap(\.until).min() }
    /// Whether a message under this set shows that the other side has the new ones, which was not known.
    public func isNews(_ number: UInt32) -> Bool { number == sending.number && old.contains { $0.until == nil } }

    public func reception(of checkValues: String, exchange number: UInt64) -> Reception {
        if checkValues == sending.checkValues { return .repeated }
        let isNext = number > UInt64(exchange) && number <= UInt64(exchange) + UInt64(Self.exchangeStep)
        return isNext ? .new : .stale
    }

    public mutating func apply(_ change: ZoneKeyChange, at: Instant) {
        switch change {
        case .wanted: isWanted = true
        case .offered(let set, let blocks):
            (isWanted, offered) = (false, Offer(set: set, blocks: blocks, exchange: exchange &+ 1))
            lastNumber = set.number
        case .acknowledged:
            guard let offer = offered else { return }
            offered = nil
            exchange = offer.exchange
            replace(by: offer.set, until: at + Self.overlap)
        case .refused: (isWanted, offered) = (false, nil)
        case .taken(let set, let number):
            // The other side's offer goes before ours; it may have taken ours all the same.
            if let offer = offered { old.append(Old(set: offer.set, until: nil)) }
            (isWanted, offered, exchange, lastNumber) = (false, nil, number, set.number)
            replace(by: set, until: nil)
        case .confirmed:
            for index in old.indices where old[index].until == nil { old[index].until = at + Self.overlap }
        case .retired: old.removeAll { $0.until.map { $0 <= at } ?? false }
        case .reset:
            // Numbers never come again, so that no set is taken for another.
            let number = lastNumber
            self = ZoneKeyState()
            lastNumber = number
        }
    }

    private mutating func replace(by set: ZoneKeySet, until: Instant?) {
        old.append(Old(set: sending, until: until))
        sending = set
        if old.count > Self.oldMax { old.removeFirst() }
    }

    func encode(to writer: inout ByteWriter) {
        sending.encode(to: &writer)
        writer.list(old) {
            $1.set.encode(to: &$0)
            $0.optional($1.until) { $0.instant($1) }
        }
        writer.optional(offered) {
            $1.set.encode(to: &$0)
            $0.text($1.blocks)
            $0.unsigned($1.exchange)
        }
        writer.flag(isWanted)
        writer.unsigned(exchange)
        writer.unsigned(lastNumber)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        sending = try ZoneKeySet(from: &reader)
        old = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let set = try ZoneKeySet(from: &reader)
            return Old(
                set: set,
                until: try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() })
        }
        offered = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            Offer(
                set: try ZoneKeySet(from: &reader), blocks: try reader.text(), exchange: try reader.unsigned())
        }
        isWanted = try reader.flag()
        exchange = try reader.unsigned()
        lastNumber = try reader.unsigned()
    }
}
