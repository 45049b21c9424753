// SPDX-License-Identifier: Apache-2.0
import NIOSSL
import Vocabulary

/// Where the host listens, and how to speak to it.
public struct HostAddress: Sendable {
    public var host: String
    public var port: Int
    /// A terminal's own end of TLS, with its certificate. Nil: plain TCP.
    public var tls: TerminalTLS?

    public typealias TerminalTLS = @Sendable (TerminalID) throws -> TLSConfiguration

    public init(host: String, port: Int, tls: TerminalTLS? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}
