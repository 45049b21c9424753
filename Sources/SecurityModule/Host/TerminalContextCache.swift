// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A terminal's derived keys, ready for use. Wiped when the cache lets it go.
final class TerminalContext: Sendable {
    let keys: TerminalKeys
    let initialKeyID: UInt64
    let initialKey: SecretKey
    let health: AESCMAC

    init(_ keys: TerminalKeys, _ masters: borrowing HostMasters) {
        self.keys = keys
        initialKeyID = KSNLayout.initialKeyID(of: keys)
        initialKey = masters.initialKey(keys)
        health = AESCMAC(key: masters.healthKey(keys))
    }
}

/// The contexts of the terminals seen lately: a fixed number of places, each terminal has its one.
struct TerminalContextCache: Sendable {
    /// Two terminals of one place drive each other out: with many more places than terminals they seldom meet.
    static let places = 16_384

    private var contexts = [TerminalContext?](repeating: nil, count: places)

    mutating func context(_ keys: TerminalKeys, _ masters: borrowing HostMasters) -> TerminalContext {
        // Multiplicative hashing: neighbouring identifications fall far apart.
        let mixed = (keys.terminal.packed ^ UInt64(keys.keySet) << 1) &* 0x9E37_79B9_7F4A_7C15
        let place = Int(mixed >> 50)
        if let context = contexts[place], context.keys == keys { return context }
        let context = TerminalContext(keys, masters)
        contexts[place] = context
        return context
    }
}
