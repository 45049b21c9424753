// SPDX-License-Identifier: Apache-2.0
import Estate
import Interchange
import Vocabulary

/// What the host knows of traffic with other hosts: routes, destinations with what is stored for them, forwards that are
/// unanswered, and those that may still be reversed.
public struct UpstreamBook: Sendable {
    /// A forward whose answer is awaited.
    public struct Open: Equatable, Sendable {
        public var named: NamedForward
        /// The terminal has taken it back meanwhile.
        public var isReversed = false
    }

    /// An approved one, by the reference of its answer.
    struct Settled: Equatable, Sendable {
        var reference: UInt64
        var named: NamedForward
        var name: UpstreamName
    }

    /// One whose answer was lost, so that it was reversed.
    public struct Lost: Equatable, Sendable {
        public var forward: UInt64
        public var destination: UInt8
        /// The stored reversal.
        public var message: UInt64
        public var answeredLate = false
    }

    /// What was approved of a card in a destination's place in this business day.
    struct Use: Equatable, Sendable {
        var destination: UInt8
        var card: CardKey
        var amount: Int64
    }

    /// As many forwards may be unanswered.
    public static let openMax = 4_096
    /// As many approved ones may be reversed; the oldest goes first.
    static let settledMax = 65_536
    static let lostMax = 4_096
    static let usesMax = 65_536

    public internal(set) var routingText = ""
    public internal(set) var routing: RoutingTable?
    public internal(set) var destinations: [UpstreamDestination] = []
    /// By the place of the destination.
    public internal(set) var stores: [StoreAndForward] = []
    /// By the place of the destination.
    public internal(set) var keys: [ZoneKeyState] = []
    /// In the order of their names.
    public internal(set) var open: [Open] = []
    var settled: [Settled] = []
    public internal(set) var lost: [Lost] = []
    var uses: [Use] = []
    public internal(set) var negative = NegativeFile()

    init() {}

    // MARK: - Looking

    /// The place of the destination that a card's requests go to; nil for the own desk.
    func destination(of pan: PAN) -> UInt8? {
        guard let name = routing?.destination(of: pan) else { return nil }
        return destinations.firstIndex { $0.name == name }.map { UInt8($0) }
    }

    func open(_ terminal: TerminalID, _ matches: (MessageNames) -> Bool) -> Open? {
        open.first { $0.named.forward.usage.terminal == terminal && matches($0.named.forward.names) }
    }

    func open(id: UInt64) -> Open? { open.first { $0.named.id == id } }

    /// Whether a void or a completion of this transaction is under way.
    func isReferredTo(_ reference: RRN) -> Bool { open.contains { $0.named.forward.original?.rrn == reference } }

    func settled(_ reference: UInt64) -> Settled? { place(of: reference).map { settled[$0] } }

    /// References rise, so that halving finds them.
    private func place(of reference: UInt64) -> Int? {
        var low = 0
        var high = settled.count
        while low < high {
            let middle = (low + high) / 2
            if settled[middle].reference < reference { low = middle + 1 } else { high = middle }
        }
        return low < settled.count && settled[low].reference == reference ? low : nil
    }

    func used(_ destination: UInt8, _ card: CardKey) -> Int64 {
        uses.first { $0.destination == destination && $0.card == card }?.amount ?? 0
    }

    /// Whether a destination's store has room for the reversal of every open forward and one more.
    func hasRoom(_ destination: UInt8) -> Bool {
        let store = stores[Int(destination)]
        return open.count < Self.openMax && store.openCount + store.deadCount + open.count < store.policy.countMax
    }

    /// Stored messages that people have to look at.
    public var deadCount: Int { stores.reduce(0) { $0 + $1.deadCount } }

    // MARK: - Changing

    mutating func set(_ destination: UpstreamDestination) {
        if let index = destinations.firstIndex(where: { $0.name == destination.name }) {
            destinations[index] = destination
        } else {
            destinations.append(destination)
            stores.append(StoreAndForward())
            keys.append(ZoneKeyState())
        }
    }

    mutating func close(_ id: UInt64) -> Open? {
        open.firstIndex { $0.named.id == id }.map { open.remove(at: $0) }
    }

    mutating func markReversed(_ id: UInt64) {
        if let index = open.firstIndex(where: { $0.named.id == id }) { open[index].isReversed = true }
    }

    mutating func settle(_ reference: UInt64, _ named: NamedForward, _ name: UpstreamName) {
        settled.append(Settled(reference: reference, named: named, name: name))
        if settled.count > Self.settledMax { settled.removeFirst(settled.count - Self.settledMax * 15 / 16) }
    }

    mutating func unsettle(_ reference: UInt64) -> Settled? { place(of: reference).map { settled.remove(at: $0) } }

    /// - Returns: the stored message's id; nil when there is no room, which is seen to before anything is forwarded.
    @discardableResult
    mutating func store(_ message: StoredMessage, at: Instant) -> UInt64? {
        let index = Int(message.named.forward.destination)
        let lane = message.named.forward.lane
        guard stores.indices.contains(index),
            case .stored(let id, let lane, let at, let payload)? = try? stores[index].store(
                message.encoded, lane: lane, now: at)
        else { return nil }
        stores[index].apply(.stored(id: id, lane: lane, at: at, payload: payload))
        return id
    }

    mutating func lose(_ named: NamedForward, message: UInt64) {
        lost.append(Lost(forward: named.id, destination: named.forward.destination, message: message))
        if lost.count > Self.lostMax { lost.removeFirst(lost.count - Self.lostMax) }
    }

    mutating func use(_ forward: Forward, _ amount: Int64) {
        let match = uses.firstIndex { $0.destination == forward.destination && $0.card == forward.card }
        if let match {
            uses[match].amount = max(0, uses[match].amount + amount)
        } else if amount > 0 {
            uses.append(Use(destination: forward.destination, card: forward.card, amount: amount))
        }
    }
}
