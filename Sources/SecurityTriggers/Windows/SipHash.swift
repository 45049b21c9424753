// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// SipHash (Aumasson and Bernstein 2012) over whole words: a keyed hash whose collisions nobody finds without the key.
struct SipHash: Sendable {
    private let key: (UInt64, UInt64)

    init(key0: UInt64, key1: UInt64) { key = (key0, key1) }

    /// Two keys out of one seed.
    init(seed: UInt64) { key = (mixed(seed), mixed(seed ^ 0x9E37_79B9_7F4A_7C15)) }

    /// SipHash-1-3: one round a word, three at the end.
    @inline(__always)
    func hash(_ word: UInt64) -> UInt64 {
        var state = State(key)
        state.take(word, rounds: 1)
        return state.finish(bytes: 8, rounds: 1, end: 3)
    }

    /// With any number of rounds, which is how the published vectors of SipHash-2-4 prove this code.
    func hash(_ words: [UInt64], rounds: Int, end: Int) -> UInt64 {
        var state = State(key)
        for word in words { state.take(word, rounds: rounds) }
        return state.finish(bytes: words.count * 8, rounds: rounds, end: end)
    }

    private struct State {
        var (v0, v1, v2, v3): (UInt64, UInt64, UInt64, UInt64)

        @inline(__always)
        init(_ key: (UInt64, UInt64)) {
            v0 = key.0 ^ 0x736F_6D65_7073_6575
            v1 = key.1 ^ 0x646F_7261_6E64_6F6D
            v2 = key.0 ^ 0x6C79_6765_6E65_7261
            v3 = key.1 ^ 0x7465_6462_7974_6573
        }

        @inline(__always)
        mutating func take(_ word: UInt64, rounds: Int) {
            v3 ^= word
            for _ in 0..<rounds { round() }
            v0 ^= word
        }

        @inline(__always)
        mutating func finish(bytes: Int, rounds: Int, end: Int) -> UInt64 {
            take(UInt64(bytes & 0xFF) << 56, rounds: rounds)
            v2 ^= 0xFF
            for _ in 0..<end { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        @inline(__always)
        private mutating func round() {
            v0 = v0 &+ v1
            v2 = v2 &+ v3
            v1 = v1 << 13 | v1 >> 51
            v3 = v3 << 16 | v3 >> 48
            v1 ^= v0
            v3 ^= v2
            v0 = v0 << 32 | v0 >> 32
            v2 = v2 &+ v1
            v0 = v0 &+ v3
            v1 = v1 << 17 | v1 >> 47
            v3 = v3 << 21 | v3 >> 43
            v1 ^= v2
            v3 ^= v0
            v2 = v2 << 32 | v2 >> 32
        }
    }
}

/// The finishing mix of SplitMix64 (Steele, Lea and Flood 2014).
func mixed(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
}

/// A key that a hash table can scatter.
protocol InternedKey: Equatable, Sendable {
    /// The key mixed with a seed, all bits being of use.
    func scattered(_ seed: UInt64) -> UInt64
}

/// A value that carries its own key.
protocol Interned: Sendable {
    associatedtype Key: InternedKey
    var key: Key { get }
}

extension CardKey: InternedKey {
    /// A card's key is a keyed hash already: nobody outside chooses it, so mixing the seed in is enough.
    @inline(__always)
    func scattered(_ seed: UInt64) -> UInt64 { mixed(low ^ mixed(high ^ seed)) }
}

extension TerminalID: InternedKey {
    func scattered(_ seed: UInt64) -> UInt64 { SipHash(seed: seed).hash(packed) }
}
