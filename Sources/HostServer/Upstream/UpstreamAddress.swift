// SPDX-License-Identifier: Apache-2.0
import ISO8583
import NIOSSL

/// Where another host listens, and how to speak to it.
public struct UpstreamAddress: Sendable {
    public var host: String
    public var port: Int
    /// What stands before each message.
    public var framing: Framing
    /// This host's end of TLS. Nil: plain TCP.
    public var tls: TLSConfiguration?

    public init(host: String, port: Int, framing: Framing = .binary2, tls: TLSConfiguration? = nil) {
        self.host = host
        self.port = port
        self.framing = framing
        self.tls = tls
    }
}
