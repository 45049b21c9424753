// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// An issuer's security triggers: the rules, and for each card what the last 48 hours and the last 32 days
/// brought, and for terminals and merchants what rules ask of them.
///
/// `evaluate` changes nothing; `apply`, `markReversed`, `resetWrongPINs`, `label` and `replaceRules` are the only changes,
/// each made for a record that is in the journal. The same records in the same order give the same windows, evaluations and explanations.
///
/// Windows keep events to the millisecond, in 16 bytes each, up to 256 a card. When a card has more, its earliest
/// event is dropped, the fact `overflow` holds for 48 hours, and figures that reach back so far are lower bounds. A card that
/// was idle for 40 days is forgotten.
public struct Triggers: Sendable {
    /// The rules in force.
    public internal(set) var rules: RuleSet
    /// Judged by beside them.
    var watched: RuleSet?
    /// Terminals and merchants are counted whether a rule asks for them or not.
    let keepsAll: Bool
    private var box: WindowBox

    var store: WindowStore {
        unsafeAddress { storeInPlace }
        unsafeMutableAddress {
            if !isKnownUniquelyReferenced(&box) { box = WindowBox(box.store.pointee) }
            return box.store
        }
    }

    /// The windows where they lie, for reading: good as long as this value is kept as it is.
    var storeInPlace: UnsafePointer<WindowStore> { UnsafePointer(box.store) }

    /// Empty windows.
    ///
    /// - Parameters:
    ///   - seed: scatters the hash tables, so that nobody can choose terminals that collide: a random one for each process.
    ///     It has no influence on any result.
    ///   - keepsAll: count every terminal and merchant from the beginning, so that whatever rules come find their windows
    ///     full; about 5 kB for each. False: from when a rule first asks.
    ///   - cardsMax: a card beyond these has no window, and the fact `overflow` holds for its transactions.
    public init(rules: RuleSet, seed: UInt64? = nil, keepsAll: Bool = false, cardsMax: Int = Self.cardsMax) {
        (self.rules, self.keepsAll) = (rules, keepsAll)
        box = WindowBox(WindowStore(seed: seed ?? Self.defaultSeed, cardsMax: cardsMax))
        keepTiles(since: .min)
    }

    /// Where nobody chooses cards, as in a back-test, one seed is as good as another.
    static let defaultSeed: UInt64 = 0x5449_4C4C_4755_4152

    /// The most cards that can have a window.
    public static let cardsMax = 50_000_000

    /// Cards that have a window.
    public var cardCount: Int { store.cards.count }

    /// From when on terminals and merchants are counted as rules ask; nil where they were from the beginning, or no rule asks.
    public var countedSince: Instant? {
        let since = max(store.terminals.since ?? .min, store.merchants.since ?? .min)
        return since == .min ? nil : Instant(microseconds: since * 1_000)
    }

    /// Bytes of memory that the windows take, shared with copies or not.
    public var residentBytes: Int { store.residentBytes }
}
