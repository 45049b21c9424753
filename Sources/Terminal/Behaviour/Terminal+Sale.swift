// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// A transaction of any kind, from the clerk's key to its outcome.
extension Terminal {
    mutating func startSale(_ request: SaleRequest, _ step: inout Step) {
        guard sale == nil, module.errands.count < ModuleLink.errandsMax / 2 else {
            return step.outcome(.refused(.busy))
        }
        let request = completed(request)
        if let refusal = refusal(now: step.now) ?? batchRefusal(request.kind)
            ?? fault(of: request).map({ .invalid($0) })
        {
            step.show(.refusal(refusal))
            return step.outcome(.refused(refusal))
        }
        beginSale(request, first: nil, &step)
    }

    /// Opens the keypad, or leaves the sale to the line.
    mutating func beginSale(_ request: SaleRequest, first: FirstAttempt?, _ step: inout Step) {
        guard request.needsKeypad else {
            sale = ActiveSale(request: request, stage: .ready, keypadUsed: false, first: first)
            return step.show(.text("terminal.wait"))
        }
        sale = ActiveSale(
            request: request, stage: .enteringPIN, keypadUsed: true, pinDue: step.now + configuration.pinEntryTimeout,
            first: first)
        let isPassword = request.stepUp?.method == .transactionPassword
        step.show(.text(isPassword ? "terminal.enterPassword" : "terminal.enterPIN"))
        ask(.beginPINEntry, .beginPINEntry, &step)
        step.setTimer(.pinEntry, configuration.pinEntryTimeout)
    }

    /// A void by trace number is of its original's amount.
    private func completed(_ request: SaleRequest) -> SaleRequest {
        guard request.kind.isVoid, case .trace(let stan)? = request.original, let entry = book.batch.entry(stan) else {
            return request
        }
        var request = request
        request.amount = entry.amount
        return request
    }

    private func fault(of request: SaleRequest) -> SaleRefusal.Fault? {
        if case .trace(let stan)? = request.original {
            guard let entry = book.batch.entry(stan), request.kind.refers(to: entry.kind) else { return .original }
        }
        return request.fault(currency: configuration.currency)
    }

    private func batchRefusal(_ kind: TransactionKind) -> SaleRefusal? {
        if book.batch.settlement != nil { return .settling }
        return kind != .balance && book.batch.entries.count >= BatchBook.countMax ? .batchFull : nil
    }

    /// What the message says of the original.
    func originalData(_ request: SaleRequest) -> OriginalData {
        switch request.original {
        case .trace(let stan):
            let entry = book.batch.entry(stan)
            // The advice form names no message that could be reversed.
            let trace = entry.map { OriginalData.Trace(kind: $0.kind, stan: $0.stan, at: $0.at) }
            return OriginalData(trace: trace, rrn: entry?.rrn, approvalCode: entry?.approvalCode)
        case .reference(let rrn, let approvalCode):
            // UnionPay's voids and completions must name the code; one of the open batch is known.
            let known = configuration.dialect == .unionPayPOS ? book.batch.entries.last { $0.rrn == rrn } : nil
            return OriginalData(rrn: rrn, approvalCode: approvalCode ?? known?.approvalCode)
        case nil: return OriginalData()
        }
    }

    mutating func keypadConfirmed(_ step: inout Step) {
        guard sale?.stage == .enteringPIN else { return step.log(.keyOutOfPlace) }
        sale?.stage = .ready
        step.cancelTimer(.pinEntry)
        step.show(.text("terminal.wait"))
    }

    mutating func cancel(_ step: inout Step) {
        guard sale != nil else { return step.log(.keyOutOfPlace) }
        if let line, line.purpose == .sale {
            guard !line.isSent else { return step.log(.cancelTooLate) }
            closeLine(&step)
        }
        refuseSale(.cancelled, &step)
    }

    mutating func startSaleExchange(_ step: inout Step) {
        guard let request = sale?.request else { return }
        if let refusal = refusal(now: step.now) { return refuseSale(refusal, &step) }
        let stan = takeSTAN()
        do throws(EncodeError) {
            let message = try saleMessage(request, stan: stan, now: step.now)
            sale?.stage = .inExchange
            protect(
                message, .sale, as: .authorisation, stan: stan, at: step.now, pan: request.card.pan, &step)
        } catch {
            step.log(.messageNotEncoded)
            refuseSale(.invalid(.message), &step)
        }
    }

