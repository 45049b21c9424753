// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// The one exchange with the host: made, protected, sent, answered, verified.
extension Terminal {
    /// Starts what is most urgent if the line is free: a report says why the terminal stops, a reversal goes before the
    /// next sale, as do refunds and a settlement that has begun, and a sale before the renewal of a lease that still holds.
    mutating func startNextExchange(_ step: inout Step) {
        // One that fails at once is put off, and a refused sale is gone: after this many nothing is left to try.
        for _ in 0..<4 {
            guard line == nil, isPowered, isConnected else { return }
            if let index = dueReport(step.now) {
                startReport(index, &step)
            } else if let index = dueReversal(step.now) {
                startReversal(index, &step)
            } else if let index = dueAdvice(step.now) {
                startAdvice(index, &step)
            } else if store != nil {
                // Everything else needs a record before it leaves.
                return
            } else if isTailDue(step.now) {
                startTail(&step)
            } else if isSettlementDue(step.now) {
                startSettlementExchange(&step)
            } else if sale?.stage == .ready {
                startSaleExchange(&step)
            } else if signOn.isSigningOff {
                startSignOffExchange(&step)
            } else if isLogDue(step.now) {
                startLog(&step)
            } else if isSignOnDue(step.now) {
                startHello(&step)
            } else if isEchoDue(step.now) {
                startEcho(&step)
            } else {
                return
            }
        }
    }

    /// Opens an exchange whose message the module is to protect.
    mutating func protect(
        _ message: OutgoingMessage, _ purpose: Exchange.Purpose, as protection: ProtectionPurpose, stan: STAN,
        at: Instant, pan: PAN? = nil, _ step: inout Step
    ) {
        guard let holes = message.holes else { return }
        open(purpose, stan: stan, at: at, message, stage: .protecting)
        ask(
            .protect(purpose: protection, message: message.bytes, holes: holes, pan: pan), .protect,
            exchange: exchangeCount, &step)
    }

    /// Opens an exchange and sends its message as it is.
    mutating func sendUnprotected(
        _ message: OutgoingMessage, _ purpose: Exchange.Purpose, stan: STAN, at: Instant, _ step: inout Step
    ) {
        open(purpose, stan: stan, at: at, message, stage: .protecting)
        sendLine(&step)
    }

    mutating func open(
        _ purpose: Exchange.Purpose, stan: STAN, at: Instant, _ message: OutgoingMessage, stage: Exchange.Stage
    ) {
        exchangeCount += 1
        line = Exchange(number: exchangeCount, purpose: purpose, stan: stan, at: at, message: message, stage: stage)
    }

    /// The module has protected a message.
    mutating func protected(_ bytes: [UInt8], _ step: inout Step) {
        guard var exchange = line, exchange.stage == .protecting else { return step.log(.moduleReplyStale) }
        guard exchange.message.isProtected(as: bytes) else {
            step.log(.moduleAlteredMessage)
            return failExchange(.moduleAltered, &step)
        }
        exchange.message.bytes = bytes
        line = exchange
        if !sealIntent(exchange, &step) { sendLine(&step) }
    }

    /// What must be durable before the message leaves, then the message and its clock.
    ///
    /// - Parameter sealed: the sealed intent of a sale.
    mutating func sendLine(sealed item: SealedItem? = nil, _ step: inout Step) {
        guard let exchange = line else { return }
        switch exchange.purpose {
        case .hello, .evidence, .signOff, .echo, .log:
            record(.stan(exchange.stan), &step)
        case .tail:
            tail.attempts += 1
            record(.stan(exchange.stan), &step)
        case .sale:
            guard let request = sale?.request else { return failExchange(.halted, &step) }
            let intent: TerminalRecord =
                request.kind == .balance ? .stan(exchange.stan) : .intent(intent(request, exchange))
            record(sealed(intent, item), &step)
        case .settlement: book.batch.settlement?.attempts += 1
        case .reversal(let original), .advice(let original):
            if let index = book.intents.firstIndex(where: { $0.stan == original }) { book.intents[index].attempts += 1 }
        case .report(let stan):
            if let index = book.reports.firstIndex(where: { $0.stan == stan }) { book.reports[index].attempts += 1 }
        }
        line?.stage = .awaiting
        line?.answerDue = step.now + configuration.answerTimeout
        step.send(framed(exchange.message.bytes))
        step.setTimer(.answer, configuration.answerTimeout)
    }

    private func intent(_ request: SaleRequest, _ exchange: Exchange) -> ReversalIntent {
        var intent = ReversalIntent(
            stan: exchange.stan, pan: request.card.pan, amount: request.amount, at: exchange.at, state: .inFlight,
            kind: request.kind)
        guard !request.kind.isReversed else { return intent }
        intent.attempts = 1
        intent.advice = Advice(
            expiry: request.card.expiry, entry: request.card.entry, original: originalData(request))
        return intent
    }

