// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// An approved transaction of the open batch.
public struct BatchEntry: Equatable, Sendable {
    public var kind: TransactionKind
    public var stan: STAN
    /// Nil where the answer named none that is a number.
    public var rrn: RRN?
    public var amount: Money
    public var approvalCode: String
    public var at: Instant

    var item: BatchItem { BatchItem(kind: kind, stan: stan, rrn: rrn ?? RRN(0), amount: amount.minorUnits) }
}

/// A settlement that is under way: durable, and repeated until the host has answered.
struct SettlementRun: Equatable, Sendable {
    enum Stage: Equatable, Sendable {
        /// The totals are out.
        case totals
        /// The transactions from this one on are out; the number of all of them: the end of the upload is.
        case upload(next: Int)
    }

    /// Of the message that is out; its repeats share it.
    var stan: STAN
    /// DE 12 and 13 of that message.
    var at: Instant
    var stage: Stage

    /// Not durable: how often the message went out since the start.
    var attempts = 0
    /// Not durable: the next attempt comes no sooner.
    var notBefore = Instant(microseconds: .min)
}

/// The terminal's batch: what it has done since the last settlement.
struct BatchBook: Equatable, Sendable {
    /// More are refused until the batch is settled: a settlement counts with three digits.
    static let countMax = 999

    var number: UInt32 = 1
    /// Oldest first.
    var entries: [BatchEntry] = []
    var settlement: SettlementRun?

    var totals: BatchTotals {
        var totals = BatchTotals()
        for entry in entries { totals.add(entry.amount.minorUnits, entry.kind.side) }
        return totals
    }

    /// The transaction of a trace number; the newest, should one have come again.
    func entry(_ stan: STAN) -> BatchEntry? { entries.last { $0.stan == stan } }

    mutating func close() {
        number = TerminalData.batch(after: number)
        entries = []
        settlement = nil
    }
}
