// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// How another host knows a transaction: what DE 37 and DE 90 say of it.
public struct UpstreamName: Equatable, Sendable {
    /// The place of the destination among the host's.
    public var destination: UInt8
    /// DE 37.
    public var id: UInt64
    /// The type of the message that brought it there: 0100, 0200, or an advice's, 0120 or 0220.
    public var messageType: UInt16
    /// DE 11.
    public var stan: UInt32
    /// Its time, DE 7.
    public var at: Instant
    /// In whose order what belongs to it is stored.
    public var lane: UInt64

    /// What tells an advice's type from its request's (ISO 8583:1987 4.1).
    static let advice: UInt16 = 0x0020

    /// Whether it was approved here and told there: then whatever refers to it is told there behind it.
    public var isAdvice: Bool { messageType & Self.advice != 0 }

    func encode(to writer: inout ByteWriter) {
        writer.byte(destination)
        writer.unsigned(id)
        writer.unsigned(messageType)
        writer.unsigned(stan)
        writer.instant(at)
        writer.unsigned(lane)
    }

    init(destination: UInt8, id: UInt64, messageType: UInt16, stan: UInt32, at: Instant, lane: UInt64) {
        (self.destination, self.id, self.messageType) = (destination, id, messageType)
        (self.stan, self.at, self.lane) = (stan, at, lane)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        destination = try reader.byte()
        id = try reader.unsigned()
        messageType = try reader.unsigned()
        stan = try reader.unsigned()
        at = try reader.instant()
        lane = try reader.unsigned()
    }
}

/// What a forward refers to.
public struct ForwardOriginal: Equatable, Sendable {
    /// Its reference here.
    public var rrn: RRN
    public var approvalCode: UInt32
    public var name: UpstreamName

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(rrn.number)
        writer.unsigned(approvalCode)
        name.encode(to: &writer)
    }

    init(rrn: RRN, approvalCode: UInt32, name: UpstreamName) {
        (self.rrn, self.approvalCode, self.name) = (rrn, approvalCode, name)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        rrn = RRN(try reader.unsigned())
        approvalCode = try reader.unsigned()
        name = try UpstreamName(from: &reader)
    }
}
