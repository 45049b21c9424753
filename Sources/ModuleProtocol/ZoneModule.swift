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

/// One generation of a zone's keys: a PIN key and a MAC key that came together.
public struct ZoneKeySet: Equatable, Sendable {
    /// Rises with every exchange; 0: what the module was given before any.
    public var number: UInt32
    /// For the module that made it alone; empty for what was installed.
    public var sealed: [UInt8]
    /// Hexadecimal: three bytes of the PIN key's, five of the MAC key's. They authenticate nothing.
    public var checkValues: String

    public init(number: UInt32, sealed: [UInt8], checkValues: String) {
        (self.number, self.sealed, self.checkValues) = (number, sealed, checkValues)
    }

    /// What the module was given by hand.
    public static let installed = ZoneKeySet(number: 0, sealed: [], checkValues: "")

    public func encode(to writer: inout ByteWriter) {
        writer.unsigned(number)
        writer.sized(sealed)
        writer.text(checkValues)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        self.init(number: try reader.unsigned(), sealed: try reader.sized(), checkValues: try reader.text())
    }
}

/// New keys of a zone, made here or read from what the other host sent.
public struct ZoneKeyOffer: Equatable, Sendable {
    /// For this module alone.
    public var sealed: [UInt8]
    public var checkValues: String
    /// Two key blocks (X9.143:2021) under the zone's protection key, one behind the other: for the other host.
    public var blocks: String

    public init(sealed: [UInt8], checkValues: String, blocks: String) {
        (self.sealed, self.checkValues, self.blocks) = (sealed, checkValues, blocks)
    }
}

/// Why keys of another host are not taken. Nothing has changed.
public enum ZoneKeyError: Error, Equatable, Sendable {
    /// The zone has no protection key, or is not known.
    case noProtectionKey
    /// Not two blocks of that protection key, of a PIN key and a MAC key with their check values; or a weak key.
    case damaged
    /// The module does not answer: the blocks may be shown to it again.
    case unavailable
}

/// What the module does for traffic with other hosts.
///
/// A module that does not answer seals nothing and finds no message authentic.
public protocol ZoneModulePort: AnyObject {
    /// False while the module does not answer: what is due waits, and costs no attempt.
    var isAvailable: Bool { get }
    /// The message with its MAC at `mac`, over `covered`: the first eight bytes of AES-CMAC under the zone's MAC key.
    /// - Returns: nil for a zone without keys, or ranges outside the message.
    func seal(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> [UInt8]?
    /// The number of the zone's key set that the MAC is under; nil for none that is accepted.
    func keyNumber(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> UInt32?
    /// New keys, made inside; nothing is sent or accepted under them before `useKeys` says so.
    /// - Returns: nil for a zone without a protection key.
    func makeKeys(_ zone: ZoneID) throws(ModuleUnavailable) -> ZoneKeyOffer?
    /// Reads the blocks that the other host sent. Changes nothing.
    func readKeys(_ blocks: String, zone: ZoneID) throws(ZoneKeyError) -> ZoneKeyOffer
    /// From now on MACs are accepted under these sets alone, and MACs and PIN blocks are made under one of them.
    /// A module that does not answer gets them as soon as it does.
    /// - Returns: false when one of them cannot be read; the zone has no keys then.
    func useKeys(_ accepted: [ZoneKeySet], sending: UInt32, zone: ZoneID) -> Bool
    /// The PAN for a record.
    func sealPAN(_ pan: PAN) throws(ModuleUnavailable) -> [UInt8]
    /// - Returns: nil for what this module has not sealed.
    func openPAN(_ sealed: [UInt8]) throws(ModuleUnavailable) -> PAN?
}

extension ZoneModulePort {
    public var isAvailable: Bool { true }

    /// Whether the MAC is the zone's.
    public func isAuthentic(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> Bool {
        keyNumber(message, covered: covered, mac: mac, zone: zone) != nil
    }
}
