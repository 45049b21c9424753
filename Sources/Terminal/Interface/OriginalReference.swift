// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// How the till names the transaction that a void, a refund or a completion refers to.
public enum OriginalReference: Hashable, Sendable {
    /// By its trace number: a transaction of this terminal's open batch.
    case trace(STAN)
    /// By the reference of its answer and, where the slip says so, its approval code (six characters).
    case reference(RRN, approvalCode: String?)
}

/// What a message says of the original: DE 90, 37 and 38.
struct OriginalData: Equatable, Sendable {
    /// Message type, trace number and time of one of this terminal's own.
    struct Trace: Equatable, Sendable {
        var kind: TransactionKind
        var stan: STAN
        var at: Instant
    }

    var trace: Trace?
    var rrn: RRN?
    var approvalCode: String?
}
