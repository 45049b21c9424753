// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// The link to the module. Replies come one for one and in order, so a reply belongs to the oldest open errand; one of
/// the wrong kind means that the link is not what it was, and counts as its loss.
extension Terminal {
    mutating func ask(
        _ command: TerminalModuleCommand, _ task: Errand.Task, exchange: UInt64 = 0, _ step: inout Step
    ) {
        guard !module.isLost else { return }
        module.errands.append(Errand(task: task, exchange: exchange))
        step.module(command)
    }

    /// Asks the module how it is. An unanswered question is not repeated but counted; a lost module is asked each time,
    /// since a status is what brings it back.
    mutating func heartbeat(_ step: inout Step) {
        step.setTimer(.heartbeat, configuration.heartbeatInterval)
        guard isPowered else { return }
        retryStore(&step)
        if module.isLost {
            reviveModule(&step)
            step.module(.status)
        } else if module.errands.contains(where: { $0.task == .status }) {
            module.heartbeatsMissed += 1
            if module.heartbeatsMissed >= configuration.heartbeatsMissedMax { loseModule(&step) }
        } else {
            ask(.status, .status, &step)
        }
    }

    /// L01: what was asked will not be answered, so nothing that needs an answer can be finished.
    mutating func loseModule(_ step: inout Step) {
        guard !module.isLost, isPowered else { return }
        step.log(.moduleLost)
        module.isLost = true
        module.errands = []
        module.heartbeatsMissed = 0
        signOn.leaseExpires = nil
        noteLoss(&step)
        guard let exchange = line else { return }
        let needsModule = exchange.message.holes != nil || exchange.purpose == .hello || exchange.purpose == .evidence
        if needsModule { failExchange(.moduleLost, &step) }
    }

    /// S03 goes by a passed self-test, which the terminal asks for once, in a quiet moment.
    mutating func renewSelfTest(_ step: inout Step) {
        guard module.status?.openWarnings.contains(.s03) ?? false else { return module.isSelfTestAsked = false }
        guard !module.isSelfTestAsked, !module.isLost, sale == nil, line == nil else { return }
        module.isSelfTestAsked = true
        ask(.selfTest, .selfTest, &step)
    }

    mutating func replied(_ reply: TerminalModuleReply, _ step: inout Step) {
        guard isPowered else { return step.log(.moduleReplyStale) }
        if module.isLost {
            guard case .status(let status) = reply else { return step.log(.moduleReplyStale) }
            module.isLost = false
            signOn.notBefore = step.now
            return take(status, &step)
        }
        module.heartbeatsMissed = 0
        guard let errand = module.errands.first, errand.fits(reply) else {
            // A status that nobody waits for does no harm: several come when a module wakes up again.
            if case .status(let status) = reply { return take(status, &step) }
            step.log(.moduleOutOfTurn)
            return loseModule(&step)
        }
        module.errands.removeFirst()
        let isCurrent = errand.exchange == 0 || errand.exchange == line?.number
        switch reply {
        case .status(let status): take(status, &step)
        case .refused(let refusal, let status):
            take(status, &step)
            step.log(.moduleRefused(refusal))
            refused(refusal, errand, isCurrent: isCurrent, &step)
        case _ where !isCurrent: step.log(.moduleReplyStale)
        case .protected(let message): protected(message, &step)
        case .answerAuthentic(let isAuthentic): verified(isAuthentic, &step)
        case .evidence(let bytes, let linkToken): attested(bytes, linkToken: linkToken, &step)
        case .statement(let bytes): stated(bytes, &step)
        case .log(let segment, let last, let isLast): collected(segment, through: last, isLast: isLast, &step)
        case .sealed(let items): sealed(items, &step)
        case .leaseAccepted(let status):
            take(status, &step)
            if errand.task == .acceptLease { leaseAccepted(status, &step) }
        }
    }

    /// Keeps what the module says of itself.
    private mutating func take(_ status: ModuleStatus, _ step: inout Step) {
        let wasReady = module.status?.state == .ready
        watchLog(status, before: module.status)
        module.status = status
        // Messages are built for one key profile; a module with another does not fit this terminal.
        if status.profile != configuration.profile { raise(.c01, needsOrder: true, &step) }
        checkPairing(status.serial, &step)
        if status.state == .ready, !wasReady, signOn.leaseExpires == nil {
            signOn.attempts = 0
            signOn.notBefore = step.now
        }
    }

    private mutating func refused(
        _ refusal: ModuleRefusal, _ errand: Errand, isCurrent: Bool, _ step: inout Step
    ) {
        switch errand.task {
        case .status, .selfTest, .cancelPINEntry, .signOnDue, .takeTicket: return
        case .beginPINEntry:
            guard isCurrent, sale?.stage == .enteringPIN else { return }
            refuseSale(.module(refusal), &step)
        case .protect, .verify, .attest, .describe, .acceptLease, .collectLog, .seal:
            guard isCurrent else { return }
            failExchange(.moduleRefused(refusal), &step)
        }
    }
}
