// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// What a sealed record says of a transaction that is about to be sent: what the host finds it by, and no card.
public struct JournalIntent: Equatable, Sendable {
    public var kind: TransactionKind
    public var stan: STAN
    public var amount: Money
    /// DE 7, 12 and 13 of the transaction.
    public var at: Instant
    /// The transaction that it refers to, where its reference is known.
    public var original: RRN?

    private static let version: UInt8 = 1

    public init(kind: TransactionKind, stan: STAN, amount: Money, at: Instant, original: RRN? = nil) {
        (self.kind, self.stan, self.amount, self.at, self.original) = (kind, stan, amount, at, original)
    }

    /// DE 7, and DE 13 and 12, as one number: `MMDDhhmmss`.
    public var transmission: UInt64 {
        let time = CalendarTime(at)
        return UInt64(time.month * 100 + time.day) * 1_000_000
            + UInt64(time.hour * 10_000 + time.minute * 100 + time.second)
    }

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 32)
        writer.byte(Self.version)
        write(to: &writer)
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one encoded intent.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "intent version") }
        try self.init(from: &reader)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of intent") }
    }

    public func write(to writer: inout ByteWriter) {
        writer.byte(kind.rawValue)
        writer.unsigned(stan.number)
        writer.money(amount)
        writer.instant(at)
        writer.optional(original) { $0.unsigned($1.number) }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        kind = try reader.raw(TransactionKind.self, "kind of transaction")
        stan = STAN(try reader.unsigned())
        amount = try reader.money()
        at = try reader.instant()
        original = try reader.optional { (reader: inout ByteReader) throws(CodecError) in RRN(try reader.unsigned()) }
    }
}