    /// An answer to the exchange has come.
    mutating func answered(_ answer: HostAnswer, _ exchange: Exchange, _ step: inout Step) {
        switch exchange.purpose {
        case .hello: return helloAnswered(answer, &step)
        case .evidence where !(answer.reading?.isApproval ?? false):
            // It can only stop this terminal, so it is believed without a MAC: the host may lack the keys for one.
            return signOnRefused(answer, &step)
        // A request without a MAC gets an answer without one: the ticket, which covers the keys, has its own.
        case .evidence where !exchange.message.hasMAC: return leaseGranted(answer, exchange, &step)
        case .report where !exchange.message.hasMAC: return reportAnswered(answer, exchange, &step)
        case .signOff where !exchange.message.hasMAC: return signOffAnswered(answer, &step)
        case .echo where !exchange.message.hasMAC: return echoAnswered(&step)
        case .log where !exchange.message.hasMAC: return logAnswered(answer, &step)
        case .tail(let index): return tailAnswered(answer, through: index, &step)
        case .evidence, .sale, .advice, .settlement, .reversal, .report, .signOff, .echo, .log: break
        }
        guard let mac = answer.mac else {
            step.log(.answerUnauthentic(exchange.stan))
            if exchange.purpose == .sale, retryUnread(answer.reading, exchange, &step) { return }
            failExchange(.unauthentic, &step)
            // It can only stop this terminal: the host could not read what it was sent under these keys.
            if let reading = answer.reading, reading.action == .signOn, configuration.profile.isSession {
                demandSignOn(reading.code, &step)
            }
            return
        }
        line?.stage = .verifying(answer)
        ask(.verifyAnswer(message: answer.bytes, mac: mac), .verify, exchange: exchange.number, &step)
    }

    /// The module has verified the answer's MAC, or not.
    mutating func verified(_ isAuthentic: Bool, _ step: inout Step) {
        guard let exchange = line, case .verifying(let answer) = exchange.stage else {
            return step.log(.moduleReplyStale)
        }
        guard isAuthentic else {
            step.log(.answerUnauthentic(exchange.stan))
            return failExchange(.unauthentic, &step)
        }
        switch exchange.purpose {
        case .hello, .tail: return step.log(.moduleReplyStale)
        case .evidence: leaseGranted(answer, exchange, &step)
        case .signOff: signOffAnswered(answer, &step)
        case .echo: echoAnswered(&step)
        case .sale: saleAnswered(answer, exchange, &step)
        case .advice(let stan): adviceAnswered(answer, stan, exchange, &step)
        case .settlement: settlementAnswered(answer, &step)
        case .reversal(let original): reversalAnswered(answer, of: original, exchange, &step)
        case .report: reportAnswered(answer, exchange, &step)
        case .log: logAnswered(answer, &step)
        }
    }

    /// Ends the exchange.
    mutating func closeLine(_ step: inout Step) {
        guard let exchange = line else { return }
        if exchange.isSent { step.cancelTimer(.answer) }
        line = nil
    }

    /// Ends an exchange that came to nothing: a sale that was sent is taken back, one that was not is refused, and
    /// everything else is tried again later.
    mutating func failExchange(_ failure: Exchange.Failure, _ step: inout Step) {
        guard let exchange = line else { return }
        closeLine(&step)
        switch exchange.purpose {
        case .hello, .evidence: putOffSignOn(step.now)
        case .signOff: step.log(.signOffNotTaken)
        case .echo: echoFailed(failure, &step)
        case .log: putOffLog(step.now)
        case .sale where exchange.isSent && !(sale?.request.kind.isReversed ?? true):
            suspendSale(exchange.stan, refusal(for: failure), &step)
        case .sale where exchange.isSent: reverseSale(exchange.stan, Self.reason(for: failure), rrn: nil, &step)
        case .sale: refuseSale(refusal(for: failure), &step)
        case .advice(let stan):
            putOffDelivery(of: stan, step.now)
            step.log(.adviceNotTaken(stan))
        case .settlement:
            putOffSettlement(step.now)
            step.log(.settlementNotTaken)
        case .reversal(let original):
            putOffDelivery(of: original, step.now)
            step.log(.reversalNotTaken(original))
        case .tail: putOffTail(step.now)
        case .report(let stan):
            putOffReport(stan, failure, step.now)
            step.log(.reportNotTaken(stan))
        }
    }

    private static func reason(for failure: Exchange.Failure) -> ReversalReason {
        switch failure {
        case .disconnected, .noAnswer: .noAnswer
        case .unauthentic: .macFailed
        case .unfitting: .other
        case .moduleRefused, .moduleLost, .moduleAltered, .halted, .storeFailed, .notEncoded: .notFinished
        }
    }

    private func refusal(for failure: Exchange.Failure) -> SaleRefusal {
        switch failure {
        case .disconnected, .noAnswer: .offline
        case .moduleRefused(let refusal): .module(refusal)
        case .notEncoded: .invalid(.message)
        case .halted, .storeFailed, .moduleLost, .moduleAltered, .unauthentic, .unfitting: .halted(stoppingWarnings)
        }
    }
}
