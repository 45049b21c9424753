// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A key that an `Interner` can scatter.
protocol InternedKey: Equatable, Sendable {
    /// The key mixed with a seed, all bits being of use.
    func scattered(_ seed: UInt64) -> UInt64
}

/// A value that carries its own key.
protocol Interned: Sendable {
    associatedtype Key: InternedKey
    var key: Key { get }
}

extension InternedKey {
    var key: Self { self }
}

/// Numbers values in the order they come, and finds them by key through an open-addressing table of 32-bit slots.
///
/// Only the table's layout hangs on the seed; numbers, order and snapshots do not.
struct Interner<Value: Interned>: Sendable {
    /// The owner must not change a value's key.
    var values: [Value] = []
    /// 0 is free, else one more than the value's number. A power of two long, at most three quarters full.
    private var slots: [UInt32]
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        slots = Array(repeating: 0, count: 16)
    }

    func find(_ key: Value.Key) -> Int? {
        let slot = slots[place(of: key)]
        return slot == 0 ? nil : Int(slot) - 1
    }

    /// The number of a key's value, which is made if it is new.
    mutating func intern(_ key: Value.Key, _ make: @autoclosure () -> Value) -> (index: Int, isNew: Bool) {
        var place = place(of: key)
        if slots[place] != 0 { return (Int(slots[place]) - 1, false) }
        if (values.count + 1) * 4 > slots.count * 3 {
            grow()
            place = self.place(of: key)
        }
        values.append(make())
        slots[place] = UInt32(values.count)
        return (values.count - 1, true)
    }

    /// Where a key is, or where it would go.
    private func place(of key: Value.Key) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: key.scattered(seed)) & mask
        while slots[place] != 0, values[Int(slots[place]) - 1].key != key { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        for (index, value) in values.enumerated() { slots[place(of: value.key)] = UInt32(index + 1) }
    }
}

/// The finishing mix of SplitMix64 (Steele, Lea and Flood 2014).
private func mix(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
}

extension CardKey: InternedKey {
    func scattered(_ seed: UInt64) -> UInt64 { mix(low ^ mix(high ^ seed)) }
}

extension TerminalID: InternedKey, Interned {
    func scattered(_ seed: UInt64) -> UInt64 { mix(packed ^ seed) }
}

extension MerchantID: InternedKey, Interned {
    func scattered(_ seed: UInt64) -> UInt64 { mix(number ^ seed) }
}

/// A terminal at a merchant, as numbers.
struct SiteKey: InternedKey, Interned {
    var terminal: UInt32
    /// `PackedEvent.siteMissing` when the merchant is not known.
    var merchant: UInt32
    func scattered(_ seed: UInt64) -> UInt64 { mix(UInt64(terminal) << 32 | UInt64(merchant) ^ seed) }
}

/// Terminals and merchants by number, so that an event names both in four bytes.
struct Sites: Sendable {
    private(set) var terminals: Interner<TerminalID>
    private(set) var merchants: Interner<MerchantID>
    private(set) var sites: Interner<SiteKey>

    init(seed: UInt64) {
        terminals = Interner(seed: seed)
        merchants = Interner(seed: seed)
        sites = Interner(seed: seed)
    }

    mutating func intern(_ terminal: TerminalID, _ merchant: MerchantID?) -> UInt32 {
        let terminal = UInt32(terminals.intern(terminal, terminal).index)
        let merchant = merchant.map { UInt32(merchants.intern($0, $0).index) } ?? PackedEvent.siteMissing
        let site = SiteKey(terminal: terminal, merchant: merchant)
        return UInt32(sites.intern(site, site).index)
    }

    /// The numbers of terminal and merchant; one past the last for a terminal or merchant not seen yet.
    func numbers(_ terminal: TerminalID, _ merchant: MerchantID?) -> SiteKey {
        let unseen = UInt32.max - 1
        return SiteKey(
            terminal: terminals.find(terminal).map { UInt32($0) } ?? unseen,
            merchant: merchant.map { value in merchants.find(value).map { UInt32($0) } ?? unseen }
                ?? PackedEvent.siteMissing)
    }
}

extension Sites {
    /// Takes over what a snapshot held; false when a key comes twice or a number has no key.
    mutating func restore(_ terminals: [TerminalID], _ merchants: [MerchantID], _ sites: [SiteKey]) -> Bool {
        for terminal in terminals where !self.terminals.intern(terminal, terminal).isNew { return false }
        for merchant in merchants where !self.merchants.intern(merchant, merchant).isNew { return false }
        for site in sites {
            let isKnown =
                Int(site.terminal) < terminals.count
                && (site.merchant == PackedEvent.siteMissing || Int(site.merchant) < merchants.count)
            guard isKnown, self.sites.intern(site, site).isNew else { return false }
        }
        return true
    }
}
