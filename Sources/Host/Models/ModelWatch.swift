// SPDX-License-Identifier: Apache-2.0
import RiskModels
import SecurityTriggers
import Vocabulary

/// How models fare on live traffic: how far it has moved from where they were trained, and what the watched model says beside
/// the one in force.
///
/// What this process has seen and nothing else: it is fed when a transaction is judged, which recovery never does, so it begins
/// anew with the process, and with whatever changes the model or what it is asked. No decision hangs on it, and no
/// snapshot holds it. A class, for judging changes nothing of the host. Only the host's owner reaches it.
public final class ModelWatch {
    /// One score and what is counted of it.
    private struct Watched {
        var report: ModelReport
        var features: [String]
        var threshold: Double
        /// Of each feature of the reference its place among the score's.
        var places: [Int] = []
        var monitor: DriftMonitor?
        var comparison: ModelComparison?

        /// What was counted goes on counting.
        func isSame(_ other: Watched) -> Bool {
            (report.score, report.name, report.version, report.shadow, threshold)
                == (other.report.score, other.report.name, other.report.version, other.report.shadow, other.threshold)
                && features == other.features
        }
    }

    private var scores: [Watched] = []

    init() {}

    /// Nothing is counted.
    var isIdle: Bool { scores.isEmpty }

    /// Begins anew with the rules and models in force.
    func begin(_ rules: RuleSet, _ models: ModelBook) {
        let before = scores
        scores = rules.scoreNames.indices.compactMap { score in
            guard let now = Self.watched(score, rules, models) else { return nil }
            return before.first { $0.isSame(now) } ?? now
        }
    }

    private static func watched(_ score: Int, _ rules: RuleSet, _ models: ModelBook) -> Watched? {
        let features = rules.featureNames(ofScore: score)
        guard let name = rules.modelName(ofScore: score), let live = models.live(name),
            let (model, reference) = try? live.text.read(), let bound = try? BoundModel(model, to: features)
        else { return nil }
        let threshold = rules.threshold(ofScore: score) ?? 0.5
        var watched = Watched(
            report: ModelReport(score: score, name: rules.scoreNames[score], model: name, version: live.number),
            features: features, threshold: threshold)
        if let reference {
            watched.places = reference.columns.dropLast().compactMap { features.firstIndex(of: $0.name) }
            if watched.places.count == reference.columns.count - 1 { watched.monitor = DriftMonitor(reference) }
        }
        if let shadow = models.shadow.flatMap({ models[$0] }), shadow.name == name,
            let other = try? shadow.text.read().model, let beside = try? BoundModel(other, to: features)
        {
            watched.report.shadow = shadow.number
            watched.comparison = ModelComparison(
                live: bound, shadow: beside, liveThreshold: model.margin(of: threshold),
                shadowThreshold: other.margin(of: threshold))
        }
        return watched
    }

    func observe(_ score: Int, _ features: Span<Double>, _ margin: Double) {
        guard let index = scores.firstIndex(where: { $0.report.score == score }) else { return }
        scores[index].report.count += 1
        // Without asking for memory: a score has 64 features at most.
        var gathered = InlineArray<64, Double>(repeating: 0)
        let places = scores[index].places
        for (place, feature) in places.enumerated() { gathered[place] = features[feature] }
        scores[index].monitor?.add(gathered.span.extracting(first: places.count), score: margin)
        _ = scores[index].comparison?.score(features)
    }

    /// A business day ends: what it brought is kept for comparison, and the next one begins.
    func cutOver() {
        for index in scores.indices {
            scores[index].report.lastDrifts = scores[index].monitor?.drifts ?? []
            scores[index].monitor?.reset()
        }
    }

    /// What there is to be seen now, a report for each score with a model in force.
    public var reports: [ModelReport] {
        scores.map { watched in
            var report = watched.report
            report.driftCount = watched.monitor?.count
            report.drifts = watched.monitor?.drifts ?? []
            report.comparison = watched.comparison
            return report
        }
    }
}

/// How the model of one score fares.
public struct ModelReport: Sendable {
    /// The index of the score in the rules in force.
    var score: Int
    /// The score's name.
    public var name: String
    public var model: String
    public var version: UInt32
    /// The model that is scored beside it.
    public internal(set) var shadow: UInt32?
    /// Transactions scored.
    public internal(set) var count = 0
    /// Transactions that the drift figures are of; nil where the model came without figures to compare with.
    public internal(set) var driftCount: Int?
    /// Empty below `DriftMonitor.countMin` transactions.
    public internal(set) var drifts: [DriftMonitor.Drift] = []
    /// Those of the business day before.
    public internal(set) var lastDrifts: [DriftMonitor.Drift] = []
    public internal(set) var comparison: ModelComparison?

    init(score: Int, name: String, model: String, version: UInt32) {
        (self.score, self.name, self.model, self.version) = (score, name, model, version)
    }
}
