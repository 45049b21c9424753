// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// An approved sale: the answer was authentic and the completion is durable.
public struct ApprovedSale: Equatable, Sendable {
    public var stan: STAN
    public var amount: Money
    /// DE 38; empty if the host gave none.
    public var approvalCode: String
    /// DE 37.
    public var rrn: String
    /// The local time of the sale, DE 12 and 13.
    public var at: Instant

    public init(stan: STAN, amount: Money, approvalCode: String, rrn: String, at: Instant) {
        self.stan = stan
        self.amount = amount
        self.approvalCode = approvalCode
        self.rrn = rrn
        self.at = at
    }
}

/// An authentic "no".
public struct DeclinedSale: Equatable, Sendable {
    public var stan: STAN
    /// DE 39 and what it tells this terminal to do; a step-up is one of the actions.
    public var reading: TerminalReading
    /// DE 44: the reference to quote when calling, or the challenge of a step-up.
    public var reference: String?
    /// The code leaves open whether the issuer has booked: a reversal goes out.
    public var reversalFollows: Bool

    /// DE 39 as it came.
    public var code: ResponseCode { reading.code }

    public init(stan: STAN, reading: TerminalReading, reference: String?, reversalFollows: Bool) {
        self.stan = stan
        self.reading = reading
        self.reference = reference
        self.reversalFollows = reversalFollows
    }
}

/// Why a sale that was sent is taken back: DE 39 of the reversal.
public enum ReversalReason: UInt8, CaseIterable, Sendable {
    /// No answer in time, or the line broke.
    case noAnswer = 1
    /// The answer's MAC did not verify (rule R5).
    case macFailed = 2
    /// The terminal could not finish: it halted or restarted.
    case notFinished = 3
    /// The answer does not fit the request, or leaves open whether the issuer has booked.
    case other = 4

    /// The code as terminals of the field use it.
    public var code: String {
        switch self {
        case .noAnswer: "98"
        case .macFailed: "A0"
        case .notFinished: "96"
        case .other: "06"
        }
    }
}

/// Why a sale was refused before anything was sent.
public enum SaleRefusal: Equatable, Sendable {
    /// What is wrong with the request.
    public enum Fault: UInt8, CaseIterable, Sendable {
        case currency
        case amount
        case goods
        case challenge
        /// Named where there must be none, not named where there must be, or no transaction of the open batch.
        case original
        /// The message could not be encoded.
        case message
    }

    /// A settlement is under way: sales go on when it has ended.
    case settling
    /// The batch holds as many transactions as a settlement counts: it must be settled first.
    case batchFull
    /// The batch is empty.
    case nothingToSettle
    /// Another sale is on, and goes on; or the module has not answered for the one before.
    case busy
    case invalid(Fault)
    /// Warnings are open that allow no sale; empty where the module is out of service without naming one.
    case halted([WarningCode])
    /// No line to the host.
    case offline
    /// No valid lease: not signed on yet, or it has run out.
    case notSignedOn
    /// The module said no.
    case module(ModuleRefusal)
    /// The clerk or the cardholder cancelled.
    case cancelled
    /// Nothing was entered on the keypad in time.
    case pinTimeout
}

/// How a sale ended. Every sale has one, except one that dies with its process: its reversal goes out at the restart.
public enum SaleOutcome: Equatable, Sendable {
    case approved(ApprovedSale)
    case declined(DeclinedSale)
    /// What the account holds: what is booked, and what is available.
    case balance([AdditionalAmount], STAN)
    /// A refund that has no answer yet: it is durable and is repeated until it has.
    case pending(STAN)
    /// The goods must not be handed out; the reversal is durable and is repeated until the host has taken it.
    case reversed(ReversalReason, STAN)
    /// Nothing was sent.
    case refused(SaleRefusal)
}
