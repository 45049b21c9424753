// SPDX-License-Identifier: Apache-2.0

/// A model that only watches beside the one in force: both score every transaction, and what comes of it is counted.
public struct ModelComparison: Sendable {
    public let live: BoundModel
    public let shadow: BoundModel
    /// The margins from which each of them would speak up.
    public let liveThreshold: Double
    public let shadowThreshold: Double

    /// Transactions on which both spoke up, one alone, or neither.
    public private(set) var both = 0
    public private(set) var liveAlone = 0
    public private(set) var shadowAlone = 0
    public private(set) var neither = 0
    private var live1 = 0.0
    private var live2 = 0.0
    private var shadow1 = 0.0
    private var shadow2 = 0.0
    private var product = 0.0

    /// - Parameter live: and `shadow` are bound to the same features.
    public init(live: BoundModel, shadow: BoundModel, liveThreshold: Double, shadowThreshold: Double) {
        precondition(live.featureCount == shadow.featureCount, "both are given the same features")
        (self.live, self.shadow) = (live, shadow)
        (self.liveThreshold, self.shadowThreshold) = (liveThreshold, shadowThreshold)
    }

    /// Scores a transaction by both, without asking for memory.
    ///
    /// - Returns: the margin of the model in force; the other's changes nothing.
    public mutating func score(_ features: Span<Double>) -> Double {
        let (first, second) = (live.margin(features), shadow.margin(features))
        switch (first >= liveThreshold, second >= shadowThreshold) {
        case (true, true): both += 1
        case (true, false): liveAlone += 1
        case (false, true): shadowAlone += 1
        case (false, false): neither += 1
        }
        let (x, y) = (live.probability(of: first), shadow.probability(of: second))
        (live1, live2) = (live1 + x, live2 + x * x)
        (shadow1, shadow2) = (shadow1 + y, shadow2 + y * y)
        product += x * y
        return first
    }

    public var count: Int { both + liveAlone + shadowAlone + neither }

    /// The share of transactions on which both said the same; nil before the first.
    public var agreement: Double? { count == 0 ? nil : Double(both + neither) / Double(count) }

    /// The share of alarms of either that both gave; nil without an alarm.
    public var overlap: Double? {
        let alarms = both + liveAlone + shadowAlone
        return alarms == 0 ? nil : Double(both) / Double(alarms)
    }

    /// How the probabilities go together, −1…1 (Pearson); nil where one of them never varies.
    public var correlation: Double? {
        let count = Double(count)
        let (first, second) = (count * live2 - live1 * live1, count * shadow2 - shadow1 * shadow1)
        guard first > 0, second > 0 else { return nil }
        return (count * product - live1 * shadow1) / (first.squareRoot() * second.squareRoot())
    }
}
