// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What the shell is to do, in this order.
///
/// Nothing behind a `barrier` may happen before every `persist` that stands before it is durable.
public enum TerminalEffect: Equatable, Sendable {
    /// One message, without its framing; dropped if the line is down.
    case send([UInt8])
    /// A command for the module; dropped if its link is down.
    case module(TerminalModuleCommand)
    /// The module's power off and on again. It is answered by nothing: the next status tells.
    case resetModule
    /// One record for the terminal's journal. It holds a PAN or a one-time token: the shell seals it at rest and
    /// never logs it.
    case persist([UInt8])
    case barrier
    /// One record in the place of all, for a journal that could not be written: put there whole or not at all. It is answered
    /// by `storeRestored` or `storeFailed`.
    case rewrite([UInt8])
    /// DE 55 of an authentic answer, for the card: what shows that its issuer has answered. Comes before the outcome.
    case chip([UInt8])
    case setTimer(TimerID, Interval)
    case cancelTimer(TimerID)
    case show(DisplayLine)
    case outcome(SaleOutcome)
    case settlement(SettlementOutcome)
    /// No sale is possible while these are open. Empty where the module is out of service without naming one.
    case halt([WarningCode])
    /// The line is dead although nobody has said so: it is closed and made anew.
    case hangUp
    case log(TerminalLogCode)
}

/// What a terminal notes of itself: no card data, no key, no text from outside.
public enum TerminalLogCode: Equatable, Sendable {
    /// Bytes that are no message of the dialect.
    case messageMalformed
    /// A message that nothing waits for.
    case messageUnexpected
    /// An answer that came after the sale was reversed; it settles nothing.
    case answerLate(STAN)
    /// The answer came again while the first was being verified.
    case answerRepeated(STAN)
    case answerMissing(STAN)
    case answerUnauthentic(STAN)
    /// An authentic answer that does not fit its request.
    case answerContradicts(STAN)
    case moduleLost
    /// The module was switched off and on.
    case moduleReset
    /// A reply of another kind than the command that is next.
    case moduleOutOfTurn
    /// The module answered with another message than it was to protect.
    case moduleAlteredMessage
    case moduleRefused(ModuleRefusal)
    /// A reply to a command that no longer matters.
    case moduleReplyStale
    case signedOn
    /// The host knows that trade has ended.
    case signedOff
    /// It does not, and trade has ended all the same.
    case signOffNotTaken
    case signOnRefused
    /// An echo test had no answer.
    case lineDead
    case reversalDelivered(STAN)
    case reversalNotTaken(STAN)
    case adviceDelivered(STAN)
    /// The host refused a refund that was recorded while there was no answer: the money is not given back.
    case adviceRefused(STAN)
    case adviceNotTaken(STAN)
    case settlementNotTaken
    case reportDelivered(STAN)
    /// The host has every sealed record of a dead terminal.
    case tailDelivered
    case reportNotTaken(STAN)
    /// What it was to say was over before it could leave.
    case reportDropped(STAN)
    /// The sale is already on its way.
    case cancelTooLate
    /// A key that belongs to a sale, and there is none that waits for it.
    case keyOutOfPlace
    case timerStale(TimerID)
    /// The journal could not be written, or can be again.
    case storeFailed
    case storeRestored
    /// A message of the terminal's own could not be encoded.
    case messageNotEncoded
}
