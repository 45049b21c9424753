// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol

/// The timers of a terminal. Setting one that runs starts it anew.
public enum TimerID: UInt8, CaseIterable, Sendable {
    /// The next question to the module.
    case heartbeat
    /// The host's answer is overdue.
    case answer
    /// The keypad has been open for too long.
    case pinEntry
    /// A report or a reversal is due.
    case delivery
    /// A sign-on is due.
    case signOn
    /// The line has been silent for long.
    case echo
    /// A sale has waited for its sign-on for too long.
    case retry
}

/// What happens to a terminal. No event clears a warning: the merchant can clear nothing.
public enum TerminalEvent: Equatable, Sendable {
    /// The first event after the terminal was made from its journal.
    case powerUp
    /// The last event: the terminal is switched off in order.
    case shutDown
    /// The journal cannot be written. The shell makes the records of a step durable before it does anything else of that
    /// step. Where that fails it does nothing of the step, goes back to the terminal as it was before, and hands in this
    /// event and then the one that had led to the step.
    case storeFailed
    /// What `rewrite` asked for is durable.
    case storeRestored
    /// The line to the host is up.
    case connected
    /// The line to the host is down; nothing that was sent on it will be answered.
    case disconnected
    /// One message, without its framing.
    case messageReceived([UInt8])
    case timerFired(TimerID)
    /// The module answers its commands one for one, in order.
    case moduleReply(TerminalModuleReply)
    /// The link to the module is down; nothing that was asked on it will be answered.
    case moduleLost
    case startSale(SaleRequest)
    /// The clerk ends the batch.
    case settle
    /// The clerk ends trade: nothing is sold before the next `signOn` or power-up.
    case signOff
    /// The clerk asks for a sign-on: after a sign-off, or for a fresh lease.
    case signOn
    /// ENTER was pressed on the module's keypad.
    case keypadConfirmed
    /// The clerk, or CANCEL on the module's keypad.
    case cancel
}
