// SPDX-License-Identifier: Apache-2.0
import RiskModels
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Built-in features of live transactions")
struct OnlineFeatureTests {
    /// A rule set whose score asks for all of them.
    static let all = """
        score risk = model "m" (\(RiskFeature.names.joined(separator: ", ")))
        rule r { when risk > 0.5 then decline }
        """
    private static let start = Instant(seconds: 1_530_000_000)

    private func facts(_ random: inout SeededRandom, at: Instant) -> TransactionFacts {
        let amount = Int64(random.below(random.chance(perMille: 60) ? 90_000 : 6_000))
        return purchase(at: at) {
            $0.card = CardKey(high: 7, low: UInt64(random.below(5)))
            $0.terminal = terminal(random.below(4))
            // The same terminal under another category is another site, and one terminal all the same.
            $0.mcc = MCC(UInt16(5_411 + random.below(2)))
            $0.amount = euros(amount)
            $0.offset = 8
        }
    }

    private func profiles() -> RiskProfiles {
        RiskProfiles(RiskProfiles.Configuration(currency: .eur, offset: .hours(2)))
    }

    /// A stream with frauds that become known at once, later, or are taken back, played to both sides.
    private struct Stream {
        var random: SeededRandom
        var offline: RiskProfiles
        var online: Triggers
        var due = DueQueue<TransactionLabel>()
        var now = OnlineFeatureTests.start

        mutating func label(_ label: TransactionLabel) {
            offline.apply(label)
            online.label(label)
        }

        mutating func learn() {
            while let (known, label) = due.take(dueAt: now) {
                self.label(label)
                guard label.verdict == .fraud, random.chance(perMille: 100) else { continue }
                var withdrawn = label
                (withdrawn.verdict, withdrawn.known) = (.withdrawn, known)
                self.label(withdrawn)
            }
        }

        mutating func take(_ facts: TransactionFacts) {
            let isApproved = random.chance(perMille: 950)
            let traits = offline.apply(OnlineFeatureTests.profiled(facts, isApproved))
            online.apply(WindowEvent(facts: facts, outcome: isApproved ? .approved : .declined))
            guard isApproved, random.chance(perMille: 120) else { return }
            let delay = [Interval.minutes(10), .days(7), .days(3)][random.below(3)]
            due.add(
                TransactionLabel(
                    card: facts.card, terminal: facts.terminal, at: facts.at, known: facts.at + delay,
                    verdict: random.chance(perMille: 800) ? .fraud : .genuine, isPlain: traits.isPlain),
                at: facts.at + delay)
        }
    }

    private static func profiled(_ facts: TransactionFacts, _ isApproved: Bool) -> ProfiledTransaction {
        ProfiledTransaction(
            card: facts.card, terminal: facts.terminal, at: facts.at, amount: facts.amount, isApproved: isApproved)
    }

