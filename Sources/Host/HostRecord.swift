// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// One line of the journal: what happened, when, and everything `apply` needs to make it so again.
///
/// It holds no frame, track, CVV, PIN block or clear PAN (rule R6). Every kind is final once written: a new shape takes
/// a new kind, and old journals decode for ever.
public struct HostRecord: Equatable, Sendable {
    public var at: Instant
    public var body: Body

    public init(at: Instant, _ body: Body) {
        self.at = at
        self.body = body
    }

    public enum Body: Equatable, Sendable {
        case estate(EstateRecord)
        case issuer(IssuerRecord)
        case rulesReplaced(text: String, by: StaffID)
        case authorisation(Authorisation)
        case reversal(Reversal)
        /// An authentic message that was refused before any card was looked at.
        case refusal(Refusal)
        /// A repeat under a fresh KSN that got the stored answer.
        case repeated(TerminalUsage)
        /// A warning report by an authentic message; its answer is remembered for a repeat.
        case report(EstateRecord, RememberedReport)
    }

    public static let version: UInt8 = 1

    private enum Kind: UInt8 {
        case estate = 1, issuer, rulesReplaced, authorisation, reversal, refusal, repeated, report
    }

    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 192)
        writer.byte(Self.version)
        writer.instant(at)
        switch body {
        case .estate(let record):
            writer.byte(Kind.estate.rawValue)
            record.encode(to: &writer)
        case .issuer(let record):
            writer.byte(Kind.issuer.rawValue)
            record.encode(to: &writer)
        case .rulesReplaced(let text, let staff):
            writer.byte(Kind.rulesReplaced.rawValue)
            writer.text(text)
            writer.code(staff)
        case .authorisation(let record):
            writer.byte(Kind.authorisation.rawValue)
            record.encode(to: &writer)
        case .reversal(let record):
            writer.byte(Kind.reversal.rawValue)
            record.encode(to: &writer)
        case .refusal(let record):
            writer.byte(Kind.refusal.rawValue)
            record.encode(to: &writer)
        case .repeated(let usage):
            writer.byte(Kind.repeated.rawValue)
            usage.encode(to: &writer)
        case .report(let record, let remembered):
            writer.byte(Kind.report.rawValue)
            record.encode(to: &writer)
            remembered.encode(to: &writer)
        }
        return writer.bytes
    }

    /// - Throws: `CodecError` for anything but exactly one encoded record.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .invalid(offset: 0, what: "record version") }
        at = try reader.instant()
        let start = reader.offset
        guard let kind = Kind(rawValue: try reader.byte()) else { throw .invalid(offset: start, what: "record kind") }
        switch kind {
        case .estate: body = .estate(try EstateRecord(from: &reader))
        case .issuer: body = .issuer(try IssuerRecord(from: &reader))
        case .rulesReplaced: body = .rulesReplaced(text: try reader.text(), by: try reader.code())
        case .authorisation: body = .authorisation(try Authorisation(from: &reader))
        case .reversal: body = .reversal(try Reversal(from: &reader))
        case .refusal: body = .refusal(try Refusal(from: &reader))
        case .repeated: body = .repeated(try TerminalUsage(from: &reader))
        case .report:
            let record = try EstateRecord(from: &reader)
            body = .report(record, try RememberedReport(from: &reader))
        }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of record") }
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

/// A sale that was decided, whichever way.
public struct Authorisation: Equatable, Sendable {
    public var usage: TerminalUsage
    public var names: MessageNames
    /// Nil: no card of this issuer.
    public var card: CardKey?
    public var account: AccountID?
    public var amount: Money
    public var merchant: MerchantID
    public var mcc: MCC
    public var goods: [GoodsCode]
    public var pin: PINFact
    public var hotList: HotListReason?
    public var noticeCovers: Bool
    public var proof: StepUpProof?
    public var answer: StoredAnswer
    /// Nil where the triggers were not asked.
    public var evaluation: Evaluation?
    public var effects: CardEffects
    /// The pass that was used, so that a reversal can give it back.
    public var pass: OneTimePass?
    public var rulesVersion: UInt32

    func encode(to writer: inout ByteWriter) {
        usage.encode(to: &writer)
        names.encode(to: &writer)
        writer.optional(card) { $0.card($1) }
        writer.optional(account) { $0.unsigned($1.number) }
        writer.money(amount)
        writer.unsigned(merchant.number)
        writer.unsigned(mcc.code)
        writer.list(goods) { $0.code($1) }
        writer.byte(pin.rawValue)
        writer.optional(hotList) { $0.byte($1.rawValue) }
        writer.flag(noticeCovers)
        writer.optional(proof) { $0.byte($1.rawValue) }
        answer.encode(to: &writer)
        writer.optional(evaluation) { $1.encode(to: &$0) }
        effects.encode(to: &writer)
        writer.optional(pass) { $1.encode(to: &$0) }
        writer.unsigned(rulesVersion)
    }

    init(
        usage: TerminalUsage, names: MessageNames, card: CardKey?, account: AccountID?, amount: Money,
        merchant: MerchantID, mcc: MCC, goods: [GoodsCode], pin: PINFact, hotList: HotListReason?, noticeCovers: Bool,
        proof: StepUpProof?, answer: StoredAnswer, evaluation: Evaluation?, effects: CardEffects, pass: OneTimePass?,
        rulesVersion: UInt32
    ) {
        self.usage = usage
        self.names = names
        self.card = card
        self.account = account
        self.amount = amount
        self.merchant = merchant
        self.mcc = mcc
        self.goods = goods
        self.pin = pin
        self.hotList = hotList
        self.noticeCovers = noticeCovers
        self.proof = proof
        self.answer = answer
        self.evaluation = evaluation
        self.effects = effects
        self.pass = pass
        self.rulesVersion = rulesVersion
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        usage = try TerminalUsage(from: &reader)
        names = try MessageNames(from: &reader)
        card = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.card() }
        account = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            AccountID(try reader.unsigned())
        }
        amount = try reader.money()
        merchant = MerchantID(number: try reader.unsigned())
        mcc = MCC(try reader.unsigned())
        goods = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.code() }
        pin = try reader.raw(PINFact.self, "PIN fact")
        hotList = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.raw(HotListReason.self, "hot list reason")
        }
        noticeCovers = try reader.flag()
        proof = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.raw(StepUpProof.self, "proof")
        }
        answer = try StoredAnswer(from: &reader)
        evaluation = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try Evaluation(from: &reader)
        }
        effects = try CardEffects(from: &reader)
        pass = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try OneTimePass(from: &reader) }
        rulesVersion = try reader.unsigned()
    }

    /// What the triggers saw, built again for an explanation: the same bytes live and on replay.
    public func facts(at: Instant) -> TransactionFacts? {
        guard let card, let account else { return nil }
        return TransactionFacts(
            card: card, account: account, at: at, amount: amount, terminal: usage.terminal, merchant: merchant,
            mcc: mcc, goods: goods, pin: pin, hotList: hotList, noticeCovers: noticeCovers)
    }
}

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
