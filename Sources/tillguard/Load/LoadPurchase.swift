// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// One purchase of a load.
struct LoadPurchase: Equatable, Sendable {
    /// The number of the terminal, and of the card.
    var terminal: Int
    var card: Int
    /// In minor units.
    var amount: Int64
    var stan: STAN
    /// The time that the message carries.
    var at: Instant
}

/// A purchase and its authentic answer.
struct LoadOutcome: Sendable {
    var purchase: LoadPurchase
    /// DE 39.
    var code: ResponseCode
    /// From the moment the request was handed to the socket until its answer was verified.
    var latencyNanoseconds: UInt64
}

/// Why a load cannot go on.
enum LoadFailure: Error, Equatable, CustomStringConvertible {
    case unexpectedAnswer(TerminalID)
    case unauthenticAnswer(TerminalID)
    case signOnRefused(TerminalID, code: String)
    case cannotProtect(TerminalID)
    case noSuchCard(Int)
    case malformedAnswer
    case disconnected
    case noAnswer(seconds: Int)

    var description: String {
        switch self {
        case .unexpectedAnswer(let id): "\(id) got an answer to something it had not asked"
        case .unauthenticAnswer(let id): "\(id) got an answer without a valid MAC"
        case .signOnRefused(let id, let code): "\(id) was not allowed to sign on: response code \(code)"
        case .cannotProtect(let id): "\(id) could not protect its message"
        case .noSuchCard(let number): "there is no card of number \(number)"
        case .malformedAnswer: "the host's answer cannot be read"
        case .disconnected: "the host closed the connection"
        case .noAnswer(let seconds): "the host has not answered for \(seconds) seconds"
        }
    }
}
