// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// Whose sealed journal it is. A new identity begins a new journal, with a new first key.
public struct JournalIdentity: Hashable, Sendable {
    public var terminal: TerminalID
    public var identityEpoch: UInt16

    public init(terminal: TerminalID, identityEpoch: UInt16) {
        (self.terminal, self.identityEpoch) = (terminal, identityEpoch)
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(terminal.packed)
        bytes.appendBigEndian(identityEpoch)
        return bytes
    }
}
