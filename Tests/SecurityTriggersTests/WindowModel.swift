// SPDX-License-Identifier: Apache-2.0
import Vocabulary

@testable import SecurityTriggers

/// The windows as the plainest possible program has them: a list of all events, searched from end to end.
struct WindowModel {
    struct Event {
        var facts: TransactionFacts
        var outcome: WindowOutcome
        var isReversed = false
        var milliseconds: Int64
        var isApproved: Bool { outcome == .approved && !isReversed }
    }

    /// What a figure can be: all values when `high` is nil.
    struct Bounds: Equatable {
        var low: Int64?
        var high: Int64?
    }

    var events: [Event] = []

    static func milliseconds(_ instant: Instant) -> Int64 {
        let rest = ((instant.microseconds % 1_000) + 1_000) % 1_000
        return (instant.microseconds - rest) / 1_000
    }

    mutating func apply(_ facts: TransactionFacts, _ outcome: WindowOutcome) {
        events.append(Event(facts: facts, outcome: outcome, milliseconds: Self.milliseconds(facts.at)))
    }

    /// Events of (now − W, now] by time, then arrival; the transaction in hand comes last.
    func window(_ facts: TransactionFacts, _ minutes: Int64, isBefore: Bool = false) -> [Event] {
        let now = Self.milliseconds(facts.at)
        let past = events.enumerated().filter {
            $0.element.facts.card == facts.card && $0.element.milliseconds <= now
                && $0.element.milliseconds > now - minutes * 60_000
        }
        let sorted = past.sorted { ($0.element.milliseconds, $0.offset) < ($1.element.milliseconds, $1.offset) }
        return sorted.map(\.element)
            + (isBefore ? [] : [Event(facts: facts, outcome: .approved, milliseconds: now)])
    }

    static let velocities = """
        velocity n = count(attempts) by card over 10m
        velocity ok = count(approved) by card over 24h
        velocity no = count(declined) by card over 48h
        velocity undone = count(reversed) by card over 24h
        velocity wrong_pins = count(attempts where pin == wrong) by card over 15m reset on pin == right
        velocity total = sum(amount where approved and kind == purchase) by card over 24h
        velocity spread = distinct(terminal) by card over 1h where amount >= 500.00 EUR
        velocity shops = distinct(merchant) by card over 2h before
        velocity codes = distinct(mcc) by card over 48h
        velocity least = min(amount) by card over 6h
        velocity most = max(amount) by card over 6h before
        velocity average = mean(amount) by card over 24h where mcc in [5000-5999] and not (hour < 6)
        velocity tills = count(attempts) by card over 3h where terminal != "T0000000" and (merchant == 77 or declined)
        velocity untrue = count(attempts where pin != right) by card over 5h
        velocity here = sum(amount where approved and kind == purchase and same(terminal)) by card over 2h
        velocity large = count(attempts where pin == wrong and kind == purchase and amount >= 499.00 EUR) by card over 24h
        velocity since_refund = sum(amount) by card over 12h reset on kind == refund or amount < 5.00 EUR
        """

    static let names = [
        "n", "ok", "no", "undone", "wrong_pins", "total", "spread", "shops", "codes", "least", "most", "average",
        "tills", "untrue", "here", "large", "since_refund",
    ]

