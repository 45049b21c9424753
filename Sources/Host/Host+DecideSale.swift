// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

extension Host {
    /// Card status → cryptogram → PIN → triggers → account (rule R2). Authentication and health are behind us. A pre-authorisation is
    /// judged like the purchase it will become; a balance needs its PIN, and money is nothing to it.
    func decideSale(
        _ request: Request, _ verdict: OpenVerdict, _ usage: TerminalUsage, _ terminal: EstateTerminal,
        _ kind: TransactionKind, now: Instant
    ) -> Decision {
        guard let merchant = estate.merchants[terminal.merchant] else {
            return refuse(.unknownMerchant, request, usage, now: now)
        }
        var sale = Sale(
            kind: kind, request: request, usage: usage, merchantID: terminal.merchant, merchant: merchant, now: now)
        if !request.chip.isEmpty { sale.chip = ChipFact(finding: .unverified) }
        guard let key = request.cardKey, let card = issuer.cards[key] else {
            return conclude(sale, .unknownCard)
        }
        // The verdict was given for this version of the card, or it is asked for again.
        guard request.cardVersion == card.version else { return .askAgain }
        sale.card = card
        sale.notice = issuer.notice(covering: request.amount, merchant.mcc, of: card, at: now, place: merchant.place)

        if let refusal = issuer.refusal(of: card, expiry: request.expiry, at: now) {
            sale.pin =
                card.isPINLocked
                ? .locked : request.open.pin == nil && request.pinBlock == nil ? .absent : .untried
            sale.hotList = card.status == .lost ? .lost : card.status == .stolen ? .stolen : nil
            evaluate(&sale)
            return conclude(sale, refusal)
        }
        if let refusal = checkChip(&sale, verdict) ?? checkPIN(&sale, verdict) {
            evaluate(&sale)
            return conclude(sale, refusal)
        }
        evaluate(&sale)
        if let refusal = checkTriggers(&sale) { return conclude(sale, refusal) }
        // What an account holds may be asked for in any state of it.
        if kind != .balance, let refusal = issuer.accountRefusal(card.account, request.amount) {
            return conclude(sale, refusal)
        }
        if kind == .preAuthorisation {
            guard !issuer.holds.isFull else { return conclude(sale, .exceedsFrequency) }
            sale.movement = .hold(
                Hold(
                    id: nextRRN, card: key, account: card.account, amount: request.amount.minorUnits,
                    expires: now + Hold.lifetime))
        }
        return conclude(sale, .approved)
    }

    private func checkPIN(_ sale: inout Sale, _ verdict: OpenVerdict) -> Intent? {
        let request = sale.request
        if let challenge = request.challenge, let card = sale.card {
            sale.proof = challenge.proof
            sale.effects.challengeUsed = true
            sale.proofHolds =
                issuer.challengeHolds(
                    card, challenge.reference, terminal: request.terminal, amount: request.amount, at: sale.now)
                && (challenge.proof == .identityDocument || verdict.pin == .right)
            // The PIN was verified with the request that the challenge answers.
            if challenge.proof == .transactionPassword { return sale.proofHolds ? nil : .genericDecline }
            if !sale.proofHolds { return .genericDecline }
        }
        guard request.pinBlock != nil else {
            sale.pin = .absent
            return sale.kind == .balance || request.amount.minorUnits > Self.noPINLimit ? .pinRequired : nil
        }
        switch verdict.pin {
        case .right:
            sale.pin = .right
            sale.effects.pin = .right
            return nil
        case .wrong:
            sale.pin = .wrong
            sale.effects.pin = .wrong
            let wrong = (sale.card?.wrongPINs ?? 0) + 1
            return wrong >= Issuer.pinTriesMax ? .pinTriesExceeded : .wrongPIN
        case .unusable: return .pinBlockUnusable
        case .untried: return .healthNotProved
        }
    }

    /// The strongest action of the rules that fired, less what the cardholder has proved or confirmed.
    private func checkTriggers(_ sale: inout Sale) -> Intent? {
        guard let evaluation = sale.evaluation, let card = sale.card else { return nil }
        switch evaluation.action {
        case .approve: return nil
        case .stepUp:
            return isProved(sale, evaluation) ? nil : .additionalProofRequired
        case .refer:
            guard issuer.passCovers(card, sale.request.amount, sale.merchantID, at: sale.now) else {
                return .callIssuer
            }
            sale.pass = card.pass
            sale.effects.passUsed = true
            sale.isConfirmed = true
            // The pass lifts the referral and nothing else: a rule that asks for a proof still has to get one.
            return isProved(sale, evaluation) ? nil : .additionalProofRequired
        case .decline: return intent(of: evaluation) ?? .suspectedFraud
        case .retain: return intent(of: evaluation) ?? .retainCard
        }
    }

