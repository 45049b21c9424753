// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

extension HostEngine {
    /// A message that was closed or answered without being understood; for the log, without its content.
    public struct Notice: Equatable, Sendable {
        public var channel: UInt64
        public var terminal: TerminalID?
        public var intent: Intent
        /// Path and offset of a decoding error; never a value.
        public var detail: String
        /// The bytes were no message at all: the connection is to be closed.
        public var closes: Bool
    }
}
