// SPDX-License-Identifier: Apache-2.0
import RiskModels
import SecurityTriggers
import Vocabulary

/// One pass over a recording in event order: features of each row as they were at its time, and labels as they come.
struct FeatureWalk {
    private let recording: Recording
    private let policy: LabelPolicy
    private var profiles: RiskProfiles
    /// Rows whose truth becomes known, by that time.
    private var due = DueQueue<Int>()
    private var isPlain: [Bool]
    private var hasVerdict: [Bool]
    private var random: SeededRandom

    // What asking cardholders needs.
    private var highest: [Double]
    private var isCompromised: [Bool]
    private var recent: [[Int]]

    init(_ recording: Recording, _ policy: LabelPolicy) {
        (self.recording, self.policy) = (recording, policy)
        profiles = RiskProfiles(RiskProfiles.Configuration(currency: .eur, genuineAfter: policy.latest))
        isPlain = Array(repeating: false, count: recording.count)
        hasVerdict = isPlain
        random = SeededRandom(seed: policy.seed)
        let cards = recording.cardNames.count
        highest = Array(repeating: -.infinity, count: cards)
        isCompromised = Array(repeating: false, count: cards)
        recent = Array(repeating: [], count: cards)
    }

    /// Walks up to the row before `end` and calls `visit` with each row and its features.
    mutating func run(until end: Int, _ visit: (Int, FeatureVector) -> Void) {
        for row in 0..<end {
            if case .asked(_, let from) = policy.kind, row > 0, recording.day(row) > recording.day(row - 1) {
                if recording.day(row - 1) >= from { ask(recording.day(row - 1)) }
                for card in highest.indices { highest[card] = -.infinity }
            }
            let transaction = recording.transaction(row)
            learn(until: transaction.at)
            let features = profiles.features(of: transaction)
            visit(row, features)
            isPlain[row] = profiles.apply(transaction).isPlain
            note(row, features)
        }
    }

    /// Takes in all verdicts that have become known.
    private mutating func learn(until now: Instant) {
        while let (known, row) = due.take(dueAt: now) {
            guard !hasVerdict[row] else { continue }
            hasVerdict[row] = true
            let isFraud = recording.isFraud[row]
            if isFraud { isCompromised[Int(recording.cards[row])] = true }
            let transaction = recording.transaction(row)
            profiles.apply(
                TransactionLabel(
                    card: transaction.card, terminal: transaction.terminal, at: transaction.at, known: known,
                    verdict: isFraud ? .fraud : .genuine, isPlain: isPlain[row]))
        }
    }

    /// Notes when a row's truth becomes known, and what asking needs.
    private mutating func note(_ row: Int, _ features: FeatureVector) {
        let (card, time) = (recording.cards[row], recording.times[row])
        if recording.isFraud[row] {
            let latest = Instant(seconds: time) + policy.latest
            due.add(row, at: min(policy.reported(card: card, at: time) ?? latest, latest))
        }
        guard case .asked(let model, let from) = policy.kind else { return }
        recent[Int(card)].append(row)
        if recording.day(row) >= from {
            highest[Int(card)] = max(highest[Int(card)], model.margin(features.values.span))
        }
    }

    /// Asks the day's cards with the highest scores, of those not known to be compromised; who answers tells all of the last
    /// days apart.
    private mutating func ask(_ day: Int) {
        let ranks = recording.cardRanks
        let cards = highest.indices.filter { highest[$0] > -.infinity && !isCompromised[$0] }
            .sorted { (-highest[$0], ranks[$0]) < (-highest[$1], ranks[$1]) }
        let known = Instant(seconds: Int64(day + 1) * Recording.daySeconds) + policy.after
        for card in cards.prefix(LabelPolicy.askedCards) where random.chance(perMille: LabelPolicy.answersPerMille) {
            recent[card].removeAll { recording.day($0) <= day - LabelPolicy.answeredDays }
            for row in recent[card] where !hasVerdict[row] { due.add(row, at: known) }
        }
    }
}
