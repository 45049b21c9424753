// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Windows that tiles answer")
struct WindowTileTests {
    private static let velocities = """
        velocity minutes = count(attempts) by terminal over 30m
        velocity hours = count(approved) by terminal over 24h
        velocity days = count(attempts) by terminal over 7d before
        velocity no = count(declined) by merchant over 48h
        velocity back = count(refunds) by merchant over 10d
        velocity sold = sum(amount where approved) by terminal over 12h
        velocity known = count(confirmed) by terminal over 28d
        velocity plain_ones = count(confirmed where plain) by merchant over 14d
        velocity faces = distinct(card) by terminal over 2h
        velocity month = count(attempts) by card over 30d
        velocity spent = sum(amount where approved) by card over 7d
        velocity refused = count(declined) by card over 5d before
        velocity earlier = count(attempts) by terminal over 3d delayed 2d
        """

    private static let names = [
        "minutes", "hours", "days", "no", "back", "sold", "known", "plain_ones", "faces", "month", "spent", "refused",
        "earlier",
    ]

    /// Everything that happened, in plain lists.
    private struct Run {
        var random: SeededRandom
        var triggers: Triggers
        var model = WindowModel()
        var labels: [(label: TransactionLabel, isWithdrawn: Bool)] = []
        var clock = morning

        init(seed: UInt64) throws {
            random = SeededRandom(seed: seed)
            triggers = Triggers(try ruleSet(WindowTileTests.velocities))
        }

        mutating func step() {
            clock = clock + .seconds(Int64([20, 400, 4_000, 40_000][random.below(4)]) + Int64(random.below(60)))
            if random.chance(perMille: 20) { clock = clock + .hours(20) }
            var facts = purchase(at: random.chance(perMille: 80) ? clock - .hours(Int64(random.below(40))) : clock)
            facts.card = CardKey(high: 1, low: UInt64(random.below(4)))
            facts.terminal = terminal(random.below(3))
            facts.merchant = MerchantID(number: UInt64(70 + random.below(2)))
            facts.amount = euros(Int64(random.below(9_000)) + 1)
            facts.kind = random.chance(perMille: 900) ? .purchase : .refund
            compare(facts)
            let outcome = WindowOutcome.allCases[random.below(3)]
            triggers.apply(WindowEvent(facts: facts, outcome: outcome))
            model.apply(facts, outcome)
            if random.chance(perMille: 150) { reverse() }
            if random.chance(perMille: 200) { label() }
        }

        /// Voids a recent transaction, or takes its void back.
        mutating func reverse() {
            let place = model.events.count - 1 - random.below(min(6, model.events.count))
            let event = model.events[place]
            let isMarked = triggers.markReversed(
                card: event.facts.card, at: event.facts.at, terminal: event.facts.terminal, amount: event.facts.amount,
                isReversed: !event.isReversed)
            if isMarked { model.events[place].isReversed.toggle() }
        }

        mutating func label() {
            if let last = labels.indices.last, !labels[last].isWithdrawn, random.chance(perMille: 300) {
                labels[last].isWithdrawn = true
                var label = labels[last].label
                label.verdict = .withdrawn
                return triggers.label(label)
            }
            let event = model.events[random.below(model.events.count)].facts
            let label = TransactionLabel(
                card: event.card, terminal: event.terminal, at: event.at, known: clock, verdict: .fraud,
                isPlain: random.chance(perMille: 500), merchant: event.merchant, amount: event.amount)
            triggers.label(label)
            labels.append((label, false))
        }

        func compare(_ facts: TransactionFacts) {
            for name in WindowTileTests.names {
                let (figure, wanted) = (triggers.figure(name, facts), exactly(name, facts))
                #expect(
                    figure.low <= wanted && wanted <= figure.high,
                    "\(name) at \(facts.at.iso8601): \(figure.low)…\(figure.high), wanted \(wanted)")
                #expect(figure.low >= 0)
            }
        }

        private func events(_ facts: TransactionFacts, _ hours: Int64, delay: Int64 = 0) -> [WindowModel.Event] {
            let end = WindowModel.milliseconds(facts.at) - delay * 3_600_000
            return model.events.filter { $0.milliseconds <= end && $0.milliseconds > end - hours * 3_600_000 }
        }

        private func known(_ facts: TransactionFacts, _ days: Int64) -> [TransactionLabel] {
            labels.filter { $0.label.known <= facts.at && $0.label.known > facts.at - .days(days) && !$0.isWithdrawn }
                .map(\.label)
        }

