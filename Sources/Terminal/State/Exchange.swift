// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// One request to the host from its making to its end.
///
/// There is at most one at a time: the module verifies only the answer to the message it protected last.
struct Exchange: Sendable {
    enum Purpose: Equatable, Sendable {
        /// Asks the host for a nonce.
        case hello
        /// Shows the module's evidence and asks for a lease.
        case evidence
        case sale
        /// Tells the host that trade has ended.
        case signOff
        /// Asks whether the line is alive.
        case echo
        /// The repeat of a refund; its trace number.
        case advice(STAN)
        /// The totals of the batch, or a part of its upload.
        case settlement
        /// The trace number of the sale.
        case reversal(of: STAN)
        /// The trace number of the report.
        case report(STAN)
        /// A segment of the module's audit log.
        case log
        /// Sealed records of a dead terminal, up to this one.
        case tail(through: UInt64)
    }

    enum Stage: Equatable, Sendable {
        case attesting
        case protecting
        /// Protected; its intent is being sealed.
        case sealing
        /// Sent.
        case awaiting
        case verifying(HostAnswer)
        /// An authentic approval whose completion is being sealed.
        case completing(HostAnswer)
        case acceptingLease
    }

    /// Why an exchange came to nothing.
    enum Failure: Equatable, Sendable {
        case disconnected
        case noAnswer
        case unauthentic
        /// Authentic or needing no proof, and still not what was asked for.
        case unfitting
        case moduleRefused(ModuleRefusal)
        case moduleLost
        case moduleAltered
        case halted
        case storeFailed
        case notEncoded
    }

    /// Tells a late reply of the module from one to this exchange.
    let number: UInt64
    let purpose: Purpose
    let stan: STAN
    /// DE 7, 12 and 13.
    let at: Instant
    /// As built, with holes, and then as protected.
    var message: OutgoingMessage
    var stage: Stage
    /// When the answer is overdue; a timer that fires sooner was meant for another exchange.
    var answerDue = Instant(microseconds: .max)

    /// Whether the host may have it.
    var isSent: Bool {
        switch stage {
        case .attesting, .protecting, .sealing: false
        case .awaiting, .verifying, .completing, .acceptingLease: true
        }
    }
}

/// What the terminal still waits for from its module, in order.
struct Errand: Equatable, Sendable {
    enum Task: Equatable, Sendable {
        case status, selfTest, beginPINEntry, cancelPINEntry, protect, verify, attest, describe, acceptLease,
            takeTicket, signOnDue, collectLog, seal
    }

    let task: Task
    /// The exchange it belongs to; 0 for none.
    let exchange: UInt64

    /// Whether a reply can be the answer. A refusal fits everything.
    func fits(_ reply: TerminalModuleReply) -> Bool {
        switch (reply, task) {
        case (.refused, _), (.status, .status), (.status, .selfTest), (.status, .beginPINEntry),
            (.status, .cancelPINEntry), (.status, .signOnDue),
            (.protected, .protect), (.answerAuthentic, .verify), (.evidence, .attest), (.statement, .describe),
            (.leaseAccepted, .acceptLease), (.leaseAccepted, .takeTicket), (.log, .collectLog), (.sealed, .seal):
            true
        default: false
        }
    }
}

/// The link to the module and what the module last said of itself.
struct ModuleLink: Sendable {
    /// Commands that may be unanswered at once; a sale is refused beyond.
    static let errandsMax = 16

    var status: ModuleStatus?
    var errands: [Errand] = []
    var heartbeatsMissed = 0
    /// The overdue self-test has been asked for.
    var isSelfTestAsked = false
    /// Nothing but a status brings it back, and until then nothing else is asked.
    var isLost = false
    /// How often it was switched off and on since it was lost, and when that comes next.
    var resets = 0
    var resetDue = Instant(microseconds: .min)

    /// Whether a message can be given to it at all; the module decides for itself then.
    var canProtect: Bool { !isLost && status.map { $0.state != .tampered } ?? false }
}

/// The terminal's licence to trade, as far as the terminal knows it.
struct SignOn: Equatable, Sendable {
    var leaseExpires: Instant?
    var renewAt: Instant?
    /// Failed attempts in a row.
    var attempts = 0
    /// The next attempt comes no sooner.
    var notBefore = Instant(microseconds: .min)
    /// The clerk has ended trade.
    var isSignedOff = false
    /// And the host is still to be told.
    var isSigningOff = false
    /// Of the attempt that is on.
    var nonce: [UInt8] = []
    /// The serial number that its evidence names, where it can be read.
    var serial: UInt64?
    /// What its answer brought; believed once the module has accepted it.
    var ticket: LeaseTicket?
}

/// The sale the clerk has started, until it has an outcome.
struct ActiveSale: Sendable {
    enum Stage: Equatable, Sendable {
        case enteringPIN
        /// Waits for the sign-on behind which it is tried again.
        case awaitingSignOn
        /// Waits for the line.
        case ready
        case inExchange
    }

    let request: SaleRequest
    var stage: Stage
    /// Digits may be in the module, which forgets them when the sale is given up.
    var keypadUsed: Bool
    /// When the keypad has been open for too long.
    var pinDue = Instant(microseconds: .max)
    /// When the sign-on has been waited for too long.
    var retryDue = Instant(microseconds: .max)
    /// In the second attempt: how the first ended.
    var first: FirstAttempt?
}
