// SPDX-License-Identifier: Apache-2.0
import Estate
import Vocabulary

/// An authentic request that went no further than authentication and health.
public struct Refusal: Equatable, Sendable {
    public var usage: TerminalUsage
    public var names: MessageNames
    /// Message type of the request without its repeat digit: 0200, 0400, 0620, 0800.
    public var kind: UInt16
    public var amount: Money
    public var answer: StoredAnswer

    func encode(to writer: inout ByteWriter) {
        usage.encode(to: &writer)
        names.encode(to: &writer)
        writer.unsigned(kind)
        writer.money(amount)
        answer.encode(to: &writer)
    }

    init(usage: TerminalUsage, names: MessageNames, kind: UInt16, amount: Money, answer: StoredAnswer) {
        self.usage = usage
        self.names = names
        self.kind = kind
        self.amount = amount
        self.answer = answer
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        usage = try TerminalUsage(from: &reader)
        names = try MessageNames(from: &reader)
        kind = try reader.unsigned()
        amount = try reader.money()
        answer = try StoredAnswer(from: &reader)
    }
}

/// What the host needs to answer a repeated report.
public struct RememberedReport: Equatable, Sendable {
    public var names: MessageNames
    public var answer: StoredAnswer

    func encode(to writer: inout ByteWriter) {
        names.encode(to: &writer)
        answer.encode(to: &writer)
    }

    init(names: MessageNames, answer: StoredAnswer) {
        self.names = names
        self.answer = answer
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        names = try MessageNames(from: &reader)
        answer = try StoredAnswer(from: &reader)
    }
}

/// The names by which one message is known again.
public struct MessageNames: Equatable, Sendable {
    public var key: TransactionKey
    /// DE 7.
    public var transmission: UInt64

    public init(key: TransactionKey, transmission: UInt64) {
        self.key = key
        self.transmission = transmission
    }

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(key.stan.number)
        writer.unsigned(key.localTime)
        writer.unsigned(transmission)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let stan = STAN(try reader.unsigned())
        key = TransactionKey(stan: stan, localTime: try reader.unsigned())
        transmission = try reader.unsigned()
    }
}