    /// Ends a sale that was never sent, or never a second time.
    mutating func refuseSale(_ refusal: SaleRefusal, _ step: inout Step) {
        guard let ended = sale else { return }
        sale = nil
        if ended.stage == .enteringPIN { step.cancelTimer(.pinEntry) }
        // The module forgets the digits; one that cannot be asked forgets them with its power.
        if ended.keypadUsed { ask(.cancelPINEntry, .cancelPINEntry, &step) }
        if ended.stage == .awaitingSignOn { step.cancelTimer(.retry) }
        if let first = ended.first {
            step.show(first.line)
            return step.outcome(first.outcome)
        }
        step.show(.refusal(refusal))
        step.outcome(.refused(refusal))
    }

    /// Ends a transaction that was sent and that nobody takes back: a refund is repeated until it is answered, a balance
    /// is forgotten.
    mutating func suspendSale(_ stan: STAN, _ refusal: SaleRefusal, _ step: inout Step) {
        guard let ended = sale else { return }
        sale = nil
        guard ended.request.kind == .refund else {
            step.show(.refusal(refusal))
            return step.outcome(.refused(refusal))
        }
        putOffDelivery(of: stan, step.now)
        step.show(.text("terminal.refundPending"))
        step.outcome(.pending(stan))
    }

    /// Takes a sale back that the host may have booked.
    mutating func reverseSale(_ stan: STAN, _ reason: ReversalReason, rrn: RRN?, _ step: inout Step) {
        record(.reversalDue(stan, reason, reversal: takeSTAN(), rrn: rrn), &step)
        sale = nil
        step.show(.text(reason == .noAnswer ? "terminal.noAnswer" : "terminal.reversing"))
        step.outcome(.reversed(reason, stan))
    }

    /// An authentic answer.
    ///
    /// - Parameter item: the sealed completion, once the module has made it.
    mutating func saleAnswered(
        _ answer: HostAnswer, _ exchange: Exchange, sealed item: SealedItem? = nil, _ step: inout Step
    ) {
        guard let request = sale?.request else { return failExchange(.unfitting, &step) }
        let isAmountEchoed = answer.minorUnits.map { $0 == UInt64(request.amount.minorUnits) } ?? true
        guard let reading = answer.reading, isAmountEchoed, isConsistent(answer) else {
            step.log(.answerContradicts(exchange.stan))
            guard request.kind.isReversed else { return failExchange(.unfitting, &step) }
            closeLine(&step)
            return reverseSale(exchange.stan, .other, rrn: answer.rrnNumber, &step)
        }
        if reading.reversalNeeded, !request.kind.isReversed { return failExchange(.unfitting, &step) }
        // A restart would take back what the journal does not know as completed: nobody is told that it is.
        if reading.isApproval, request.kind != .balance, store != nil { return failExchange(.storeFailed, &step) }
        if reading.isApproval, request.kind.isReversed, item == nil, sealCompletion(answer, exchange, &step) { return }
        closeLine(&step)
        if let chip = answer.chip { step.chip(chip) }
        if reading.isApproval, request.kind == .balance {
            sale = nil
            step.show(.text("terminal.balance"))
            return step.outcome(.balance(answer.balances, exchange.stan))
        }
        if reading.isApproval {
            let approved = ApprovedSale(answer, exchange, amount: request.amount)
            let intent = book.intents.first { $0.stan == exchange.stan }?.sealed
            record(sealed(.approved(approved), item, covering: intent), &step)
            sale = nil
            step.show(.reading(reading))
            return step.outcome(.approved(approved))
        }
        if reading.reversalNeeded {
            record(
                .reversalDue(exchange.stan, .other, reversal: takeSTAN(), rrn: answer.rrnNumber), &step)
        } else if request.kind != .balance {
            record(.declined(exchange.stan), &step)
        }
        let declined = DeclinedSale(
            stan: exchange.stan, reading: reading, reference: answer.reference, reversalFollows: reading.reversalNeeded)
        if mayRetry(reading) {
            return awaitSignOn(
                exchange.stan, reading.code, else: .declined(declined), showing: .reading(reading), &step)
        }
        sale = nil
        // The host no longer trusts this terminal as it is: it proves itself again before the next sale.
        follow(reading, &step)
        step.show(.reading(reading))
        step.outcome(.declined(declined))
    }
}

extension ApprovedSale {
    init(_ answer: HostAnswer, _ exchange: Exchange, amount: Money) {
        self.init(
            stan: exchange.stan, amount: amount, approvalCode: answer.approvalCode ?? "", rrn: answer.rrn ?? "",
            at: exchange.at)
    }
}
