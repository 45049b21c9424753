// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ModuleProtocol
import Vocabulary

/// What the engine asks the module beside the two commands an authorisation, and what becomes of messages while the module
/// does not answer: nothing is decided about them and nothing recorded.
extension HostEngine {
    /// What is known of the card of a message.
    enum KnownCard {
        /// Nil for a message without a card, or with a number that is none.
        case known(CardKey?)
        /// The module does not answer.
        case unknown
    }

    /// The keyed hashes of a batch's cards, in one question.
    func cards(of views: [MessageView]) -> [KnownCard] {
        let pans = views.map(\.pan)
        let asked = pans.compactMap(\.self)
        guard !asked.isEmpty else { return views.map { _ in .known(nil) } }
        guard let keys = try? module.cardKeys(asked), keys.count == asked.count else {
            return pans.map { $0 == nil ? .known(nil) : .unknown }
        }
        var next = keys.makeIterator()
        return pans.map { $0 == nil ? .known(nil) : .known(next.next()) }
    }

    /// - Returns: nil when the module does not answer.
    func inquire(_ view: MessageView, _ origin: Origin, _ card: KnownCard, now: Instant) -> Inquiry? {
        guard case .known(let key) = card else { return nil }
        // A sign-on's nonce alone is asked for one by one; an inquiry only reads, so that one without it is dropped.
        var isMissing = false
        let inquiry = host.inquire(
            view, wire: origin.wire,
            cardKey: { _ in
                isMissing = isMissing || key == nil
                return key ?? CardKey(high: 0, low: 0)
            },
            nonce: { context in
                let nonce = try? module.nonce(context)
                isMissing = isMissing || nonce == nil
                return nonce ?? []
            }, now: now)
        return isMissing ? nil : inquiry
    }

    /// The verdict on a stretch of an audit log that came with a request.
    ///
    /// - Returns: false when the module does not answer.
    func verifyLog(of request: Request, into verdict: inout OpenVerdict) -> Bool {
        guard let log = request.log, verdict.macAuthentic else { return true }
        guard let found = try? module.verifyLog(log) else { return false }
        verdict.log = found
        return true
    }

    /// The answers with their MACs. Without a module they leave with zeros for a MAC: that settles nothing at a terminal, which
    /// repeats its message and gets the stored answer.
    func sealed(_ commands: [SealCommand]) -> [[UInt8]] {
        if let messages = try? module.seal(commands) { return messages }
        counters.withoutModule += commands.count
        return commands.map { command in
            var message = command.message
            message.replaceSubrange(command.mac, with: repeatElement(0, count: command.mac.count))
            return message
        }
    }
}
