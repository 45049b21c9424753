// SPDX-License-Identifier: Apache-2.0

/// A scored transaction whose truth is known.
public struct ScoredTransaction: Equatable, Sendable {
    /// Days count up; which is 0 means nothing.
    public var day: Int
    /// Equal scores are listed by ascending card.
    public var card: Int
    public var isFraud: Bool
    public var score: Double

    public init(day: Int, card: Int, isFraud: Bool, score: Double) {
        (self.day, self.card, self.isFraud, self.score) = (day, card, isFraud, score)
    }
}

/// How well scores tell frauds, by the measures of the Fraud Detection Handbook (Le Borgne and others, 2022).
public enum DetectionMetrics {
    /// How equal scores of a day's cards are listed.
    public enum Ties: Sendable {
        case byCard, worst, best
    }

    /// The share of pairs of a fraud and a genuine transaction that the scores put in order, ties counting one half; nil
    /// without both kinds.
    public static func areaUnderROC(_ rows: [ScoredTransaction]) -> Double? {
        let groups = ranked(rows)
        let (frauds, genuine) = groups.reduce((0, 0)) { ($0.0 + $1.frauds, $0.1 + $1.genuine) }
        guard frauds > 0, genuine > 0 else { return nil }
        var area = 0.0
        var above = 0
        for group in groups {
            area += Double(group.genuine) * (Double(above) + Double(group.frauds) / 2)
            above += group.frauds
        }
        return area / (Double(frauds) * Double(genuine))
    }

    /// The sum over distinct scores of the step of recall times the precision there; nil without fraud.
    public static func averagePrecision(_ rows: [ScoredTransaction]) -> Double? {
        let groups = ranked(rows)
        let frauds = groups.reduce(0) { $0 + $1.frauds }
        guard frauds > 0 else { return nil }
        var total = 0.0
        var (found, seen) = (0, 0)
        for group in groups {
            found += group.frauds
            seen += group.frauds + group.genuine
            total += Double(group.frauds) / Double(frauds) * (Double(found) / Double(seen))
        }
        return total
    }

    /// Card precision: of each day's `count` highest cards, by their highest score of the day, the share with a fraud that
    /// day, always divided by `count`; a card found on one day is left out of the later ones.
    ///
    /// - Returns: the mean over the days, and each day's; nil without a row.
    public static func cardPrecision(
        _ rows: [ScoredTransaction], count: Int, ties: Ties = .byCard
    ) -> (mean: Double, daily: [Double])? {
        guard !rows.isEmpty else { return nil }
        var found: Set<Int> = []
        var daily: [Double] = []
        for cards in cardsOfDays(rows) {
            let listed = cards.filter { !found.contains($0.card) }.sorted { isListed($0, before: $1, ties) }
            let hits = listed.prefix(count).filter(\.isFraud)
            for hit in hits { found.insert(hit.card) }
            daily.append(Double(hits.count) / Double(count))
        }
        return (daily.reduce(0, +) / Double(daily.count), daily)
    }

    /// What a perfect score would reach in `cardPrecision`; nil without a row.
    public static func cardPrecisionCeiling(_ rows: [ScoredTransaction], count: Int) -> Double? {
        let perfect = rows.map { row in
            var row = row
            row.score = row.isFraud ? 1 : 0
            return row
        }
        return cardPrecision(perfect, count: count, ties: .best)?.mean
    }

    /// One card on one day.
    private struct CardDay {
        var card: Int
        var score: Double
        var isFraud: Bool
        /// The first row of it, which settles what else leaves open.
        var first: Int
    }

    private static func isListed(_ left: CardDay, before right: CardDay, _ ties: Ties) -> Bool {
        if left.score != right.score { return left.score > right.score }
        switch ties {
        case .byCard: return left.card < right.card
        case .worst: if left.isFraud != right.isFraud { return !left.isFraud }
        case .best: if left.isFraud != right.isFraud { return left.isFraud }
        }
        return left.first < right.first
    }

    private static func cardsOfDays(_ rows: [ScoredTransaction]) -> [[CardDay]] {
        let order = rows.indices.sorted { (rows[$0].day, rows[$0].card, $0) < (rows[$1].day, rows[$1].card, $1) }
        var days: [[CardDay]] = []
        var previous: ScoredTransaction?
        for index in order {
            let row = rows[index]
            if row.day != previous?.day { days.append([]) }
            let last = days.count - 1
            if row.day == previous?.day, row.card == previous?.card {
                let place = days[last].count - 1
                days[last][place].score = max(days[last][place].score, row.score)
                days[last][place].isFraud = days[last][place].isFraud || row.isFraud
            } else {
                days[last].append(CardDay(card: row.card, score: row.score, isFraud: row.isFraud, first: index))
            }
            previous = row
        }
        return days
    }

    /// Frauds and genuine transactions of each distinct score, the highest first.
    private static func ranked(_ rows: [ScoredTransaction]) -> [(frauds: Int, genuine: Int)] {
        var groups: [(frauds: Int, genuine: Int)] = []
        var previous: Double?
        for row in rows.sorted(by: { $0.score > $1.score }) {
            if row.score != previous { groups.append((0, 0)) }
            if row.isFraud { groups[groups.count - 1].frauds += 1 } else { groups[groups.count - 1].genuine += 1 }
            previous = row.score
        }
        return groups
    }
}
