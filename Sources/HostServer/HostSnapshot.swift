// SPDX-License-Identifier: Apache-2.0
import Host
import Journal

/// A state and the end of the journal that gives it, taken on the host's loop and written down elsewhere.
struct HostSnapshot: Sendable {
    let head: JournalHead
    let state: HostState

    /// Writes the state down: most of a second for a large estate, so never on the loop.
    func envelope() -> SnapshotEnvelope {
        SnapshotEnvelope(
            version: UInt64(HostState.version), sequence: state.sequence, chain: head.chain, state: state.encoded())
    }
}
