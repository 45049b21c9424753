// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension JournalIdentity {
    init(_ keys: TerminalKeys, serial: UInt64) {
        self.init(terminal: keys.terminal, identityEpoch: keys.identityEpoch, serial: serial)
    }

    /// What every box and code of the journal is bound to; the module is in its first key.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(terminal.packed)
        bytes.appendBigEndian(identityEpoch)
        return bytes
    }
}
