// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What the entries of a list are.
public enum ListKind: UInt8, Sendable, CaseIterable {
    /// Cards, by their keyed hash alone.
    case card = 1
    case terminal = 2
    case merchant = 3
    case mcc = 4
    case goods = 5
    /// Countries, by the two letters of ISO 3166-1.
    case country = 6

    /// As rule files and headers of imports write it.
    public var name: String { "\(self)" }

    /// The kind of that name.
    public init?(name: some StringProtocol) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }
}

/// The key of an entry, whatever its kind, in 16 bytes.
public struct ListKey: Hashable, Comparable, Sendable {
    public var high: UInt64
    public var low: UInt64

    /// A terminal, merchant, category or goods by the number that stands for it.
    init(code: UInt64) { (high, low) = (0, code) }
    /// As it was written down.
    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    public init(_ card: CardKey) { (high, low) = (card.high, card.low) }
    public init(_ terminal: TerminalID) { (high, low) = (0, terminal.packed) }
    public init(_ merchant: MerchantID) { (high, low) = (0, merchant.number) }
    public init(_ mcc: MCC) { (high, low) = (0, UInt64(mcc.code)) }
    public init(_ goods: GoodsCode) { (high, low) = (0, goods.packed) }

    /// The two letters of a country; nil for anything else.
    public init?(country text: some Collection<UInt8>) {
        guard text.count == 2, text.allSatisfy({ (0x41...0x5A).contains($0) }) else { return nil }
        (high, low) = (0, text.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// What a text stands for, as an import reads it; nil for no value of the kind.
    ///
    /// - Parameter cardKey: the keyed hash of a card's number, which is kept nowhere.
    public init?(_ text: some Sequence<UInt8>, kind: ListKind, cardKey: (PAN) -> CardKey) {
        guard let key = ListValue.key(Array(text)[...], kind, cardKey) else { return nil }
        self = key
    }

    /// The value that the key stands for, in a list of that kind; a card's is its keyed hash.
    public func text(of kind: ListKind) -> String {
        switch kind {
        case .card: CardKey(high: high, low: low).description
        case .terminal: TerminalID(packed: low).description
        case .merchant: MerchantID(number: low).description
        case .mcc: MCC(UInt16(truncatingIfNeeded: low)).description
        case .goods: GoodsCode(packed: low).description
        case .country:
            String(decoding: [UInt8(truncatingIfNeeded: low >> 8), UInt8(truncatingIfNeeded: low)], as: UTF8.self)
        }
    }

    public static func < (left: ListKey, right: ListKey) -> Bool { precedes(left, right) }

    static func precedes(_ left: ListKey, _ right: ListKey) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    /// A word that spreads keys evenly, terminals and merchant numbers too: the finishing mix of SplitMix64 (Steele, Lea and
    /// Flood 2014). Part of the file format.
    @inline(__always)
    var scattered: UInt64 {
        var word = high &* 0x9E37_79B9_7F4A_7C15 ^ low
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Where an entry comes from and why it is there.
public struct ListOrigin: Hashable, Sendable {
    /// Such as `scheme` or `desk`.
    public var source: String
    /// For people; never a card's number.
    public var reason: String

    public init(source: String, reason: String) { (self.source, self.reason) = (source, reason) }

    /// Bytes of each at most.
    public static let bytesMax = 200

    /// Fits into a file, and holds nothing that could be a card's number: no twelve figures in a row.
    public var isSound: Bool {
        [source, reason].allSatisfy { $0.utf8.count <= Self.bytesMax && !Self.holdsFigures($0.utf8) }
    }

    static func holdsFigures(_ text: some Sequence<UInt8>) -> Bool {
        var figures = 0
        for byte in text {
            // A space or a hyphen within figures does not part them.
            if byte == 0x20 || byte == 0x2D { continue }
            figures = (0x30...0x39).contains(byte) ? figures + 1 : 0
            if figures == 12 { return true }
        }
        return false
    }
}

/// One entry.
public struct ListEntry: Hashable, Sendable {
    public var key: ListKey
    public var origin: ListOrigin
    /// From then on the entry counts no more; kept to the second. Nil for one that stays.
    public var expires: Instant?

    public init(_ key: ListKey, _ origin: ListOrigin, expires: Instant? = nil) {
        (self.key, self.origin, self.expires) = (key, origin, expires)
    }
}
