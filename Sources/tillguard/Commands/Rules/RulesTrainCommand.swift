// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RiskModels
import RiskTraining
import TriggerTools
import Vocabulary

struct RulesFeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Write the training table of past transactions.",
        discussion: """
            By the code that scores live transactions: features as they were at each transaction, labels from the time \
            on at which they became known. CSV: tx_id (the line's number among the transactions, from 0), the \
            features, label. A model that LightGBM or XGBoost trains on it scores the same here.
            """)
    @OptionGroup var training: TrainingOptions
    @Option(help: "The table's file.") var out: String

    func run() throws {
        let table = try training.table()
        try TrainingOptions.write(table.table.csv(ids: table.numbers.map { "\($0)" }), to: out)
    }
}

struct RulesTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model on past transactions.",
        discussion: "The same transactions, settings and seed give the same bytes on every machine.")
    @OptionGroup var training: TrainingOptions
    @Option(help: "trees or scorecard.") var model = "trees"
    @Option(help: "Forests of a hundred trees each whose margins are averaged, 1 to 20.") var forests = 1
    @Option(help: "What chance is drawn from.") var seed: UInt64 = 1
    @Option(help: "The model's file.") var out: String
    @Option(help: "Also write how features and scores lie, for watching drift.") var drift: String?

    func validate() throws {
        guard ModelTrainer(rawValue: model) != nil else { throw ValidationError("--model is trees or scorecard") }
        guard (1...20).contains(forests) else { throw ValidationError("--forests is 1 to 20") }
    }

    func run() throws {
        guard let trainer = ModelTrainer(rawValue: model) else { return }
        let table = try training.table().table
        let text: [UInt8]
        do { text = try trainer.train(table, forests: forests, seed: seed) } catch {
            let reason = error == .oneClass ? "the rows need frauds and others" : "\(error)"
            throw DeploymentError.refused("nothing to learn: \(reason)")
        }
        try TrainingOptions.write(text, to: out)
        guard let drift else { return }
        let model = try RiskModel(reading: text)
        let scores = (0..<table.count).map { model.margin(table.row($0).span) }
        let reference = DriftReference(
            names: table.names, rows: table.count, value: { table[$0, $1] }, scores: scores)
        try TrainingOptions.write(Array(reference.json.text.utf8), to: drift)
    }
}
