// SPDX-License-Identifier: Apache-2.0
import Estate
import Issuer
import Vocabulary

/// A reversal that was accepted: of a sale that stood, of one that did not, or of one not seen yet.
public struct Reversal: Equatable, Sendable {
    public var usage: TerminalUsage
    public var names: MessageNames
    public var originalSTAN: STAN
    public var originalTransmission: UInt64
    /// The sale that stood and no longer does.
    public var card: CardKey?
    public var amount: Money
    public var originalAt: Instant?
    /// Given back to the card.
    public var pass: OneTimePass?
    public var answer: StoredAnswer

    func encode(to writer: inout ByteWriter) {
        usage.encode(to: &writer)
        names.encode(to: &writer)
        writer.unsigned(originalSTAN.number)
        writer.unsigned(originalTransmission)
        writer.optional(card) { $0.card($1) }
        writer.money(amount)
        writer.optional(originalAt) { $0.instant($1) }
        writer.optional(pass) { $1.encode(to: &$0) }
        answer.encode(to: &writer)
    }

    init(
        usage: TerminalUsage, names: MessageNames, originalSTAN: STAN, originalTransmission: UInt64, card: CardKey?,
        amount: Money, originalAt: Instant?, pass: OneTimePass?, answer: StoredAnswer
    ) {
        self.usage = usage
        self.names = names
        self.originalSTAN = originalSTAN
        self.originalTransmission = originalTransmission
        self.card = card
        self.amount = amount
        self.originalAt = originalAt
        self.pass = pass
        self.answer = answer
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        usage = try TerminalUsage(from: &reader)
        names = try MessageNames(from: &reader)
        originalSTAN = STAN(try reader.unsigned())
        originalTransmission = try reader.unsigned()
        card = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.card() }
        amount = try reader.money()
        originalAt = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        pass = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try OneTimePass(from: &reader) }
        answer = try StoredAnswer(from: &reader)
    }
}
