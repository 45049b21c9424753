// SPDX-License-Identifier: Apache-2.0
import Synchronization
import TerminalAgent
import Vocabulary

/// The sale last started at each virtual terminal, so that a step-up can go on without typing it again: it is bound to
/// the same card, terminal and amount (rule R12). In memory only, and only of whoever started it.
final class TillMemory: Sendable {
    static let terminalsMax = 1_000

    private struct Entry {
        var session: [UInt8]
        var sale: TillSale
    }

    private let sales = Mutex<[TerminalID: Entry]>([:])

    func remember(_ sale: TillSale, _ terminal: TerminalID, _ session: Session) {
        sales.withLock { sales in
            if sales.count >= Self.terminalsMax, sales[terminal] == nil { sales.removeAll() }
            sales[terminal] = Entry(session: session.id, sale: sale)
        }
    }

    func sale(_ terminal: TerminalID, _ session: Session) -> TillSale? {
        sales.withLock { sales in
            guard let entry = sales[terminal], entry.session == session.id else { return nil }
            return entry.sale
        }
    }
}
