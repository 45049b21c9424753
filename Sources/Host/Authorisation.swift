// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

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
    /// The number of the notice that covers it; nil for none, and for one from before notices had numbers.
    public var notice: UInt64?
    public var proof: StepUpProof?
    public var answer: StoredAnswer
    /// Nil where the triggers were not asked.
    public var evaluation: Evaluation?
    public var effects: CardEffects
    /// The pass that was used, so that a reversal can give it back.
    public var pass: OneTimePass?
    public var rulesVersion: UInt32
    /// Nil where the request had no chip data.
    public var chip: ChipFact?
    /// DE 22: how the card's number was entered; 0: not said, or from before records kept it.
    public var entryMode: UInt16
    /// What the rules that were only watched would have said.
    public var shadow: ShadowVerdict?

    /// Beside the PIN's fact: the chip's follows.
    private static let chipTag: UInt8 = 0x80
    /// Beside it too: the entry mode and the verdict of watched rules stand at the end.
    private static let entryTag: UInt8 = 0x20
    private static let shadowTag: UInt8 = 0x40
    /// In the place of the flag that a notice covers it: the notice's number follows.
    private static let numberedNotice: UInt8 = 2

    func encode(to writer: inout ByteWriter) {
        usage.encode(to: &writer)
        names.encode(to: &writer)
        writer.optional(card) { $0.card($1) }
        writer.optional(account) { $0.unsigned($1.number) }
        writer.money(amount)
        writer.unsigned(merchant.number)
        writer.unsigned(mcc.code)
        writer.list(goods) { $0.code($1) }
        writer.byte(
            pin.rawValue | (chip == nil ? 0 : Self.chipTag) | (entryMode == 0 ? 0 : Self.entryTag)
                | (shadow == nil ? 0 : Self.shadowTag))
        chip?.encode(to: &writer)
        writer.optional(hotList) { $0.byte($1.rawValue) }
        writer.byte(notice != nil ? Self.numberedNotice : noticeCovers ? 1 : 0)
        if let notice { writer.unsigned(notice) }
        writer.optional(proof) { $0.byte($1.rawValue) }
        answer.encode(to: &writer)
        writer.optional(evaluation) { $1.encode(to: &$0) }
        effects.encode(to: &writer)
        writer.optional(pass) { $1.encode(to: &$0) }
        writer.unsigned(rulesVersion)
        if entryMode != 0 { writer.unsigned(entryMode) }
        shadow?.encode(to: &writer)
    }

    init(
        usage: TerminalUsage, names: MessageNames, card: CardKey?, account: AccountID?, amount: Money,
        merchant: MerchantID, mcc: MCC, goods: [GoodsCode], pin: PINFact, hotList: HotListReason?, noticeCovers: Bool,
        proof: StepUpProof?, answer: StoredAnswer, evaluation: Evaluation?, effects: CardEffects, pass: OneTimePass?,
        rulesVersion: UInt32, chip: ChipFact? = nil, entryMode: UInt16 = 0, shadow: ShadowVerdict? = nil,
        notice: UInt64? = nil
    ) {
        (self.chip, self.entryMode, self.shadow) = (chip, entryMode, shadow)
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
        self.notice = notice == 0 ? nil : notice
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
        let start = reader.offset
        let facts = try reader.byte()
        guard let pin = PINFact(rawValue: facts & ~(Self.chipTag | Self.entryTag | Self.shadowTag)) else {
            throw .invalid(offset: start, what: "PIN fact")
        }
        self.pin = pin
        chip = facts & Self.chipTag == 0 ? nil : try ChipFact(from: &reader)
        hotList = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.raw(HotListReason.self, "hot list reason")
        }
        let covered = reader.offset
        let cover = try reader.byte()
        noticeCovers = cover != 0
        if cover == Self.numberedNotice { notice = try reader.unsigned() }
        guard cover <= Self.numberedNotice, notice != 0 else { throw .invalid(offset: covered, what: "notice") }
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
        let end = reader.offset
        entryMode = facts & Self.entryTag == 0 ? 0 : try reader.unsigned()
        guard (entryMode == 0) == (facts & Self.entryTag == 0) else { throw .invalid(offset: end, what: "entry mode") }
        if facts & Self.shadowTag != 0 { shadow = try ShadowVerdict(from: &reader) }
    }

    /// What the triggers saw, built again for an explanation: the same bytes live and on replay.
    public func facts(at: Instant) -> TransactionFacts? {
        guard let card, let account else { return nil }
        return TransactionFacts(
            card: card, account: account, at: at, amount: amount, terminal: usage.terminal, merchant: merchant,
            mcc: mcc, goods: goods, pin: pin, hotList: hotList, noticeCovers: noticeCovers, notice: notice,
            kind: FactKind(.purchase, mcc: mcc), entry: EntryFact(entryMode: entryMode))
    }
}
