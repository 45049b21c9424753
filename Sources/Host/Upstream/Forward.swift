// SPDX-License-Identifier: Apache-2.0
import Estate
import Interchange
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// A purchase that another host decides: what its record holds, and so all that is needed to reverse it (rule R6: no clear
/// PAN, no PIN block). The number of its record is its name, here and in DE 37 upstream.
public struct Forward: Equatable, Sendable {
    /// The place of the destination among the host's.
    public var destination: UInt8
    public var usage: TerminalUsage
    public var names: MessageNames
    public var card: CardKey
    public var sealedPAN: [UInt8]
    public var expiry: UInt16?
    public var amount: Money
    public var merchant: MerchantID
    public var mcc: MCC
    public var goods: [GoodsCode]
    /// DE 22.
    public var entryMode: UInt16
    public var hasPIN: Bool

    /// The account that stands in the ledger for one at another issuer.
    static let account = AccountID(.max)

    /// What the triggers see.
    func facts(at: Instant, account: AccountID = Self.account) -> TransactionFacts {
        TransactionFacts(
            card: card, account: account, at: at, amount: amount, terminal: usage.terminal, merchant: merchant,
            mcc: mcc,
            goods: goods, pin: hasPIN ? .untried : .absent, hotList: nil, noticeCovers: false)
    }

    func encode(to writer: inout ByteWriter) {
        writer.byte(destination)
        usage.encode(to: &writer)
        names.encode(to: &writer)
        writer.card(card)
        writer.sized(sealedPAN)
        writer.optional(expiry) { $0.unsigned($1) }
        writer.money(amount)
        writer.unsigned(merchant.number)
        writer.unsigned(mcc.code)
        writer.list(goods) { $0.code($1) }
        writer.unsigned(entryMode)
        writer.flag(hasPIN)
    }

    init(
        destination: UInt8, usage: TerminalUsage, names: MessageNames, card: CardKey, sealedPAN: [UInt8],
        expiry: UInt16?, amount: Money, merchant: MerchantID, mcc: MCC, goods: [GoodsCode], entryMode: UInt16,
        hasPIN: Bool
    ) {
        (self.destination, self.usage, self.names, self.card) = (destination, usage, names, card)
        (self.sealedPAN, self.expiry, self.amount, self.merchant) = (sealedPAN, expiry, amount, merchant)
        (self.mcc, self.goods, self.entryMode, self.hasPIN) = (mcc, goods, entryMode, hasPIN)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        destination = try reader.byte()
        usage = try TerminalUsage(from: &reader)
        names = try MessageNames(from: &reader)
        card = try reader.card()
        sealedPAN = try reader.sized()
        expiry = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        amount = try reader.money()
        merchant = MerchantID(number: try reader.unsigned())
        mcc = MCC(try reader.unsigned())
        goods = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.code() }
        entryMode = try reader.unsigned()
        hasPIN = try reader.flag()
    }
}

/// A forward by its name and time.
public struct NamedForward: Equatable, Sendable {
    public var id: UInt64
    public var at: Instant
    public var forward: Forward

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(id)
        writer.instant(at)
        forward.encode(to: &writer)
    }

    init(id: UInt64, at: Instant, forward: Forward) {
        (self.id, self.at, self.forward) = (id, at, forward)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        id = try reader.unsigned()
        at = try reader.instant()
        forward = try Forward(from: &reader)
    }
}

/// How a forward ended, and what the terminal is told.
public struct ForwardEnd: Equatable, Sendable {
    public var forward: UInt64
    public var outcome: ExchangeOutcome
    /// Whether the other host approved: what the terminal has taken back meanwhile is reversed then.
    public var isApproved: Bool
    public var answer: StoredAnswer

    private static let outcomes: [ExchangeOutcome] = [.answered, .notSent, .notAnswered, .disconnectedAfterSend]

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(forward)
        writer.byte(UInt8(Self.outcomes.firstIndex(of: outcome) ?? 0))
        writer.flag(isApproved)
        answer.encode(to: &writer)
    }

    init(forward: UInt64, outcome: ExchangeOutcome, isApproved: Bool, answer: StoredAnswer) {
        (self.forward, self.outcome, self.isApproved, self.answer) = (forward, outcome, isApproved, answer)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        forward = try reader.unsigned()
        let start = reader.offset
        let number = Int(try reader.byte())
        guard Self.outcomes.indices.contains(number) else { throw .invalid(offset: start, what: "outcome") }
        outcome = Self.outcomes[number]
        isApproved = try reader.flag()
        answer = try StoredAnswer(from: &reader)
    }
}

/// What must reach a destination, as it is stored for it.
struct StoredMessage: Equatable {
    enum Kind: UInt8, CaseIterable {
        /// 0420, 0421.
        case reversal = 1
        /// 0220, 0221: what was approved in the destination's place.
        case advice = 2
    }

    var kind: Kind
    var named: NamedForward
    /// An advice's approval code.
    var approvalCode: UInt32

    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 160)
        writer.byte(kind.rawValue)
        writer.unsigned(approvalCode)
        named.encode(to: &writer)
        return writer.bytes
    }

    init(_ kind: Kind, _ named: NamedForward, approvalCode: UInt32 = 0) {
        (self.kind, self.named, self.approvalCode) = (kind, named, approvalCode)
    }

    init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        kind = try reader.raw(Kind.self, "kind of stored message")
        approvalCode = try reader.unsigned()
        named = try NamedForward(from: &reader)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of stored message") }
    }
}