    /// Whether every rule that asks for a proof has got one that it accepts; each is asked by itself, since what a rule
    /// of a stronger action says hides what the weaker ones accept.
    private func isProved(_ sale: Sale, _ evaluation: Evaluation) -> Bool {
        guard let accepted = rules.proofs(for: evaluation) else { return true }
        guard sale.proofHolds else { return false }
        switch sale.proof {
        case .identityDocument: return accepted.contains(.idDocument)
        case .transactionPassword: return accepted.contains(.password)
        case nil: return false
        }
    }

    /// What the winning rule says it means (`decline as …`). No rule can decline and mean an approval.
    func intent(of evaluation: Evaluation) -> Intent? {
        evaluation.winner.flatMap { rules.intent(of: $0) }.flatMap { Intent(rawValue: $0) }
            .flatMap { $0.isAccepted ? nil : $0 }
    }

    /// The ids of the live rules that hit. The evaluation must be of the rules in force.
    public func firedRules(_ evaluation: Evaluation) -> [String] {
        let ids = rules.ruleIDs
        return evaluation.results.filter { $0.outcome == .hit && !$0.isShadow && ids.indices.contains($0.rule) }
            .map { ids[$0.rule] }
    }

    /// Builds the record and the answer.
    func conclude(_ sale: Sale, _ found: Intent) -> Decision {
        var sale = sale
        let intent = found.within(sale.request.terminalData?.support ?? [])
        var stored = plain(intent)
        // A pass is consumed with the approval, never with a refusal (rule R10).
        if !intent.isApproval {
            sale.effects.passUsed = false
            sale.pass = nil
            sale.movement = .none
        } else {
            stored.approvalCode = UInt32((sequence + 1) % 900_000 + 100_000)
            if sale.kind == .purchase { sale.effects.debit = sale.request.amount.minorUnits }
            if sale.kind == .balance { stored.reference = balances(sale.card) }
        }
        if intent == .additionalProofRequired {
            let challenge = Challenge(
                reference: sequence + 1, terminal: sale.request.terminal, amount: sale.request.amount,
                expires: sale.now + Issuer.challengeLifetime)
            sale.effects.challenge = challenge
            stored.reference = "S\(challenge.reference)"
        }
        openCase(&sale, &stored)
        let record = Authorisation(
            usage: sale.usage, names: sale.request.names, card: sale.card == nil ? nil : sale.request.cardKey,
            account: sale.card?.account, amount: sale.request.amount, merchant: sale.merchantID,
            mcc: sale.merchant.mcc, goods: sale.request.goods, pin: sale.pin, hotList: sale.hotList,
            noticeCovers: sale.notice != nil, proof: sale.proof, answer: stored, evaluation: sale.evaluation,
            effects: sale.effects, pass: sale.pass, rulesVersion: rulesVersion, chip: sale.chip,
            entryMode: sale.entryMode, shadow: sale.shadow, notice: sale.notice?.number)
        guard sale.kind != .purchase else {
            return .answer(Answer(stored), HostRecord(at: sale.now, .authorisation(record)))
        }
        let transaction = CardTransaction(
            kind: sale.kind, sale: record, original: sale.original, movement: sale.movement)
        return .answer(Answer(stored), HostRecord(at: sale.now, .transaction(transaction)))
    }

    /// DE 54 (ISO 8583:1987): what is booked and what is available, each as account type 00, amount type 01 or 02,
    /// currency, sign and twelve digits.
    private func balances(_ card: Card?) -> String {
        guard let account = card.flatMap({ issuer.accounts[$0.account] }) else { return "" }
        return AdditionalAmount(.ledger, account.balance, account.currency).text
            + AdditionalAmount(.available, account.available, account.currency).text
    }

    /// Carries out what the rules order beside their action. A refund is stopped by none; rules that would stop a payment do
    /// not speak of it, and those that only order do.
    private func openCase(_ sale: inout Sale, _ stored: inout StoredAnswer) {
        guard let evaluation = sale.evaluation, let card = sale.card, let key = sale.request.cardKey,
            sale.kind != .refund || evaluation.action == .approve
        else { return }
        let found = Suspicion(
            key: key, card: card, terminal: sale.request.terminal, merchant: sale.merchantID,
            amount: sale.request.amount, rrn: stored.rrn, at: sale.now, intent: stored.intent,
            isReferred: stored.intent == .callIssuer)
        var effects = sale.effects
        let reference = order(evaluation, found, &effects)
        // Nobody is asked again about the purchase that a case has just confirmed.
        if sale.isConfirmed { effects.openCase = nil }
        sale.effects = effects
        if stored.intent == .callIssuer, !sale.isConfirmed { stored.reference = reference ?? "" }
    }
}
