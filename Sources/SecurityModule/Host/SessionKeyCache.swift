// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// The session keys used lately, ready for use: a fixed number of places, as in `TerminalContextCache`.
struct SessionKeyCache: Sendable {
    private struct Entry {
        let keys: TerminalKeys
        let session: UInt32
        let working: SessionKeys
    }

    private var entries = [Entry?](repeating: nil, count: TerminalContextCache.places)

    mutating func keys(_ keys: TerminalKeys, _ session: UInt32, _ masters: borrowing HostMasters) -> SessionKeys {
        // The session counts too: one and the next, both in use for a while, fall apart.
        let mixed = (keys.terminal.packed ^ UInt64(keys.keySet) << 1 ^ UInt64(session) << 32) &* 0x9E37_79B9_7F4A_7C15
        let place = Int(mixed >> 50)
        if let entry = entries[place], entry.session == session, entry.keys == keys { return entry.working }
        let working = masters.sessionKeys(keys, session)
        entries[place] = Entry(keys: keys, session: session, working: working)
        return working
    }
}
