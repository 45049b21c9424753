// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import Vocabulary

/// What a terminal wants taken back, by a message or by its sealed journal.
struct ReversalClaim {
    /// `TerminalUsage.none(of:)` out of a sealed journal.
    var usage: TerminalUsage
    var names: MessageNames
    /// Trace number and DE 7 of the original.
    var stan: STAN
    var transmission: UInt64
    /// What it was, where the claim says so.
    var kind: TransactionKind?
    var amount: Money
    /// Nil where the claim names no card.
    var card: CardKey?
}

/// What comes of it.
enum TakenBack: Equatable {
    /// The host knows something else under that name.
    case conflict
    /// It is not known yet whether it can be; the same claim may come again.
    case notNow
    case purchase(Reversal)
    case transaction(TransactionReversal)
    case forward(Reversal, forward: UInt64, isOpen: Bool)

    /// The record of a message, and its answer; nil where nothing is taken back.
    var body: (record: HostRecord.Body, answer: StoredAnswer)? {
        switch self {
        case .conflict, .notNow: nil
        case .purchase(let reversal): (.reversal(reversal), reversal.answer)
        case .transaction(let reversal): (.transactionReversal(reversal), reversal.reversal.answer)
        case .forward(let reversal, let forward, let isOpen):
            (.upstream(.reversed(reversal, of: forward, isOpen: isOpen)), reversal.answer)
        }
    }
}
