// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// What became known of a transaction elsewhere than at a case: from a file of chargebacks, or at another desk. What a
/// case's answer says follows from the case and has no record of its own.
public struct LabelRecord: Equatable, Sendable {
    /// The reference of the transaction's answer.
    public var rrn: RRN
    public var verdict: TransactionLabel.Verdict
    public var card: CardKey
    public var terminal: TerminalID
    public var merchant: MerchantID
    public var amount: Money
    /// The event time of the transaction.
    public var at: Instant
    public var by: StaffID

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(rrn.number)
        writer.byte(verdict.rawValue)
        writer.card(card)
        writer.code(terminal)
        writer.unsigned(merchant.number)
        writer.money(amount)
        writer.instant(at)
        writer.code(by)
    }

    init(
        rrn: RRN, verdict: TransactionLabel.Verdict, card: CardKey, terminal: TerminalID, merchant: MerchantID,
        amount: Money, at: Instant, by: StaffID
    ) {
        (self.rrn, self.verdict, self.card, self.terminal) = (rrn, verdict, card, terminal)
        (self.merchant, self.amount, self.at, self.by) = (merchant, amount, at, by)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        rrn = RRN(try reader.unsigned())
        verdict = try reader.raw(TransactionLabel.Verdict.self, "verdict of a transaction")
        card = try reader.card()
        terminal = try reader.code()
        merchant = MerchantID(number: try reader.unsigned())
        amount = try reader.money()
        at = try reader.instant()
        by = try reader.code()
    }
}

/// Why a verdict about a transaction was refused.
public enum LabelRefusal: Error, Equatable, Sendable {
    /// Neither the ledger nor a case has a transaction of this reference.
    case unknownTransaction
    /// It has a verdict; another one needs that to be withdrawn first.
    case alreadyLabelled
    /// There is no verdict to withdraw.
    case notLabelled
}