        /// The figure by its definition, the transaction in hand included.
        func exactly(_ name: String, _ facts: TransactionFacts) -> Int64 {
            let (here, mine) = (facts.terminal, facts.card)
            switch name {
            case "minutes":
                return Int64(
                    events(facts, 1).count {
                        $0.facts.terminal == here
                            && $0.milliseconds > WindowModel.milliseconds(facts.at) - 30 * 60_000
                    }) + 1
            case "hours": return Int64(events(facts, 24).count { $0.facts.terminal == here && $0.isApproved }) + 1
            case "days": return Int64(events(facts, 168).count { $0.facts.terminal == here })
            case "no":
                return Int64(events(facts, 48).count { $0.facts.merchant == facts.merchant && $0.outcome == .declined })
            case "back":
                let all = events(facts, 240).count { $0.facts.merchant == facts.merchant && $0.facts.kind == .refund }
                return Int64(all) + (facts.kind == .refund ? 1 : 0)
            case "sold":
                let all = events(facts, 12).filter {
                    $0.facts.terminal == here && $0.isApproved && $0.facts.kind == .purchase
                }
                return all.reduce(0) { $0 + $1.facts.amount.minorUnits }
                    + (facts.kind == .purchase ? facts.amount.minorUnits : 0)
            case "known": return Int64(known(facts, 28).count { $0.terminal == here })
            case "plain_ones": return Int64(known(facts, 14).count { $0.merchant == facts.merchant && $0.isPlain })
            case "faces":
                return Int64(
                    Set(events(facts, 2).filter { $0.facts.terminal == here }.map(\.facts.card) + [mine]).count)
            case "month": return Int64(events(facts, 720).count { $0.facts.card == mine }) + 1
            case "spent":
                let all = events(facts, 168).filter {
                    $0.facts.card == mine && $0.isApproved && $0.facts.kind == .purchase
                }
                return all.reduce(0) { $0 + $1.facts.amount.minorUnits }
                    + (facts.kind == .purchase ? facts.amount.minorUnits : 0)
            case "refused":
                return Int64(events(facts, 120).count { $0.facts.card == mine && $0.outcome == .declined })
            default: return Int64(events(facts, 72, delay: 48).count { $0.facts.terminal == here })
            }
        }
    }

    @Test("figures over tiles enclose those of a list of everything that happened", arguments: UInt64(1)...12)
    func agreesWithLists(_ seed: UInt64) throws {
        var run = try Run(seed: seed)
        for _ in 0..<80 { run.step() }
        #expect(run.triggers.checkInvariants() == [])
        let bytes = run.triggers.snapshotBytes
        var reader = ByteReader(bytes)
        let copy = try Triggers(snapshot: &reader, rules: run.triggers.rules, seed: seed)
        #expect(reader.isAtEnd)
        #expect(copy.snapshotBytes == bytes, "seed \(seed)")
        run.triggers = copy
        for _ in 0..<20 { run.step() }
    }

    @Test("with no tile cut the figures are exact, and a label counts at once until it is taken back")
    func exact() throws {
        var triggers = Triggers(try ruleSet(Self.velocities))
        let day = Instant(seconds: morning.seconds / 86_400 * 86_400)
        for hour in Int64(0)..<10 {
            triggers.apply(
                WindowEvent(
                    facts: purchase(at: day + .hours(hour)) { $0.card = CardKey(high: 2, low: UInt64(hour % 3)) },
                    outcome: .approved))
        }
        let facts = purchase(at: day + .hours(9) + .minutes(50)) { $0.card = CardKey(high: 2, low: 0) }
        #expect(triggers.figure("hours", facts) == FigureValue(11))
        #expect(triggers.figure("sold", facts) == FigureValue(Money(minorUnits: 11_000, .eur)))
        #expect(triggers.figure("month", facts) == FigureValue(5))
        #expect(triggers.figure("spent", facts) == FigureValue(Money(minorUnits: 5_000, .eur)))
        #expect(
            triggers.figure("faces", facts) == FigureValue(low: 2, high: 4),
            "two in two hours, one attempt in an hour that is cut")
        var label = TransactionLabel(
            card: facts.card, terminal: facts.terminal, at: day + .hours(3), known: facts.at, verdict: .fraud,
            isPlain: true, merchant: facts.merchant)
        triggers.label(label)
        #expect(triggers.figure("known", facts) == FigureValue(1))
        #expect(triggers.figure("plain_ones", facts) == FigureValue(1))
        label.verdict = .withdrawn
        triggers.label(label)
        #expect(triggers.figure("known", facts) == FigureValue(0))
        #expect(triggers.figure("plain_ones", facts) == FigureValue(0))
    }

    @Test("a velocity by terminal that is new counts from now on, and says that more may have been")
    func newVelocity() throws {
        var triggers = Triggers(try ruleSet("velocity n = count(attempts) by card over 1h"))
        for minute in Int64(0)..<5 {
            triggers.apply(WindowEvent(facts: purchase(at: morning + .minutes(minute)), outcome: .approved))
        }
        triggers.replaceRules(try ruleSet("velocity n = count(attempts) by terminal over 1h"))
        triggers.apply(WindowEvent(facts: purchase(at: morning + .minutes(6)), outcome: .approved))
        #expect(triggers.figure("n", purchase(at: morning + .minutes(7))) == FigureValue(low: 2, high: .max))
        #expect(triggers.figure("n", purchase(at: morning + .minutes(66))) == FigureValue(low: 1, high: 2))
        triggers.replaceRules(try ruleSet("velocity n = count(attempts) by card over 1h"))
        #expect(triggers.store.terminals.records.count == 0, "what no rule names costs nothing")
    }

    @Test("a card's confirmed frauds, its unusual amounts and like places are found in its window")
    func marks() throws {
        let rules = try ruleSet(
            """
            velocity frauds = count(confirmed) by card over 48h
            velocity odd = count(attempts where unusual) by card over 48h
            velocity same_till = count(attempts where same(terminal)) by card over 1h before
            velocity part = share(declined) by card over 1h before
            velocity first_one = first(confirmed) by card over 1h
            velocity last_one = last(confirmed) by card over 1h
            velocity late = count(attempts) by card over 1h delayed 1h
            """)
        var triggers = Triggers(rules)
        for minute in Int64(0)..<4 {
            triggers.apply(
                WindowEvent(
                    facts: purchase(at: morning + .minutes(minute)) { $0.terminal = terminal(Int(minute % 2)) },
                    outcome: minute % 2 == 0 ? .declined : .approved))
        }
        let facts = purchase(at: morning + .minutes(5))
        #expect(triggers.figure("same_till", facts) == FigureValue(2))
        #expect(triggers.figure("part", facts) == FigureValue(double: 0.5))
        #expect(triggers.figure("first_one", facts).isUnknown)
        #expect(triggers.figure("late", purchase(at: morning + .minutes(62))) == FigureValue(3))
        triggers.label(
            TransactionLabel(
                card: card, terminal: terminal(1), at: morning + .minutes(1), known: facts.at, verdict: .fraud,
                isPlain: true))
        #expect(triggers.figure("frauds", facts) == FigureValue(1))
        for name in ["first_one", "last_one"] { #expect(triggers.figure(name, facts) == FigureValue(240_000_000)) }
        #expect(triggers.store.record(0).pointee.head.frauds == 1)
        triggers.apply(WindowEvent(facts: purchase(at: morning + .minutes(6)), outcome: .approved))
        #expect(
            triggers.figure("odd", purchase(at: morning + .minutes(7)) { $0.amount = euros(90_000) }) == FigureValue(1))
    }

    @Test("a fraud in the day that the window cuts may lie before it: first and last allow for that")
    func cutDay() throws {
        var triggers = Triggers(
            try ruleSet(
                """
                velocity oldest = first(confirmed) by terminal over 7d
                velocity newest = last(confirmed) by terminal over 7d
                """))
        func fraud(_ at: Instant) {
            triggers.apply(WindowEvent(facts: purchase(at: at), outcome: .approved))
            triggers.label(
                TransactionLabel(
                    card: card, terminal: terminal(1), at: at, known: at, verdict: .fraud, isPlain: true))
        }
        fraud(morning)
        let late = purchase(at: morning + .days(7) + .hours(2))
        #expect(triggers.figure("oldest", late).isUnknown && triggers.figure("newest", late).isUnknown)
        fraud(morning + .days(2))
        let (oldest, newest) = (triggers.figure("oldest", late), triggers.figure("newest", late))
        #expect(oldest.low == newest.low && oldest.high == newest.high + Interval.days(2).microseconds)
        #expect(newest.high - newest.low < Interval.days(1).microseconds)
    }
}
