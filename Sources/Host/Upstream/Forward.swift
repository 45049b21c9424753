// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Interchange
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// A transaction that another host decides: what its record holds, and so all that is needed to reverse it (rule R6: no
/// clear PAN, no PIN block). The number of its record is its name, here and in DE 37 upstream.
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
    public var kind: TransactionKind
    /// What a void, a refund or a completion refers to.
    public var original: ForwardOriginal?
    /// What the triggers said, where any rule spoke.
    public var verdict: ForwardVerdict?

    /// Whether the form that records had while only purchases were forwarded says all of it.
    var isPlain: Bool { kind == .purchase && original == nil && verdict == nil }
    /// Beside the kind: what the triggers said stands at the end.
    private static let verdictTag: UInt8 = 0x80

    /// Stored messages of one lane leave in order: what refers to a transaction follows it, whatever terminal it is of.
    var lane: UInt64 { original?.name.lane ?? usage.terminal.packed }

    /// The account that stands in the ledger for one at another issuer.
    public static let account = AccountID(.max)

    /// What the triggers see.
    public func facts(at: Instant, account: AccountID = Self.account) -> TransactionFacts {
        TransactionFacts(
            card: card, account: account, at: at, amount: amount, terminal: usage.terminal, merchant: merchant,
            mcc: mcc, goods: goods, pin: hasPIN ? .untried : .absent, hotList: nil, noticeCovers: false,
            kind: FactKind(kind, mcc: mcc), entry: EntryFact(entryMode: entryMode))
    }

    /// - Parameter hasKind: false for the form of purchases alone.
    func encode(to writer: inout ByteWriter, hasKind: Bool) {
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
        guard hasKind else { return }
        writer.byte(kind.rawValue | (verdict == nil ? 0 : Self.verdictTag))
        writer.optional(original) { $1.encode(to: &$0) }
        verdict?.encode(to: &writer)
    }

    init(
        destination: UInt8, usage: TerminalUsage, names: MessageNames, card: CardKey, sealedPAN: [UInt8],
        expiry: UInt16?, amount: Money, merchant: MerchantID, mcc: MCC, goods: [GoodsCode], entryMode: UInt16,
        hasPIN: Bool, kind: TransactionKind = .purchase, original: ForwardOriginal? = nil
    ) {
        (self.destination, self.usage, self.names, self.card) = (destination, usage, names, card)
        (self.sealedPAN, self.expiry, self.amount, self.merchant) = (sealedPAN, expiry, amount, merchant)
        (self.mcc, self.goods, self.entryMode, self.hasPIN) = (mcc, goods, entryMode, hasPIN)
        (self.kind, self.original) = (kind, original)
    }

    init(from reader: inout ByteReader, hasKind: Bool) throws(CodecError) {
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
        kind = .purchase
        guard hasKind else { return }
        let start = reader.offset
        let marks = try reader.byte()
        guard let kind = TransactionKind(rawValue: marks & ~Self.verdictTag) else {
            throw .invalid(offset: start, what: "kind of transaction")
        }
        self.kind = kind
        original = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try ForwardOriginal(from: &reader)
        }
        if marks & Self.verdictTag != 0 { verdict = try ForwardVerdict(from: &reader) }
    }

    /// Without what only its decision needs.
    var concluded: Forward {
        var forward = self
        forward.verdict = nil
        return forward
    }
}

/// A forward by its name and time.
public struct NamedForward: Equatable, Sendable {
    public var id: UInt64
    public var at: Instant
    public var forward: Forward

    func encode(to writer: inout ByteWriter, hasKind: Bool = true) {
        writer.unsigned(id)
        writer.instant(at)
        forward.encode(to: &writer, hasKind: hasKind)
    }

    init(id: UInt64, at: Instant, forward: Forward) {
        (self.id, self.at, self.forward) = (id, at, forward)
    }

    /// How the other host knows it after its request.
    var nameOfRequest: UpstreamName {
        UpstreamName(
            destination: forward.destination, id: id, messageType: forward.kind.messageType,
            stan: UInt32(UpstreamMessages.stan(id)), at: at, lane: forward.lane)
    }

    /// How it knows it after the advice that is stored under this number.
    func name(ofAdvice message: UInt64) -> UpstreamName {
        UpstreamName(
            destination: forward.destination, id: id, messageType: forward.kind.messageType | UpstreamName.advice,
            stan: UInt32(UpstreamMessages.stan(message)), at: at, lane: forward.lane)
    }

    init(from reader: inout ByteReader, hasKind: Bool = true) throws(CodecError) {
        id = try reader.unsigned()
        at = try reader.instant()
        forward = try Forward(from: &reader, hasKind: hasKind)
    }
}
