// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// A decided transaction of any kind but a purchase, whose record is older and stays as it is.
public struct CardTransaction: Equatable, Sendable {
    public var kind: TransactionKind
    /// What it has in common with a purchase; its effects debit nothing.
    public var sale: Authorisation
    /// The reference of the transaction it refers to.
    public var original: RRN?
    /// What it does to the account; none when it was refused.
    public var movement: Movement

    func encode(to writer: inout ByteWriter) {
        writer.byte(kind.rawValue)
        sale.encode(to: &writer)
        writer.optional(original) { $0.unsigned($1.number) }
        movement.encode(to: &writer)
    }

    init(kind: TransactionKind, sale: Authorisation, original: RRN?, movement: Movement) {
        self.kind = kind
        self.sale = sale
        self.original = original
        self.movement = movement
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        kind = try reader.raw(TransactionKind.self, "kind of transaction")
        sale = try Authorisation(from: &reader)
        original = try reader.optional { (reader: inout ByteReader) throws(CodecError) in RRN(try reader.unsigned()) }
        movement = try Movement(from: &reader)
    }

    /// What the triggers saw: nil for a kind that refers to another transaction, which they have seen; of those only a refund
    /// is one of its own.
    public func facts(at: Instant) -> TransactionFacts? {
        guard !kind.hasOriginal || kind == .refund, var facts = sale.facts(at: at) else { return nil }
        facts.kind = FactKind(kind, mcc: sale.mcc)
        return facts
    }
}

/// A reversal of any kind but a purchase.
public struct TransactionReversal: Equatable, Sendable {
    public var kind: TransactionKind
    public var reversal: Reversal
    /// The reference of what was reversed; nil when nothing stood.
    public var reversed: RRN?
    /// What gives back what it did.
    public var movement: Movement

    func encode(to writer: inout ByteWriter) {
        writer.byte(kind.rawValue)
        reversal.encode(to: &writer)
        writer.optional(reversed) { $0.unsigned($1.number) }
        movement.encode(to: &writer)
    }

    init(kind: TransactionKind, reversal: Reversal, reversed: RRN?, movement: Movement) {
        self.kind = kind
        self.reversal = reversal
        self.reversed = reversed
        self.movement = movement
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        kind = try reader.raw(TransactionKind.self, "kind of transaction")
        reversal = try Reversal(from: &reader)
        reversed = try reader.optional { (reader: inout ByteReader) throws(CodecError) in RRN(try reader.unsigned()) }
        movement = try Movement(from: &reader)
    }
}
