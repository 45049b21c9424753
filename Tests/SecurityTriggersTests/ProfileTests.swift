// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Profiles of cards and terminals")
struct ProfileTests {
    private static let start = Instant(seconds: 1_530_000_000)

    private func transaction(
        _ card: Int, _ terminal: Int, _ at: Instant, _ amount: Int64, _ currency: Currency = .eur,
        isApproved: Bool = true
    ) -> ProfiledTransaction {
        ProfiledTransaction(
            card: CardKey(high: 0, low: UInt64(card)), terminal: TerminalID(packed: UInt64(terminal) << 8 | 0x41),
            at: at,
            amount: Money(minorUnits: amount, currency), isApproved: isApproved)
    }

    private func profiles(cards: Int = 100, terminals: Int = 100, seed: UInt64 = 0) -> RiskProfiles {
        RiskProfiles(
            RiskProfiles.Configuration(currency: .eur, cardsMax: cards, terminalsMax: terminals, seed: seed))
    }

    /// A history of some cards and terminals over 80 days with frauds that become known after 7 days, or at once.
    private struct History {
        var random: SeededRandom
        var profiles: RiskProfiles
        var model = ProfileModel()
        var due = DueQueue<Int>()
        var now = ProfileTests.start

        mutating func learn(until time: Instant) {
            while let (known, entry) = due.take(dueAt: time) {
                let made = model.entries[entry]
                let label = TransactionLabel(
                    card: made.transaction.card, terminal: made.transaction.terminal, at: made.transaction.at,
                    known: known, verdict: .fraud, isPlain: made.traits.isPlain)
                profiles.apply(label)
                model.entries[entry].labels.append(label)
            }
        }
    }

    @Test("features are those of plain lists of everything that happened", arguments: [1, 2, 3, 4] as [UInt64])
    func featuresAgreeWithLists(seed: UInt64) {
        var history = History(random: SeededRandom(seed: seed), profiles: profiles(seed: seed))
        for _ in 0..<700 {
            history.now = history.now + .seconds(Int64(history.random.below(20_000)))
            history.learn(until: history.now)
            let isHigh = history.random.chance(perMille: 60)
            let currency = history.random.chance(perMille: 30) ? Currency.usd : .eur
            let transaction = transaction(
                history.random.below(4), history.random.below(3), history.now,
                Int64(history.random.below(isHigh ? 90_000 : 6_000)), currency,
                isApproved: history.random.chance(perMille: 950))
            let features = history.profiles.features(of: transaction)
            check(features, transaction, history.model, seed)
            let traits = history.profiles.apply(transaction)
            history.model.entries.append(ProfileModel.Entry(transaction: transaction, traits: traits))
            guard transaction.isApproved, history.random.chance(perMille: 120) else { continue }
            let isFast = history.random.chance(perMille: 200)
            history.due.add(history.model.entries.count - 1, at: history.now + (isFast ? .minutes(10) : .days(7)))
        }
        history.profiles.apply(transaction(99, 99, history.now, 1))
        #expect(history.profiles.cardCount == 5)
        #expect(history.profiles.overflowed == 0)
    }

