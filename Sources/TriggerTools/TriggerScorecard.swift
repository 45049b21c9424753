// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// How a rule set stands up to attack scripts and their honest look-alikes: of each attack how many episodes are stopped,
/// after how long and after how much money; of the honest how many are stopped wrongly.
public struct TriggerScorecard: Sendable {
    /// The payments of one attack on one card.
    public struct Episode: Equatable, Sendable {
        public var attack: String
        public var card: CardKey
        public var first: Instant
        public var last: Instant
        /// When the first payment was not approved; nil while all were.
        public var stopped: Instant?
        /// People were told: a payment was stopped, or a rule opened a case.
        public var isNoticed = false
        /// Minor units that went through before.
        public var lost: Int64 = 0
    }

    public struct Line: Equatable, Sendable {
        public var attack: String
        public var episodes = 0
        public var stopped = 0
        /// Episodes that people are told of: stopped, or with a case.
        public var noticed = 0
        /// Of the stopped, the median of the seconds from the first payment; nil without.
        public var seconds: Int64?
        /// Minor units lost, all episodes together.
        public var lost: Int64 = 0
        /// Payments that look like it, and how many of them are stopped.
        public var lookAlikes = 0
        public var lookAlikesStopped = 0
    }

    /// What lies further apart belongs to two episodes.
    private static let gap = Interval.days(2)

    private var backTest: BackTest
    private var episodes: [Episode] = []
    /// The newest episode of a card and attack; never iterated.
    private var open: [String: Int] = [:]
    private var lookAlikes: [(attack: String, count: Int, stopped: Int)] = []

    public init(_ rules: RuleSet) { backTest = BackTest(rules) }

    public var falseAlarmsPerTenThousand: Double { backTest.falseAlarmsPerTenThousand }
    public var transactions: Int { backTest.transactions }

    public mutating func add(_ transaction: LabelledTransaction) {
        let evaluation = backTest.add(transaction)
        let isStopped = evaluation.action != .approve
        if !transaction.attack.isEmpty { note(transaction, isStopped, hasCase: evaluation.openCase != nil) }
        guard !transaction.lookAlike.isEmpty else { return }
        let place = lookAlikes.firstIndex { $0.attack == transaction.lookAlike }
        if place == nil { lookAlikes.append((transaction.lookAlike, 0, 0)) }
        let index = place ?? lookAlikes.count - 1
        lookAlikes[index].count += 1
        if isStopped { lookAlikes[index].stopped += 1 }
    }

    private mutating func note(_ transaction: LabelledTransaction, _ isStopped: Bool, hasCase: Bool) {
        let facts = transaction.facts
        let key = "\(facts.card.low) \(transaction.attack)"
        let known = open[key].flatMap { facts.at - episodes[$0].last <= Self.gap ? $0 : nil }
        let index = known ?? episodes.count
        if known == nil {
            open[key] = index
            episodes.append(
                Episode(attack: transaction.attack, card: facts.card, first: facts.at, last: facts.at))
        }
        episodes[index].last = facts.at
        if isStopped || hasCase { episodes[index].isNoticed = true }
        guard episodes[index].stopped == nil else { return }
        if isStopped {
            episodes[index].stopped = facts.at
        } else if facts.pin != .wrong {
            // With a wrong PIN nothing is paid, whatever the rules say.
            episodes[index].lost += facts.amount.minorUnits
        }
    }

    /// A line for each attack, by its name.
    public var lines: [Line] {
        var names = episodes.map(\.attack) + lookAlikes.map(\.attack)
        names.sort()
        var lines: [Line] = []
        for name in names where lines.last?.attack != name {
            var line = Line(attack: name)
            var seconds: [Int64] = []
            for episode in episodes where episode.attack == name {
                line.episodes += 1
                line.lost += episode.lost
                if episode.isNoticed { line.noticed += 1 }
                guard let stopped = episode.stopped else { continue }
                line.stopped += 1
                seconds.append((stopped - episode.first).microseconds / 1_000_000)
            }
            seconds.sort()
            line.seconds = seconds.isEmpty ? nil : seconds[seconds.count / 2]
            if let alike = lookAlikes.first(where: { $0.attack == name }) {
                (line.lookAlikes, line.lookAlikesStopped) = (alike.count, alike.stopped)
            }
            lines.append(line)
        }
        return lines
    }
}
