// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What the shell is to do at a line to another host.
public struct UpstreamEffect: Equatable, Sendable {
    public enum Action: Equatable, Sendable {
        /// Open a connection, and tell `connected` or `disconnected`.
        case connect
        /// Close the connection, if there is one.
        case close
        /// One message, unframed.
        case send([UInt8])
    }

    /// The place of the destination in `UpstreamBook.destinations`.
    public var destination: Int
    public var action: Action

    public init(destination: Int, action: Action) {
        self.destination = destination
        self.action = action
    }
}

/// What the shell tells of a line to another host.
public enum UpstreamEvent: Equatable, Sendable {
    case connected
    /// The connection has ended, or none came about.
    case disconnected
    /// One message, unframed.
    case received([UInt8])
}
