// SPDX-License-Identifier: Apache-2.0
import NIOSSL

/// Where the host listens, and how to speak to it.
public struct HostAddress: Sendable {
    public var host: String
    public var port: Int
    /// Nil: plain TCP.
    public var tls: TLSConfiguration?

    public init(host: String, port: Int, tls: TLSConfiguration? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}