    @Test("of one stream they are those of the offline table, to the bit", arguments: [11, 12, 13] as [UInt64])
    func sameAsOffline(seed: UInt64) throws {
        var stream = Stream(
            random: SeededRandom(seed: seed), offline: profiles(), online: Triggers(try ruleSet(Self.all)))
        for step in 0..<600 {
            stream.now = stream.now + .seconds(Int64(stream.random.below(20_000)))
            stream.learn()
            let facts = facts(&stream.random, at: stream.now)
            let (offline, online) = (
                stream.offline.features(of: Self.profiled(facts, true)), stream.online.features(of: facts)
            )
            for feature in RiskFeature.allCases {
                #expect(
                    offline[feature].bitPattern == online[feature].bitPattern,
                    "seed \(seed), step \(step), \(feature): \(offline[feature]), \(online[feature])")
            }
            stream.take(facts)
            // A snapshot and what was read of it go on alike.
            guard step == 300 else { continue }
            let bytes = stream.online.snapshotBytes
            #expect(bytes.first == 3)
            var reader = ByteReader(bytes)
            stream.online = try Triggers(snapshot: &reader, rules: stream.online.rules)
            #expect(stream.online.snapshotBytes == bytes && stream.online.checkInvariants() == [])
        }
    }

    @Test("a score of built-in features is the model's of the vector, and a declared feature hides a built-in one")
    func scored() throws {
        let model = RiskModel(
            try Scorecard(
                name: "m", featureNames: ["n1", "overMax", "night"], bias: 0,
                terms: (0..<3).map {
                    Scorecard.Term(feature: $0, transform: .identity, mean: 0, scale: 1, weight: Double($0 + 1))
                }))
        var rules = try ruleSet(
            """
            feature night = hour < 6
            feature n1 = 10.0
            score plain = model "m" (night, overMax, n1)
            rule r { when plain >= 0.0 then decline }
            """)
        try rules.bind([(name: "m", model: model)])
        var triggers = Triggers(rules)
        triggers.apply(
            WindowEvent(facts: purchase(at: morning - .hours(1)) { $0.amount = euros(500) }, outcome: .approved))
        let score = try #require(triggers.evaluate(purchase()).scores.first)
        #expect(score.features == [0, 2, 10])
        #expect(score.value == Real.logistic(14))
        // No feature of a terminal is asked for: nothing is kept of terminals.
        #expect(triggers.store.verdicts.since == nil && triggers.snapshotBytes.first == 2)
    }

    @Test("what is known of terminals is kept while rules in force or watched ones ask for it, and given back after")
    func kept() throws {
        let (asking, plain) = (try ruleSet(Self.all), try ruleSet(""))
        var triggers = Triggers(plain)
        for number in 0..<40 {
            triggers.apply(WindowEvent(facts: purchase { $0.terminal = terminal(number) }, outcome: .approved))
        }
        let before = triggers.store.verdicts.residentBytes
        triggers.replaceRules(plain, watching: asking)
        for number in 0..<40 {
            triggers.apply(WindowEvent(facts: purchase { $0.terminal = terminal(number) }, outcome: .approved))
        }
        // 40 terminals in blocks of 16, and the tree above them.
        #expect(triggers.store.verdicts.residentBytes - before <= 3 * 16 * 704 + 2_048)
        triggers.label(
            TransactionLabel(
                card: card, terminal: terminal(1), at: morning, known: morning, verdict: .fraud, isPlain: true))
        #expect(triggers.features(of: purchase())[.terminalShare7] == 1)
        var reader = ByteReader(triggers.snapshotBytes)
        var read = try Triggers(snapshot: &reader, rules: plain)
        read.replaceRules(plain, watching: asking)
        #expect(read.features(of: purchase())[.terminalShare7] == 1)
        triggers.replaceRules(asking)
        #expect(triggers.features(of: purchase())[.terminalShare7] == 1)
        triggers.replaceRules(plain)
        #expect(triggers.store.verdicts.residentBytes == before)
        #expect(triggers.features(of: purchase())[.terminalShare7] == 0)
    }

    @Test("a purchase that was reversed never counts as genuine, and a reversal taken back lets it count again")
    func reversed() throws {
        var triggers = Triggers(try ruleSet(Self.all))
        for minute in 0..<3 {
            triggers.apply(WindowEvent(facts: purchase(at: morning + .minutes(Int64(minute))), outcome: .approved))
        }
        let later = purchase(at: morning + .days(8))
        #expect(triggers.features(of: later)[.terminalKnown7] == 3)
        triggers.markReversed(card: card, at: morning, terminal: terminal(1), amount: euros(1_000))
        #expect(triggers.features(of: later)[.terminalKnown7] == 2)
        triggers.markReversed(card: card, at: morning, terminal: terminal(1), amount: euros(1_000), isReversed: false)
        #expect(triggers.features(of: later)[.terminalKnown7] == 3)
    }

    @Test("amounts in another currency than the card's own are not counted")
    func currency() throws {
        var triggers = Triggers(try ruleSet(Self.all))
        let dollars = purchase(at: morning + .minutes(1)) { $0.amount = Money(minorUnits: 900, .usd) }
        #expect(triggers.features(of: dollars)[.amount] == 900)
        triggers.apply(WindowEvent(facts: purchase(), outcome: .approved))
        #expect(triggers.features(of: dollars)[.amount].isNaN && triggers.features(of: dollars)[.ratio].isNaN)
        #expect(triggers.features(of: dollars)[.n1] == 2)
    }
}
