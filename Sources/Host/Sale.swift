// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// A sale on its way through the checks.
struct Sale {
    let kind: TransactionKind
    let request: Request
    let usage: TerminalUsage
    let merchantID: MerchantID
    let merchant: Merchant
    let now: Instant
    var card: Card?
    var pin = PINFact.absent
    var chip: ChipFact?
    var hotList: HotListReason?
    var noticeCovers = false
    var proof: StepUpProof?
    var proofHolds = false
    var evaluation: Evaluation?
    var effects = CardEffects(pin: .untried, debit: 0)
    var pass: OneTimePass?
    /// The cardholder has confirmed this purchase: a pass covers it.
    var isConfirmed = false
    var movement = Movement.none
    /// What it refers to.
    var original: RRN?

    init(
        kind: TransactionKind, request: Request, usage: TerminalUsage, merchantID: MerchantID, merchant: Merchant,
        now: Instant
    ) {
        self.kind = kind
        self.request = request
        self.usage = usage
        self.merchantID = merchantID
        self.merchant = merchant
        self.now = now
    }

    mutating func evaluate(by triggers: Triggers) {
        guard let key = request.cardKey, let card else { return }
        evaluation = triggers.evaluate(
            TransactionFacts(
                card: key, account: card.account, at: now, amount: request.amount, terminal: request.terminal,
                merchant: merchantID, mcc: merchant.mcc, goods: request.goods, pin: pin, hotList: hotList,
                noticeCovers: noticeCovers, kind: kind == .balance ? .other : .purchase))
    }
}
