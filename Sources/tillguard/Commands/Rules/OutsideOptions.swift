// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Host
import RiskModels
import SecurityTriggers
import Storage

/// What rules name and do not hold: lists, and the models of their scores.
struct OutsideOptions: ParsableArguments {
    @Option(name: .customLong("list"), help: "A list's file that the rules name; may be given again.")
    var lists: [String] = []
    @Option(name: .customLong("model"), help: "A model that a score of the rules names, NAME=FILE; may be given again.")
    var models: [String] = []

    func validate() throws {
        for model in models where Self.parts(model) == nil {
            throw ValidationError("--model is NAME=FILE, not \(model)")
        }
    }

    /// The same rules over the lists of a store, those of the options in place of them, and over the models.
    func bound(_ rules: RuleSet, over store: ListStore = ListStore()) throws -> RuleSet {
        var (rules, store) = (rules, store)
        for path in lists {
            do { try store.put(ListFiles.open(path).list.list) } catch let error as ListError {
                throw RulesListsCommand.refusal(error, path)
            }
        }
        rules.bind(store)
        let named = try models.compactMap(Self.parts).map { name, path in
            guard rules.modelNames.contains(name) else {
                let known = rules.modelNames.isEmpty ? "no model" : rules.modelNames.joined(separator: ", ")
                throw DeploymentError.refused("\(rules.name) names \(known), and not \(name)")
            }
            return RuleSet.NamedModel(name: name, model: try Self.model(path))
        }
        do throws(RiskModelError) { try rules.bind(named) } catch {
            throw DeploymentError.refused("the rules do not fit a model: \(error)")
        }
        return rules
    }

    private static func parts(_ option: String) -> (name: String, path: String)? {
        let parts = option.split(separator: "=", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    private static func model(_ path: String) throws -> RiskModel {
        guard let text = FileManager.default.contents(atPath: path) else {
            throw DeploymentError.refused("\(path) cannot be read")
        }
        do throws(RiskModelError) { return try RiskModel(reading: [UInt8](text)) } catch {
            throw DeploymentError.refused("\(path): \(error)")
        }
    }
}