    /// The figure of a velocity by its definition.
    func bounds(_ name: String, _ facts: TransactionFacts) -> Bounds {
        switch name {
        case "n": return exactly(window(facts, 10).count)
        case "ok": return exactly(window(facts, 1_440).count { $0.isApproved })
        case "no": return exactly(window(facts, 2_880).count { $0.outcome == .declined })
        case "undone": return exactly(window(facts, 1_440).count { $0.isReversed })
        case "wrong_pins":
            let window = window(facts, 15)
            let start = (window.lastIndex { $0.facts.pin == .right } ?? -1) + 1
            return exactly(window[start...].count { $0.facts.pin == .wrong })
        case "total":
            return sum(window(facts, 1_440).filter { $0.isApproved && $0.facts.kind == .purchase }, facts)
        case "spread":
            let window = window(facts, 60)
            let sure = window.filter { $0.facts.amount.currency == .eur && $0.facts.amount.minorUnits >= 50_000 }
            let open = window.count { $0.facts.amount.currency != .eur }
            let count = distinct(sure.map { Int($0.facts.terminal.packed & 0xFFFF) })
            return Bounds(low: count, high: count + Int64(open))
        case "shops":
            let window = window(facts, 120, isBefore: true)
            let count = distinct(window.compactMap { $0.facts.merchant.map { Int($0.number) } })
            return Bounds(low: count, high: count + Int64(window.count { $0.facts.merchant == nil }))
        case "codes":
            let window = window(facts, 2_880)
            let count = distinct(window.compactMap { $0.facts.mcc.map { Int($0.code) } })
            return Bounds(low: count, high: count + Int64(window.count { $0.facts.mcc == nil }))
        case "least":
            let (same, all) = amounts(spending(window(facts, 360)), facts)
            return same.isEmpty ? Bounds() : Bounds(low: all ? same.min() : 0, high: same.min())
        case "most":
            let (same, all) = amounts(spending(window(facts, 360, isBefore: true)), facts)
            return same.isEmpty ? Bounds() : Bounds(low: same.max(), high: all ? same.max() : nil)
        case "average":
            let chosen = spending(window(facts, 1_440)).filter { event in
                guard event.milliseconds / 3_600_000 % 24 >= 6 else { return false }
                return event.facts.mcc.map { (5_000...5_999).contains($0.code) } ?? true
            }
            let (same, all) = amounts(chosen, facts)
            guard all, !same.isEmpty, !chosen.contains(where: { $0.facts.mcc == nil }) else { return Bounds() }
            let mean = same.reduce(0, +) / Int64(same.count)
            return Bounds(low: mean, high: mean)
        case "tills":
            let window = window(facts, 180).filter { $0.facts.terminal != terminal(0) }
            let sure = window.count { $0.facts.merchant?.number == 77 || $0.outcome == .declined }
            return Bounds(
                low: Int64(sure),
                high: Int64(sure + window.count { $0.facts.merchant == nil && $0.outcome != .declined }))
        case "untrue": return exactly(window(facts, 300).count { $0.facts.pin != .right })
        case "here":
            let there = window(facts, 120).filter { $0.facts.terminal == facts.terminal }
            return sum(there.filter { $0.isApproved && $0.facts.kind == .purchase }, facts)
        case "large":
            let wrong = window(facts, 1_440).filter { $0.facts.pin == .wrong && $0.facts.kind == .purchase }
            let open = wrong.count { $0.facts.amount.currency != .eur }
            let sure = wrong.count { $0.facts.amount.currency == .eur && $0.facts.amount.minorUnits >= 49_900 }
            return Bounds(low: Int64(sure), high: Int64(sure + open))
        default: return sinceRefund(window(facts, 720), facts)
        }
    }

    private func sinceRefund(_ window: [Event], _ facts: TransactionFacts) -> Bounds {
        var (sum, isOpen) = (Int64(0), false)
        for event in window.reversed() {
            let isEuro = event.facts.amount.currency == .eur
            if event.facts.kind == .refund || (isEuro && event.facts.amount.minorUnits < 500) { break }
            if !isEuro { isOpen = true }
            if isOpen || event.facts.amount.currency != facts.amount.currency {
                return Bounds(low: sum, high: nil)
            }
            sum += event.facts.amount.minorUnits
        }
        return Bounds(low: sum, high: sum)
    }

    private func sum(_ events: [Event], _ facts: TransactionFacts) -> Bounds {
        let (same, all) = amounts(events, facts)
        let sum = same.reduce(0, +)
        return Bounds(low: sum, high: all ? sum : nil)
    }

    /// Without what gives money back, or moves none.
    private func spending(_ events: [Event]) -> [Event] {
        events.filter { $0.facts.kind != .refund && $0.facts.kind != .other }
    }

    /// The amounts in the transaction's currency, and whether these are all.
    private func amounts(_ events: [Event], _ facts: TransactionFacts) -> (same: [Int64], all: Bool) {
        let same = events.filter { $0.facts.amount.currency == facts.amount.currency }
        return (same.map { $0.facts.amount.minorUnits }, same.count == events.count)
    }

    private func exactly(_ count: Int) -> Bounds { Bounds(low: Int64(count), high: Int64(count)) }
    private func distinct(_ values: [Int]) -> Int64 { Int64(Set(values).count) }
}
