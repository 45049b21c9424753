// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// A sale that may have to be taken back: everything its reversal needs, durable before the sale is sent.
struct ReversalIntent: Equatable, Sendable {
    /// Where it stands.
    enum State: Equatable, Sendable {
        /// The sale is out and not settled.
        case inFlight
        /// The reversal must be delivered, under a trace number of its own that all its repeats share.
        case due(ReversalReason, STAN)
    }

    var stan: STAN
    var pan: PAN
    var amount: Money
    /// DE 7, 12 and 13 of the sale.
    var at: Instant
    /// DE 37, when an authentic answer named it.
    var rrn: RRN?
    var state: State
    var kind = TransactionKind.purchase
    /// What a repeat needs beside: only of a kind that is repeated and never reversed.
    var advice: Advice?
    /// The number of the sealed record that opened it; nil where the module keeps no sealed journal.
    var sealed: UInt64?

    /// Not durable: how often the reversal went out since the start.
    var attempts = 0
    /// Not durable: the next attempt comes no sooner.
    var notBefore = Instant(microseconds: .min)

    /// Whether it must be delivered: a reversal that is due, or a refund that has no answer.
    var isOwed: Bool { reversal != nil || !kind.isReversed }

    var reversal: (reason: ReversalReason, stan: STAN)? {
        if case .due(let reason, let stan) = state { (reason, stan) } else { nil }
    }
}

/// What the message of a refund is made of again.
struct Advice: Equatable, Sendable {
    var expiry: CardExpiry
    var entry: EntryMode
    var original: OriginalData
}

/// A warning report, DE 60 of an administrative advice, until the host has it.
struct WarningReport: Equatable, Sendable {
    var stan: STAN
    var codes: [WarningCode]
    var at: Instant

    /// Not durable: how often it went out since the start.
    var attempts = 0
    /// Not durable: the next attempt comes no sooner.
    var notBefore = Instant(microseconds: .min)
    /// Not durable: the module would not protect it, so a token has to do.
    var moduleRefused = false
}

/// How the last settled sale ended, for the merchant who asks after a restart.
public enum LastSale: Equatable, Sendable {
    case approved(ApprovedSale)
    case declined(STAN)
    /// Taken back, or being taken back.
    case reversed(STAN, ReversalReason)
}

/// The durable half of a terminal: changed by `apply` alone, live and at a restart.
struct TerminalBook: Equatable, Sendable {
    /// More unanswered evidence than this is forgotten, oldest first.
    static let linkTokenCandidatesMax = 4

    /// The last trace number that was used.
    var lastSTAN = STAN(0)
    /// Oldest first.
    var intents: [ReversalIntent] = []
    /// Oldest first.
    var reports: [WarningReport] = []
    /// The one-time link token of the lease that the host has accepted.
    var linkToken: [UInt8]?
    /// Those of evidence since then that had no answer, oldest first: the host may know any of them instead.
    var linkTokenCandidates: [[UInt8]] = []
    var lastSale: LastSale?
    var batch = BatchBook()
    var service = ServiceBook()
    /// What the host may still need (rule R8).
    var sealed = SealedTail()
    /// Sealed intents that have ended and that no sealed record covers yet; the next one does.
    var uncovered: [UInt64] = []

    /// Whether a trace number belongs to something that is still open.
    func isInUse(_ stan: STAN) -> Bool {
        intents.contains { $0.stan == stan || $0.reversal?.stan == stan } || reports.contains { $0.stan == stan }
            || batch.settlement?.stan == stan
    }

    /// Trace numbers wrap at 999999, so the later one of two is found on the circle.
    mutating func advance(to stan: STAN) {
        let circle: UInt32 = 999_999
        let distance = (stan.number % circle + circle - lastSTAN.number % circle) % circle
        if distance < circle / 2 { lastSTAN = stan }
    }
}
