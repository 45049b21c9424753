// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The name of a zone: this host and one other that it shares a PIN key and a MAC key with.
public struct ZoneID: Hashable, Sendable {
    public let name: String
    public init(_ name: String) { self.name = name }
}

/// The command to take a PIN block from the terminal's key to a zone's, inside (PCI PIN; ISO 9564-1:2017 9.5). A part of
/// `OpenCommand`, so that nothing is translated before message and health element have proved themselves (rule R2).
public struct TranslatePIN: Equatable, Sendable {
    /// Where the encrypted PIN block stands in the message.
    public var block: Range<Int>
    public var pan: PAN
    public var zone: ZoneID

    public init(block: Range<Int>, pan: PAN, zone: ZoneID) {
        self.block = block
        self.pan = pan
        self.zone = zone
    }
}

/// What the module does for traffic with other hosts.
public protocol ZoneModulePort: AnyObject {
    /// The message with its MAC at `mac`, over `covered`: the first eight bytes of AES-CMAC under the zone's MAC key.
    /// - Returns: nil for a zone without keys, or ranges outside the message.
    func seal(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> [UInt8]?
    /// Whether the MAC is the zone's.
    func isAuthentic(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> Bool
    /// The PAN for a record.
    func sealPAN(_ pan: PAN) -> [UInt8]
    /// - Returns: nil for what this module has not sealed.
    func openPAN(_ sealed: [UInt8]) -> PAN?
}
