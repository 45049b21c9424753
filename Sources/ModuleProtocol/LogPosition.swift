// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// How far a host has taken the audit log of a terminal's module.
public struct LogPosition: Hashable, Sendable {
    /// The bytes of a head's digest: SHA-256.
    public static let digestLength = 32

    /// The epoch of the last record taken; 0: none has been taken.
    public var epoch: UInt32
    /// The number of the record before the epoch's first one.
    public var origin: UInt32
    /// The number of the last record taken.
    public var index: UInt32
    /// The head after it.
    public var digest: [UInt8]
    /// Behind an authentic record of tampering nothing is authentic any more.
    public var isClosed: Bool
    /// The power-up and the event counter that the last record tells of: neither falls.
    public var boot: UInt32
    public var eventCounter: UInt32

    public init(
        epoch: UInt32, origin: UInt32, index: UInt32, digest: [UInt8], isClosed: Bool, boot: UInt32,
        eventCounter: UInt32
    ) {
        (self.epoch, self.origin, self.index, self.digest) = (epoch, origin, index, digest)
        (self.isClosed, self.boot, self.eventCounter) = (isClosed, boot, eventCounter)
    }

    /// Before the first record.
    public static let none = LogPosition(
        epoch: 0, origin: 0, index: 0, digest: [UInt8](repeating: 0, count: digestLength), isClosed: false, boot: 0,
        eventCounter: 0)

    public func write(to writer: inout ByteWriter) {
        writer.unsigned(epoch)
        writer.unsigned(origin)
        writer.unsigned(index)
        writer.raw(digest)
        writer.flag(isClosed)
        writer.unsigned(boot)
        writer.unsigned(eventCounter)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        epoch = try reader.unsigned()
        origin = try reader.unsigned()
        index = try reader.unsigned()
        digest = try reader.raw(Self.digestLength)
        isClosed = try reader.flag()
        boot = try reader.unsigned()
        eventCounter = try reader.unsigned()
    }
}
