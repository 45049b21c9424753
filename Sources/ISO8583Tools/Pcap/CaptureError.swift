// SPDX-License-Identifier: Apache-2.0
/// Why bytes are not a capture that can be read.
public enum CaptureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No file of classic pcap: another magic number, or too few bytes for the header.
    case notPcap
    /// A link type that is not read.
    case linkType(UInt32)
    /// A packet's header or bytes end behind the file's end; the packet's number from 1.
    case truncated(packet: Int)
    /// More than is read: bytes of the file, packets, streams, or bytes of a stream.
    case tooLarge
    /// No stream has a message of that framing.
    case noMessages

    public var description: String {
        switch self {
        case .notPcap: "no pcap file (pcapng is not read)"
        case .linkType(let type): "link type \(type) is not read"
        case .truncated(let packet): "the file ends inside packet \(packet)"
        case .tooLarge: "more than is read"
        case .noMessages: "no TCP stream has a message"
        }
    }
}
