// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Terminal

extension SaleRefusal {
    /// Why nothing was sent, for whoever stands at the till's bench.
    var sentence: String {
        switch self {
        case .busy: "another sale is on"
        case .invalid(let fault): fault.sentence
        case .halted(let codes) where codes.isEmpty: "halted: the module is out of service"
        case .halted(let codes):
            "halted: " + codes.map { "\($0.rawValue) \($0.entry.title.en)" }.joined(separator: ", ")
        case .settling: "the batch is being settled"
        case .batchFull: "the batch is full: settle it first"
        case .nothingToSettle: "the batch is empty"
        case .offline: "no line to the host"
        case .notSignedOn: "not signed on"
        case .module(let refusal): refusal.sentence
        case .cancelled: "cancelled"
        case .pinTimeout: "no PIN was entered in time"
        }
    }
}

extension SaleRefusal.Fault {
    fileprivate var sentence: String {
        switch self {
        case .currency: "the amount is not in the terminal's currency"
        case .amount: "the amount cannot be sold"
        case .goods: "the goods cannot be named like this"
        case .challenge: "the challenge is none"
        case .original: "the original is none of this batch, or none that this refers to"
        case .message: "the message could not be encoded"
        }
    }
}

extension ModuleRefusal {
    fileprivate var sentence: String {
        switch self {
        case .halted: "the module is halted"
        case .tampered: "the module has been tampered with"
        case .notActivated: "the module is not activated"
        case .leaseMissingOrExpired: "the module has no valid lease"
        case .selfTestOverdue: "the module's self-test is overdue"
        case .noPIN: "no PIN was entered"
        case .pinRateExceeded: "PINs come faster than the module encrypts them"
        case .badRequest: "the module cannot use the message"
        case .ticketRefused: "the module refused the ticket"
        case .keysExhausted: "the module's keys are used up"
        case .signOnNeeded: "the module has no session keys: sign on first"
        case .keysRefused: "the module refused the key download"
        }
    }
}
