// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// The second attempt at a sale that the host could not read (77, 99, A0; TM): the terminal signs on, what the first may
/// have left at the host is taken back, and the sale goes out once more under a trace number of its own. The clerk sees one
/// outcome. A PIN is asked for again, since the module keeps none.
///
/// The journal holds what it holds of every sale: the first attempt's reversal before anything follows, the second's intent
/// before it is sent. Whatever ends the wait (clerk, line, halt, power, clock) ends the sale as its first attempt ended.
extension Terminal {
    /// Whether the answer lets the sale be tried again by itself.
    func mayRetry(_ reading: TerminalReading?) -> Bool {
        guard let sale, sale.first == nil, let reading else { return false }
        return reading.action == .signOn && reading.retry == .afterSignOn && !reading.reversalNeeded
    }

    /// An answer without a MAC that says so settles nothing (rule R5): the first attempt is taken back.
    ///
    /// - Returns: false where nothing is done here: a refund is repeated until it is answered anyway.
    mutating func retryUnread(_ reading: TerminalReading?, _ exchange: Exchange, _ step: inout Step) -> Bool {
        guard mayRetry(reading), let code = reading?.code, let request = sale?.request, request.kind != .refund else {
            return false
        }
        closeLine(&step)
        guard request.kind.isReversed else {
            awaitSignOn(exchange.stan, code, else: .refused(.notSignedOn), showing: .refusal(.notSignedOn), &step)
            return true
        }
        record(.reversalDue(exchange.stan, .macFailed, reversal: takeSTAN(), rrn: nil), &step)
        awaitSignOn(
            exchange.stan, code, else: .reversed(.macFailed, exchange.stan), showing: .text("terminal.reversing"),
            &step)
        return true
    }

    /// Holds the sale back until the terminal has signed on.
    mutating func awaitSignOn(
        _ stan: STAN, _ code: Catalogue.ResponseCode, else outcome: SaleOutcome, showing line: DisplayLine,
        _ step: inout Step
    ) {
        sale?.first = FirstAttempt(stan: stan, outcome: outcome, line: line)
        sale?.stage = .awaitingSignOn
        sale?.keypadUsed = false
        sale?.retryDue = step.now + configuration.retryTimeout
        step.show(.text("terminal.retrying"))
        step.setTimer(.retry, configuration.retryTimeout)
        demandSignOn(code, &step)
    }

    /// Goes on with a sale that waited, once the terminal has signed on and nothing of the first attempt is open.
    mutating func resumeSale(_ step: inout Step) {
        guard let waiting = sale, waiting.stage == .awaitingSignOn, let first = waiting.first,
            refusal(now: step.now) == nil, !book.isInUse(first.stan)
        else { return }
        step.cancelTimer(.retry)
        beginSale(waiting.request, first: first, &step)
    }

    /// Whether a sale waits for the sign-on and nothing else stops the terminal: K06 is what the sign-on takes away.
    var isAwaitingSignOn: Bool {
        guard sale?.stage == .awaitingSignOn else { return false }
        return halt == .none || (stoppingWarnings == [.k06] && !hostWarnings.contains(.k06))
    }
}
