// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import SecurityTriggers
import Vocabulary

/// Rules of a small grammar over any traffic: what the windows say bounds what a list of all events says, and is it to the unit
/// where nothing was forgotten; evaluations and snapshots come back from their bytes.
@main
enum RuleEvaluationFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            RuleEvaluationFuzzer.run(&input)
            return 0
        }
    }

    private static func run(_ input: inout FuzzInput) {
        let figures = (0..<1 + input.number(below: 5)).map { _ in PlainFigure(&input) }
        guard let rules = try? RuleSet(parsing: PlainFigure.rules(figures)) else {
            stop("the grammar's own rules are refused")
        }
        var triggers = Triggers(rules: rules)
        var events: [PlainEvent] = []
        var now: Int64 = 1_700_000_000_000
        while !input.isEmpty {
            let step = input.byte()
            // Mostly forwards; now and then a little late, or much.
            now += step < 200 ? Int64(step) * 7_001 : step < 240 ? -Int64(step) * 3_000 : Int64(step) * 300_000
            let event = PlainEvent(at: now, &input)
            let evaluation = triggers.evaluate(event.facts)
            compare(evaluation, event, figures, events)
            if input.byte() & 15 == 0, let last = events.indices.last(where: { !events[$0].isReversed }) {
                reverse(&triggers, &events, last)
            }
            triggers.apply(
                WindowEvent(facts: event.facts, outcome: event.isApproved ? .approved : .declined), after: evaluation)
            events.append(event)
        }
        hold(triggers.checkInvariants().isEmpty, "an invariant of the windows is broken")
        restart(triggers, rules)
    }

    private static func reverse(_ triggers: inout Triggers, _ events: inout [PlainEvent], _ index: Int) {
        let event = events[index]
        let twins = events.filter { $0.isSame(event) && !$0.isReversed }.count
        let facts = event.facts
        let isMarked = triggers.markReversed(
            card: facts.card, at: facts.at, terminal: facts.terminal, amount: facts.amount)
        // Of events that look alike, which one is marked is not said.
        guard isMarked, twins == 1 else {
            if isMarked {
                for twin in events.indices where events[twin].isSame(event) { events[twin].isDoubtful = true }
            }
            return
        }
        events[index].isReversed = true
    }

    private static func compare(
        _ evaluation: Evaluation, _ event: PlainEvent, _ figures: [PlainFigure], _ events: [PlainEvent]
    ) {
        guard let result = evaluation.results.first, result.figures.count == figures.count else {
            stop("the rule that always holds does not")
        }
        let own = events.filter { $0.card == event.card }
        let latest = own.map(\.at).max() ?? event.at
        let isWhole = event.at >= latest && own.count < 200 && !own.contains(where: \.isDoubtful)
        for (figure, plain) in zip(result.figures, figures) {
            guard !own.contains(where: \.isDoubtful) || plain.kind != .approved else { continue }
            let expected = plain.value(event, own)
            hold(figure.value.low <= expected, "a lower bound above the value")
            hold(figure.value.high >= expected, "an upper bound below the value")
            hold(!isWhole || figure.value.isExact, "no exact value where nothing was forgotten")
        }
        var writer = ByteWriter()
        evaluation.encode(to: &writer)
        var reader = ByteReader(writer.bytes)
        hold((try? Evaluation(from: &reader)) == evaluation && reader.isAtEnd, "another evaluation from its bytes")
    }

    private static func restart(_ triggers: Triggers, _ rules: RuleSet) {
        var writer = ByteWriter()
        triggers.snapshot(to: &writer)
        var reader = ByteReader(writer.bytes)
        guard let again = try? Triggers(snapshot: &reader, rules: rules) else { stop("a snapshot is refused") }
        var second = ByteWriter()
        again.snapshot(to: &second)
        hold(second.bytes == writer.bytes, "another snapshot after a start")
    }
}

/// An event as a plain list keeps it.
struct PlainEvent {
    var at: Int64
    var card: UInt64
    var terminal: UInt64
    var amount: Int64
    var isWrongPIN: Bool
    var isApproved: Bool
    var isReversed = false
    var isDoubtful = false

    init(at: Int64, _ input: inout FuzzInput) {
        self.at = at
        let bits = input.byte()
        card = UInt64(bits & 1)
        terminal = UInt64(bits >> 1 & 7)
        isWrongPIN = bits & 0x10 != 0
        isApproved = bits & 0x60 != 0
        amount = Int64(input.byte()) * 100
    }

    func isSame(_ other: PlainEvent) -> Bool {
        at == other.at && card == other.card && terminal == other.terminal && amount == other.amount
    }

    var facts: TransactionFacts {
        TransactionFacts(
            card: CardKey(high: 7, low: card), account: AccountID(card), at: Instant(microseconds: at * 1_000),
            amount: Money(minorUnits: amount, .eur), terminal: TerminalID(packed: 0x5430_3030_3030_3030 + terminal),
            merchant: MerchantID(number: terminal / 2), mcc: MCC(5_411), pin: isWrongPIN ? .wrong : .right)
    }
}

/// One velocity of the grammar, and its value by definition.
struct PlainFigure {
    enum Kind: CaseIterable { case attempts, approved, sum, terminals }
    let kind: Kind
    let minutes: Int64
    let limit: Int64
    let isWrongPIN: Bool

    init(_ input: inout FuzzInput) {
        kind = input.element(Kind.allCases)
        minutes = input.element([1, 10, 15, 60, 1_440, 2_880])
        limit = Int64(input.number(below: 4)) * 5_000
        isWrongPIN = input.byte() & 3 == 0
    }

    private var declaration: String {
        let conditions = (limit > 0 ? ["amount >= \(limit / 100).00 EUR"] : []) + (isWrongPIN ? ["pin == wrong"] : [])
        let filter = conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
        let function =
            switch kind {
            case .attempts: "count(attempts)"
            case .approved: "count(approved)"
            case .sum: "sum(amount)"
            case .terminals: "distinct(terminal)"
            }
        return "\(function) by card over \(minutes)m\(filter)"
    }

    static func rules(_ figures: [PlainFigure]) -> String {
        var text = "tillguard-rules 1\n"
        for (index, figure) in figures.enumerated() { text += "velocity v\(index) = \(figure.declaration)\n" }
        let conditions = figures.indices.map { "v\($0) >= \(figures[$0].kind == .sum ? "0.00 EUR" : "0")" }
        return text + "rule r { when \(conditions.joined(separator: " and ")) then decline }\n"
    }

    /// Over the events of the card in (t − W, t] and the transaction in hand, which counts as approved.
    func value(_ event: PlainEvent, _ events: [PlainEvent]) -> Int64 {
        var current = event
        current.isApproved = true
        let inWindow = (events + [current]).filter { other in
            other.at <= event.at && other.at > event.at - minutes * 60_000 && other.amount >= limit
                && (!isWrongPIN || other.isWrongPIN)
        }
        return switch kind {
        case .attempts: Int64(inWindow.count)
        case .approved: Int64(inWindow.count { $0.isApproved && !$0.isReversed })
        case .sum: sum(inWindow)
        case .terminals: Int64(Set(inWindow.map(\.terminal)).count)
        }
    }

    private func sum(_ events: [PlainEvent]) -> Int64 { events.reduce(0) { $0 + $1.amount } }
}
