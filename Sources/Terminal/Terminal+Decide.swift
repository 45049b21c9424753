// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

extension Terminal {
    /// Takes one event.
    ///
    /// - Parameter now: never read from anywhere else.
    /// - Returns: what the shell is to do, in order; nothing behind a `barrier` before what stands before it is durable.
    public mutating func handle(_ event: TerminalEvent, now: Instant) -> [TerminalEffect] {
        var step = Step(now: now)
        boundDeadlines(now)
        reviewWarnings(&step)
        switch event {
        case .powerUp: powerUp(&step)
        case .shutDown: shutDown(&step)
        case .storeFailed: storeFailed(&step)
        case .storeRestored: storeRestored(&step)
        case .connected: connected(&step)
        case .disconnected: disconnected(&step)
        case .messageReceived(let bytes): received(bytes, &step)
        case .timerFired(let timer): fired(timer, &step)
        case .moduleReply(let reply): replied(reply, &step)
        case .moduleLost: loseModule(&step)
        case .startSale(let request): startSale(request, &step)
        case .settle: startSettlement(&step)
        case .signOff: startSignOff(&step)
        case .signOn: startSignOn(&step)
        case .keypadConfirmed: keypadConfirmed(&step)
        case .cancel: cancel(&step)
        }
        reviewWarnings(&step)
        settleWarnings(&step)
        resumeSale(&step)
        renewSelfTest(&step)
        startNextExchange(&step)
        scheduleTimers(&step)
        step.barrier()
        return step.effects
    }

    private mutating func powerUp(_ step: inout Step) {
        if line != nil { failExchange(.disconnected, &step) }
        if sale != nil { refuseSale(.offline, &step) }
        // A sale that was out when the terminal went down may have been booked: it is taken back.
        for intent in book.intents where intent.state == .inFlight && intent.kind.isReversed {
            record(.reversalDue(intent.stan, .notFinished, reversal: takeSTAN(), rrn: nil), &step)
        }
        isPowered = true
        begin(&step)
        module = ModuleLink()
        signOn = SignOn()
        log = LogLink()
        tail = TailDelivery()
        step.show(.text("terminal.wait"))
        ask(.status, .status, &step)
        step.setTimer(.heartbeat, configuration.heartbeatInterval)
    }

    private mutating func connected(_ step: inout Step) {
        if isConnected { disconnected(&step) }
        isConnected = true
        // A fresh line: what is open is tried at once. The shell paces how often a line is made.
        lastHeard = step.now
        signOn.notBefore = step.now
        log.notBefore = step.now
        for index in book.intents.indices { book.intents[index].notBefore = step.now }
        for index in book.reports.indices { book.reports[index].notBefore = step.now }
        book.batch.settlement?.notBefore = step.now
    }

    mutating func disconnected(_ step: inout Step) {
        guard isConnected else { return }
        isConnected = false
        if line != nil { failExchange(.disconnected, &step) }
        if sale != nil { refuseSale(.offline, &step) } else { step.show(.text("terminal.offline")) }
    }

    private mutating func received(_ bytes: [UInt8], _ step: inout Step) {
        guard let received = read(bytes) else { return step.log(.messageMalformed) }
        let view = received.view
        guard view[.terminal] == configuration.terminal, let stan = view[.stan] else {
            return step.log(.messageUnexpected)
        }
        lastHeard = step.now
        guard let exchange = line, exchange.stan == stan, view.mti == exchange.message.mti.response, exchange.isSent,
            echoes(received, exchange)
        else {
            let isLate =
                [.financialResponse, .authorisationResponse].contains(view.mti)
                && book.intents.contains { $0.stan == stan }
            return step.log(isLate ? .answerLate(stan) : .messageUnexpected)
        }
        guard exchange.stage == .awaiting else { return step.log(.answerRepeated(stan)) }
        answered(HostAnswer(view, wire: received.wire, configuration.dialect.network), exchange, &step)
        // No MAC covers the header: it can bring the next sign-on forward and nothing else.
        if received.asksForSignOn, signOn.leaseExpires != nil { signOn.renewAt = step.now }
    }

    private mutating func fired(_ timer: TimerID, _ step: inout Step) {
        switch timer {
        case .heartbeat: heartbeat(&step)
        case .delivery: deliveryTimer = nil
        case .signOn: signOnTimer = nil
        case .echo: echoTimer = nil
        case .answer:
            guard let exchange = line, exchange.isSent else { return step.log(.timerStale(timer)) }
            guard step.now >= exchange.answerDue else {
                // Meant for another exchange, or by a clock that has been put back: this one's time is still to come.
                return step.setTimer(timer, exchange.answerDue - step.now)
            }
            step.log(.answerMissing(exchange.stan))
            failExchange(.noAnswer, &step)
        case .pinEntry:
            guard let sale, sale.stage == .enteringPIN else { return step.log(.timerStale(timer)) }
            guard step.now >= sale.pinDue else { return step.setTimer(timer, sale.pinDue - step.now) }
            refuseSale(.pinTimeout, &step)
        case .retry:
            guard let sale, sale.stage == .awaitingSignOn else { return step.log(.timerStale(timer)) }
            guard step.now >= sale.retryDue else { return step.setTimer(timer, sale.retryDue - step.now) }
            refuseSale(.notSignedOn, &step)
        }
    }

    /// No deadline lies further ahead than it was ever set: a clock that is put back delays nothing for longer.
    private mutating func boundDeadlines(_ now: Instant) {
        let retry = now + configuration.retryMax
        for index in book.intents.indices { book.intents[index].notBefore = min(book.intents[index].notBefore, retry) }
        for index in book.reports.indices { book.reports[index].notBefore = min(book.reports[index].notBefore, retry) }
        if let due = book.batch.settlement?.notBefore { book.batch.settlement?.notBefore = min(due, retry) }
        signOn.notBefore = min(signOn.notBefore, retry)
        log.notBefore = min(log.notBefore, retry)
        tail.notBefore = min(tail.notBefore, retry)
        if let due = line?.answerDue { line?.answerDue = min(due, now + configuration.answerTimeout) }
        if let due = sale?.pinDue { sale?.pinDue = min(due, now + configuration.pinEntryTimeout) }
        if let due = sale?.retryDue { sale?.retryDue = min(due, now + configuration.retryTimeout) }
        lastHeard = min(lastHeard, now)
    }

    /// Keeps the timers of what waits for its time in step with the state.
    private mutating func scheduleTimers(_ step: inout Step) {
        let due = isConnected ? nextDelivery(after: step.now) : nil
        if due != deliveryTimer { reset(.delivery, due, &step) }
        deliveryTimer = due
        let signOnDue = isConnected && canSignOn ? nextSignOn(after: step.now) : nil
        if signOnDue != signOnTimer { reset(.signOn, signOnDue, &step) }
        signOnTimer = signOnDue
        let echoDue = nextEcho(after: step.now)
        if echoDue != echoTimer { reset(.echo, echoDue, &step) }
        echoTimer = echoDue
    }

    private func reset(_ timer: TimerID, _ at: Instant?, _ step: inout Step) {
        if let at { step.setTimer(timer, at - step.now) } else { step.cancelTimer(timer) }
    }
}
