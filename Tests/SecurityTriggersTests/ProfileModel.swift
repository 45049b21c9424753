// SPDX-License-Identifier: Apache-2.0
import Vocabulary

@testable import SecurityTriggers

/// Features computed from plain lists of everything that happened, the slow and obvious way.
struct ProfileModel {
    struct Entry {
        var transaction: ProfiledTransaction
        var traits: TransactionTraits
        var labels: [TransactionLabel] = []
    }

    static let day: Int64 = 86_400
    static let delay: Int64 = 7 * day

    var entries: [Entry] = []
    /// Which entries were labelled, in order of the labels.
    var labelled: [Int] = []

    private func day(_ instant: Instant) -> Int64 { instant.seconds / Self.day }

    /// Sum, count, maximum of usual amounts, and the rest, of a card's days `today − days + 1` … `today`.
    func card(_ card: CardKey, _ now: Instant, days: Int64) -> CardFigures {
        var figures = CardFigures()
        for entry in entries where entry.transaction.card == card {
            let age = day(now) - day(entry.transaction.at)
            guard age >= 0, age < days else { continue }
            figures.attempts30 += 1
            guard entry.transaction.isApproved, entry.transaction.amount.currency == .eur else { continue }
            let amount = UInt32(clamping: entry.transaction.amount.minorUnits)
            if entry.traits.isUnusual {
                figures.unusual14 += 1
            } else {
                figures.usual30.count += 1
                figures.usual30.sum += UInt64(amount)
                figures.usual30.largest = max(figures.usual30.largest, RoundedCount(amount).value)
            }
        }
        return figures
    }

    /// Everything that is known of a terminal at a time: when it became known, when it was made, the verdict.
    private func known(_ terminal: TerminalID, _ now: Instant) -> [(
        known: Int64, made: Int64, isFraud: Bool, isPlain: Bool
    )] {
        var known: [(known: Int64, made: Int64, isFraud: Bool, isPlain: Bool)] = []
        for entry in entries where entry.transaction.terminal == terminal && entry.transaction.isApproved {
            let made = entry.transaction.at.seconds
            if let label = entry.labels.first {
                known.append((label.known.seconds, made, label.verdict == .fraud, label.isPlain))
            } else {
                // Unlabelled transactions come due when their hour and the delay are over.
                known.append(((made / 3_600 + 1) * 3_600 + Self.delay, made / 3_600 * 3_600, false, false))
            }
        }
        return known.filter { $0.known <= now.seconds }.sorted { ($0.known, $0.made) < ($1.known, $1.made) }
    }

    func terminal(_ terminal: TerminalID, _ now: Instant) -> TerminalFigures {
        let known = known(terminal, now)
        var figures = TerminalFigures()
        func window(_ days: Int64) -> TerminalFigures.Window {
            var window = TerminalFigures.Window()
            for item in known where day(now) - item.known / Self.day < days {
                window.add(1, item.isFraud ? 1 : 0, item.isPlain ? 1 : 0)
            }
            return window
        }
        (figures.window7, figures.window14, figures.window28) = (window(7), window(14), window(28))
        figures.known30 = window(30).known
        let plain = known.filter { $0.isPlain && day(now) - $0.known / Self.day < 28 }
        figures.firstPlainDays = plain.map { UInt32(day(now) - $0.known / Self.day) }.max()
        figures.secondsSincePlain = known.filter(\.isPlain).map(\.made).max().map { UInt32(now.seconds - $0) }
        var run: Int64?
        for item in known {
            if item.isFraud {
                run = min(run ?? item.made, item.made)
            } else if let start = run, item.made > start {
                run = nil
            }
        }
        figures.secondsOfRun = run.map { UInt32(now.seconds - $0) }
        figures.fraudsOfLast4 = UInt32(known.suffix(4).count { $0.isFraud })
        return figures
    }
}
