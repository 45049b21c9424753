// SPDX-License-Identifier: Apache-2.0
import RiskTraining
import SecurityTriggers
import Vocabulary

/// Makes a training table of transactions in the order of their times, by the very code that scores live ones: features as
/// they were at each transaction, and labels from the time on at which they became known.
public struct FeatureTable: Sendable {
    private var profiles: RiskProfiles
    private let delay: Interval
    private let range: Range<Instant>
    /// Labels of frauds that have not become known yet.
    private var due = DueQueue<TransactionLabel>()
    private var latest: Instant?
    public private(set) var table = TrainingTable(names: RiskFeature.names)
    /// The number of each row's transaction, from 0.
    public private(set) var numbers: [Int] = []
    /// Transactions so far.
    public private(set) var transactions = 0
    /// Those that came before an earlier one; they are judged at their own time all the same.
    public private(set) var outOfOrder = 0

    /// - Parameters:
    ///   - range: rows are made of transactions of these times; those before fill the profiles.
    ///   - delay: from a fraud until it is known, and from any other transaction until it counts as genuine.
    public init(
        of range: Range<Instant>, currency: Currency = .eur, delay: Interval = .days(7), offset: Interval = .zero
    ) {
        profiles = RiskProfiles(.init(currency: currency, genuineAfter: delay, offset: offset))
        (self.range, self.delay) = (range, delay)
    }

    /// Takes in the next transaction.
    ///
    /// - Returns: its features, for whoever wants a score.
    @discardableResult
    public mutating func add(_ transaction: LabelledTransaction) -> FeatureVector {
        let facts = transaction.facts
        while let (_, label) = due.take(dueAt: facts.at) { profiles.apply(label) }
        if let latest, facts.at < latest { outOfOrder += 1 }
        latest = max(latest ?? facts.at, facts.at)
        let profiled = ProfiledTransaction(
            card: facts.card, terminal: facts.terminal, at: facts.at, amount: facts.amount,
            isApproved: transaction.outcome.map { $0 == .approved } ?? true)
        let features = profiles.features(of: profiled)
        let traits = profiles.apply(profiled)
        if transaction.isFraud {
            let label = TransactionLabel(
                card: facts.card, terminal: facts.terminal, at: facts.at, known: facts.at + delay, verdict: .fraud,
                isPlain: traits.isPlain)
            due.add(label, at: label.known)
        }
        if range.contains(facts.at) {
            table.append(features.values.span, isFraud: transaction.isFraud)
            numbers.append(transactions)
        }
        transactions += 1
        return features
    }
}
