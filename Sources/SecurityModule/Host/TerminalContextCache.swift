// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A terminal's derived keys: where they lie in the cache's arena.
struct TerminalContext: Sendable {
    let keys: TerminalKeys
    let initialKeyID: UInt64
    fileprivate let place: Int
    fileprivate let initialKey: KeyHandle
    fileprivate let health: KeyHandle
}

/// The contexts of the terminals seen lately: a fixed number of places, each terminal has its one. Their keys lie in one
/// locked arena, a megabyte, and are wiped when the cache lets a terminal go.
struct TerminalContextCache: ~Copyable, Sendable {
    /// Two terminals of one place drive each other out: with many more places than terminals they seldom meet.
    static let places = 16_384
    /// Prepared codes take 300 bytes each of the secure heap, which has no room for one a place.
    private static let codesMax = 2_048

    private var contexts = [TerminalContext?](repeating: nil, count: places)
    private var codes = [HealthCode?](repeating: nil, count: codesMax)
    private(set) var arena = KeyArena(capacity: 2 * places)

    mutating func context(_ keys: TerminalKeys, _ masters: borrowing HostMasters) -> TerminalContext {
        // Multiplicative hashing: neighbouring identifications fall far apart.
        let mixed = (keys.terminal.packed ^ UInt64(keys.keySet) << 1) &* 0x9E37_79B9_7F4A_7C15
        let place = Int(mixed >> 50)
        if let context = contexts[place] {
            if context.keys == keys { return context }
            arena.remove(context.initialKey)
            arena.remove(context.health)
            if codes[place % Self.codesMax]?.keys == context.keys { codes[place % Self.codesMax] = nil }
        }
        let context = TerminalContext(
            keys: keys, initialKeyID: KSNLayout.initialKeyID(of: keys), place: place,
            initialKey: store(masters.initialKey(keys)), health: store(masters.healthKey(keys)))
        contexts[place] = context
        return context
    }

    /// Two keys a place: there is always room, and both have 16 bytes.
    private mutating func store(_ key: consuming SecretKey) -> KeyHandle {
        do { return try arena.insert(key) } catch { preconditionFailure("a place has room for its keys") }
    }

    /// Lends the initial key.
    borrowing func withInitialKey<R: ~Copyable>(
        _ context: TerminalContext, _ body: (borrowing SecretKey) -> R
    ) -> R { lend(context.initialKey, body) }

    /// The code over health element and evidence.
    mutating func healthCode(_ context: TerminalContext) -> HealthCode {
        let place = context.place % Self.codesMax
        if let code = codes[place], code.keys == context.keys { return code }
        let code = lend(context.health) { HealthCode(context.keys, key: $0) }
        codes[place] = code
        return code
    }

    private borrowing func lend<R: ~Copyable>(_ key: KeyHandle, _ body: (borrowing SecretKey) -> R) -> R {
        guard let result = arena.withKey(key, body) else {
            preconditionFailure("a context is used before the next one is asked for")
        }
        return result
    }
}