    private func check(
        _ features: FeatureVector, _ transaction: ProfiledTransaction, _ model: ProfileModel, _ seed: UInt64
    ) {
        let (card, now) = (transaction.card, transaction.at)
        let (week, month) = (model.card(card, now, days: 7), model.card(card, now, days: 30))
        var expected = CardFigures()
        expected.attempts1 = model.card(card, now, days: 1).attempts30
        (expected.attempts7, expected.attempts30) = (week.attempts30, month.attempts30)
        (expected.usual7, expected.usual30) = (week.usual30.count, month.usual30)
        expected.spent7 = week.usual30.sum
        (expected.unusual7, expected.unusual14) = (week.unusual14, model.card(card, now, days: 14).unusual14)
        // The peak is compared by itself below: it hangs on means of then.
        expected.peak14 = UInt32((features[.peak14] * 100).rounded())
        let amount =
            transaction.amount.currency == .eur ? UInt32(clamping: transaction.amount.minorUnits) : nil
        let vector = FeatureVector(
            amount: amount, local: UInt32(now.seconds), expected, model.terminal(transaction.terminal, now))
        for feature in RiskFeature.allCases {
            let (value, wanted) = (features[feature], vector[feature])
            #expect(
                value == wanted || value.isNaN && wanted.isNaN, "seed \(seed), \(feature): \(value), wanted \(wanted)")
        }
    }

    @Test("an amount is unusual above 2.5 times the mean of three and above the largest, and does not raise the mean")
    func unusual() {
        var profiles = profiles()
        let (card, terminal) = (1, 1)
        for amount in [1_000, 2_000, 3_000] as [Int64] {
            #expect(!profiles.apply(transaction(card, terminal, Self.start, amount)).isUnusual)
        }
        #expect(!profiles.apply(transaction(card, terminal, Self.start + .days(1), 5_000, isApproved: false)).isUnusual)
        let large = transaction(card, terminal, Self.start + .days(2), 5_001)
        #expect(profiles.features(of: large)[.unusual] == 1)
        #expect(profiles.features(of: large)[.mean30] == 2_000)
        #expect(profiles.apply(large) == TransactionTraits(isUnusual: true, isPlain: false))
        let next = profiles.features(of: transaction(card, terminal, Self.start + .days(3), 2_500))
        #expect(next[.mean30] == 2_000)
        #expect(next[.max30] == 3_000)
        #expect(next[.unusual7] == 1)
        #expect(next[.peak14] == 2.5)
        #expect(next[.n30] == 6)
    }

    @Test(
        "a label counts from the time at which it becomes known, and what is not labelled after seven days as genuine")
    func labelsArrive() {
        var profiles = profiles()
        for index in 0..<4 {
            let made = transaction(index, 1, Self.start + .hours(Int64(index) * 2), 1_000)
            let traits = profiles.apply(made)
            #expect(traits.isPlain)
            guard index == 3 else { continue }
            profiles.apply(
                TransactionLabel(
                    card: made.card, terminal: made.terminal, at: made.at, known: made.at + .minutes(10),
                    verdict: .fraud, isPlain: true))
        }
        let soon = profiles.features(of: transaction(9, 1, Self.start + .hours(7), 1_000))
        #expect(soon[.terminalKnown7] == 1)
        #expect(soon[.terminalShare7] == 1)
        #expect(soon[.terminalLast4] == 0.25)
        #expect(soon[.terminalRun] == 1.0 / 24)
        let later = profiles.features(of: transaction(9, 1, Self.start + .days(8), 1_000))
        #expect(later[.terminalKnown30] == 4)
        #expect(later[.terminalShare14] == 0.25)
        #expect(later[.terminalPlain7] == 0)
        #expect(later[.terminalPlain14] == 1)
        // The genuine ones were made before the fraud: they do not interrupt what began with it.
        #expect(later[.terminalRun] < RiskFeature.neverDays)
        profiles.apply(transaction(5, 1, Self.start + .days(1), 1_000))
        let after = profiles.features(of: transaction(9, 1, Self.start + .days(9), 1_000))
        #expect(after[.terminalRun] == RiskFeature.neverDays)
    }

    @Test("a verdict taken back no longer counts as fraud")
    func withdrawn() {
        var profiles = profiles()
        let made = transaction(1, 1, Self.start, 1_000)
        profiles.apply(made)
        var label = TransactionLabel(
            card: made.card, terminal: made.terminal, at: made.at, known: made.at + .days(1), verdict: .fraud,
            isPlain: true)
        profiles.apply(label)
        label.verdict = .withdrawn
        profiles.apply(label)
        let features = profiles.features(of: transaction(1, 1, Self.start + .days(2), 1_000))
        #expect(features[.terminalShare7] == 0)
        #expect(features[.terminalPlain28] == 0)
        #expect(features[.terminalKnown7] == 1)
    }

    @Test("memory is bounded: a card beyond the limit has no profile, and idle ones make room for new ones")
    func bounded() {
        var profiles = profiles(cards: 4)
        for card in 0..<6 { profiles.apply(transaction(card, 1, Self.start, 1_000)) }
        #expect(profiles.cardCount == 4)
        #expect(profiles.overflowed == 2)
        #expect(profiles.features(of: transaction(5, 1, Self.start, 1_000))[.n30] == 1)
        let later = Self.start + .days(41)
        for card in 10..<14 { profiles.apply(transaction(card, 1, later, 1_000)) }
        #expect(profiles.cardCount <= 4)
        for card in 10..<14 { #expect(profiles.features(of: transaction(card, 1, later, 1_000))[.n30] == 2) }
        #expect(profiles.overflowed == 2)
        #expect(MemoryLayout<CardProfile>.stride <= 16 + 388 + 8)
        #expect(MemoryLayout<TerminalProfile>.stride <= 704)
    }

    @Test("many cards that come and go are found or not, as a dictionary says", arguments: [1, 2] as [UInt64])
    func tableIsADictionary(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var table = ProfileTable<CardProfile>(limit: 200, seed: seed)
        var latest: [UInt64: UInt32] = [:]
        for step in 0..<6_000 {
            let (number, day) = (UInt64(random.below(300)), UInt32(step / 20))
            let key = CardKey(high: 7, low: number)
            // Idle ones may be gone or not; all that changed within 40 days must be there, up to the limit.
            if let changed = latest[number], day - changed <= 40 { #expect(table.find(key) != nil, "seed \(seed)") }
            let made = CardProfile(key: key, day: day)
            let isThere = table.change(key, on: day, make: made) { $0.days.apply(1, on: day) }
            if isThere { latest[number] = day } else { #expect(table.count == 200) }
        }
        #expect(table.values.count <= 200)
    }

    @Test("absurd times and amounts leave defined features")
    func absurd() {
        var profiles = profiles()
        let amounts: [Int64] = [.min, -1, 0, .max]
        for at in [Instant(microseconds: .min), .epoch, Self.start, Instant(microseconds: .max / 2)] {
            for amount in amounts {
                let features = profiles.features(of: transaction(1, 1, at, amount))
                for feature in RiskFeature.allCases { #expect(features[feature].isFinite, "\(feature)") }
                profiles.apply(transaction(1, 1, at, amount))
            }
        }
    }

    @Test("a day's busy counts stay lower bounds, and the mean a mean")
    func saturation() {
        var profiles = profiles()
        for _ in 0..<1_500 { profiles.apply(transaction(1, 1, Self.start, 2_000)) }
        let features = profiles.features(of: transaction(1, 1, Self.start, 2_000))
        #expect(features[.n30] == 256)
        #expect(features[.mean30] == 2_000)
    }

    @Test("rounded counts keep order and lose less than one in a thousand", arguments: [1] as [UInt64])
    func roundedCounts(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var previous = RoundedCount(0)
        for value in (0..<2_000).map({ _ in UInt32(truncatingIfNeeded: random.next() >> UInt64(32 + random.below(31))) }
        )
        .sorted() {
            let rounded = RoundedCount(value)
            #expect(rounded.value <= value && Double(value - rounded.value) <= Double(value) / 1_000)
            #expect(!(rounded < previous))
            previous = rounded
        }
    }
}
