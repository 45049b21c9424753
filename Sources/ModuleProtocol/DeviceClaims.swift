// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What evidence says of the device itself: what runs on it, where it is, which keys it holds.
public struct DeviceClaims: Equatable, Sendable {
    /// The maker's number of the model and its hardware revision: what the compatibility matrix asks about (C01).
    public var model: UInt16
    public var revision: UInt16
    /// Rises with every start. One that falls back is a restored or a second module (K04).
    public var bootCount: UInt32
    /// SHA-256 of the module's executable as it measured itself; empty where it could not (T03).
    public var firmwareDigest: [UInt8]
    /// SHA-256 of the POS application as the module measured it; empty where it could not (P01, T03).
    public var applicationDigest: [UInt8]
    /// A debugger may attach, or the firmware is a development build (T03).
    public var isDebuggable: Bool
    /// Where the device finds itself, if it can tell (T04).
    public var position: Position?
    /// What the terminal is bound to, as the last ticket said; 0: never told (A05).
    public var binding: UInt64
    /// The index of the audit log's newest record, whose head is `EvidenceClaims.auditHead`.
    public var logIndex: UInt32
    /// Up to this record of the sealed journal no intent is open: the host needs none of them any more.
    public var journalIndex: UInt32
    /// In ascending order of slots (K02).
    public var inventory: [KeyEntry]

    /// A key that the module holds.
    public struct KeyEntry: Equatable, Sendable {
        /// The number of the slot in the module.
        public var slot: UInt8
        /// Three bytes; empty for a key that has no check value.
        public var checkValue: [UInt8]

        public init(slot: UInt8, checkValue: [UInt8]) {
            self.slot = slot
            self.checkValue = checkValue
        }
    }

    public static let inventoryMax = 16

    public init(
        model: UInt16, revision: UInt16, bootCount: UInt32, firmwareDigest: [UInt8], applicationDigest: [UInt8],
        isDebuggable: Bool, position: Position?, binding: UInt64, logIndex: UInt32, journalIndex: UInt32,
        inventory: [KeyEntry]
    ) {
        (self.model, self.revision, self.bootCount) = (model, revision, bootCount)
        (self.firmwareDigest, self.applicationDigest) = (firmwareDigest, applicationDigest)
        (self.isDebuggable, self.position, self.binding) = (isDebuggable, position, binding)
        (self.logIndex, self.journalIndex, self.inventory) = (logIndex, journalIndex, inventory)
    }

    public func write(to writer: inout ByteWriter) {
        writer.unsigned(model)
        writer.unsigned(revision)
        writer.unsigned(bootCount)
        writer.sized(firmwareDigest)
        writer.sized(applicationDigest)
        writer.flag(isDebuggable)
        writer.optional(position) { $1.write(to: &$0) }
        writer.word(binding)
        writer.unsigned(logIndex)
        writer.unsigned(journalIndex)
        writer.list(inventory) { writer, entry in
            writer.byte(entry.slot)
            writer.sized(entry.checkValue)
        }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        model = try reader.unsigned()
        revision = try reader.unsigned()
        bootCount = try reader.unsigned()
        firmwareDigest = try reader.sized()
        applicationDigest = try reader.sized()
        isDebuggable = try reader.flag()
        position = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try Position(from: &reader)
        }
        binding = try reader.word()
        logIndex = try reader.unsigned()
        journalIndex = try reader.unsigned()
        let start = reader.offset
        inventory = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            KeyEntry(slot: try reader.byte(), checkValue: try reader.sized())
        }
        guard inventory.count <= Self.inventoryMax else { throw .invalid(offset: start, what: "key inventory") }
    }
}
