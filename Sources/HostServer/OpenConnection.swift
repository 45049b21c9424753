// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Vocabulary

/// A connection as the host's loop keeps it.
struct OpenConnection {
    var channel: any Channel
    /// Whose certificate it showed; nil without mutual authentication.
    var terminal: TerminalID?
    /// Messages read and not answered.
    var inFlight = 0
    /// Too many of them: not read until some are answered.
    var isPaused = false
    /// It does not take its answers off: not read until it does, or they would pile up here.
    var isBackedUp = false

    func read(unless isCongested: Bool) {
        _ = channel.setOption(.autoRead, value: !isPaused && !isBackedUp && !isCongested)
    }
}

/// The server has stopped and takes no command.
public struct ServerStopped: Error {}
