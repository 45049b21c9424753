// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// What the triggers are told of a transaction.
///
/// Category, place and local time come from the estate's record (rule R13), when a transaction is judged and again when its
/// record is applied: the estate stands at the same record in every process.
extension Host {
    /// Asks the triggers about a sale.
    func evaluate(_ sale: inout Sale) {
        guard let key = sale.request.cardKey, let card = sale.card else { return }
        let request = sale.request
        var facts = TransactionFacts(
            card: key, account: card.account, at: sale.now, amount: request.amount, terminal: request.terminal,
            merchant: sale.merchantID, mcc: sale.merchant.mcc, goods: request.goods, pin: sale.pin,
            hotList: sale.hotList, noticeCovers: sale.notice != nil, notice: sale.notice?.number,
            kind: FactKind(sale.kind, mcc: sale.merchant.mcc), entry: EntryFact(entryMode: sale.entryMode),
            pinTries: card.wrongPINs)
        complete(&facts)
        (sale.evaluation, sale.shadow) = judge(facts)
    }

    /// Asks them about a transaction that another host decides.
    func evaluate(_ forward: Forward, at now: Instant) -> ForwardVerdict {
        let card = issuer.cards[forward.card]
        var facts = forward.facts(at: now, account: card?.account ?? Forward.account)
        facts.pinTries = card?.wrongPINs ?? 0
        complete(&facts)
        let (verdict, shadow) = judge(facts)
        return ForwardVerdict(evaluation: verdict, rulesVersion: rulesVersion, shadow: shadow)
    }

    /// What the windows take in of a transaction whose outcome is on record.
    mutating func takeIntoWindows(_ facts: TransactionFacts, _ intent: Intent) {
        var facts = facts
        complete(&facts)
        triggers.apply(WindowEvent(facts: facts, outcome: WindowOutcome(intent)))
    }

    /// What the estate knows of merchant and terminal.
    func complete(_ facts: inout TransactionFacts) {
        if let id = facts.merchant {
            facts.place = estate.merchants[id]?.place
            facts.offset = estate.policy.terms[id]?.offset ?? 0
        }
        facts.warnings = (estate.terminals[facts.terminal]?.warnings ?? []).reduce(0) { $0 | $1.code.factBit }
    }
}

extension WarningCode {
    /// A bit of its own, in the catalogue's order.
    var factBit: UInt64 { Self.allCases.firstIndex(of: self).map { 1 << UInt64($0) } ?? 0 }
}

extension FactKind {
    /// What manual cash disbursements and cash machines are categorised as (ISO 18245).
    private static let cashCategories = [MCC(6_010), MCC(6_011)]

    /// A pre-authorisation is judged like the purchase it will become.
    init(_ kind: TransactionKind, mcc: MCC) {
        switch kind {
        case .balance: self = .other
        case .refund: self = .refund
        default: self = Self.cashCategories.contains(mcc) ? .cash : .purchase
        }
    }
}

extension EntryFact {
    /// - Parameter entryMode: DE 22 (ISO 8583:1987): how the number was entered in its first two digits, PIN capability in
    ///   the third; 0: not said.
    init(entryMode: UInt16) {
        switch entryMode / 10 {
        case 1, 10, 81: self = .manual
        case 2, 90: self = .stripe
        case 5, 95: self = .chip
        case 7, 91: self = .contactless
        case 80: self = .fallback
        default: self = .unknown
        }
    }
}

extension WindowOutcome {
    /// What an answer makes of a transaction.
    init(_ intent: Intent) {
        switch intent {
        case .approved: self = .approved
        case .callIssuer, .additionalProofRequired: self = .pending
        default: self = .declined
        }
    }
}
