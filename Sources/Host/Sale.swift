// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
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
    /// DE 22; 0: not said.
    let entryMode: UInt16
    var card: Card?
    var pin = PINFact.absent
    var chip: ChipFact?
    var hotList: HotListReason?
    /// The cardholder's notice that covers it.
    var notice: AdvanceNotice?
    var proof: StepUpProof?
    var proofHolds = false
    var evaluation: Evaluation?
    /// What the rules that are only watched say.
    var shadow: ShadowVerdict?
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
        entryMode = UInt16(clamping: request.view.number(22) ?? 0)
    }
}
