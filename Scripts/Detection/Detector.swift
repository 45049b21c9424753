// SPDX-License-Identifier: Apache-2.0
import RiskModels
import RiskTraining
import SecurityTriggers
import TriggerTools
import Vocabulary

/// Trains and scores one week.
struct Detector {
    private let recording: Recording
    private let week: DetectionWeek

    init(_ recording: Recording, _ week: DetectionWeek) { (self.recording, self.week) = (recording, week) }

    /// A model with its scores of the week's `scored` rows, in their order.
    struct Scored {
        var name: String
        var text: [UInt8]
        var scores: [Double]
    }

    struct Result {
        var table: TrainingTable
        var scored: [Scored]
    }

    /// The label policy that the arguments ask for. Asking cardholders needs a model of before: it is trained on the week
    /// whose labels are known when the training days begin.
    func policy(_ arguments: DetectionArguments) throws(DetectionError) -> LabelPolicy {
        var policy = LabelPolicy()
        (policy.after, policy.seed) = (arguments.after, arguments.seed)
        switch arguments.confirmation {
        case .week: break
        case .all: policy.latest = arguments.after
        case .statements: policy.kind = .statements
        case .asked:
            let first = week.first - DetectionWeek.trainingDays - DetectionWeek.delayDays
            let rows = recording.ids.indices.filter {
                (first..<first + DetectionWeek.trainingDays).contains(recording.day($0))
            }
            let (table, _) = tables(LabelPolicy(), training: rows, scored: [])
            let model = try Self.train(.trees, table)
            policy.kind = .asked(by: try Self.model(model), from: week.first)
        }
        return policy
    }

    /// - Parameter given: the text of a model to be measured; without it models are trained.
    func run(
        _ policy: LabelPolicy, _ wanted: DetectionArguments.Model, given: [UInt8]? = nil
    ) throws(DetectionError) -> Result {
        let (table, features) = tables(policy, training: week.training, scored: week.scored)
        var texts: [(name: String, text: [UInt8])] = []
        if let given {
            texts.append(("given model", given))
        } else {
            if wanted != .scorecard { texts.append(("trees", try Self.train(.trees, table))) }
            if wanted != .trees { texts.append(("scorecard", try Self.train(.scorecard, table))) }
        }
        let scored = try texts.map { (name, text) throws(DetectionError) in
            let model = try Self.model(text)
            return Scored(name: name, text: text, scores: features.map { model.margin($0.values.span) })
        }
        return Result(table: table, scored: scored)
    }

    /// The training table, and the features of the rows to be scored. Rows are ascending.
    func tables(
        _ policy: LabelPolicy, training: [Int], scored: [Int]
    ) -> (TrainingTable, [FeatureVector]) {
        var table = TrainingTable(names: RiskFeature.names)
        var features: [FeatureVector] = []
        var (nextTraining, nextScored) = (0, 0)
        var walk = FeatureWalk(recording, policy)
        walk.run(until: max(training.last ?? -1, scored.last ?? -1) + 1) { row, vector in
            if nextTraining < training.count, training[nextTraining] == row {
                table.append(vector.values.span, isFraud: recording.isFraud[row])
                nextTraining += 1
            }
            if nextScored < scored.count, scored[nextScored] == row {
                features.append(vector)
                nextScored += 1
            }
        }
        return (table, features)
    }

    /// Written down once, the same for every file: see docs/detection.md.
    private static func train(_ model: ModelTrainer, _ table: TrainingTable) throws(DetectionError) -> [UInt8] {
        do { return try model.train(table) } catch { throw DetectionError("training: \(error)") }
    }

    private static func model(_ text: [UInt8]) throws(DetectionError) -> RiskModel {
        let model: RiskModel
        do { model = try RiskModel(reading: text) } catch { throw DetectionError("the model: \(error)") }
        guard model.featureNames == RiskFeature.names else {
            let names = RiskFeature.names.joined(separator: " ")
            throw DetectionError("the model wants other features than these: \(names)")
        }
        return model
    }
}

extension Detector.Scored {
    /// `tx_id,score`, with as many digits as tell all scores apart.
    func csv(_ recording: Recording, _ week: DetectionWeek) -> [UInt8] {
        var output = Array("tx_id,score\n".utf8)
        for (row, score) in zip(week.scored, scores) { output += "\(recording.ids[row]),\(score)\n".utf8 }
        return output
    }
}
