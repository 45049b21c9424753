// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

extension Host {
    mutating func apply(_ change: ModelChange, at: Instant) {
        models.apply(change, at: at)
        bindModels()
    }

    /// Gives the rules in force the models in force, and those that are watched the watched one in place of its name's.
    ///
    /// A swap is an assignment: the models were read when they were proposed, and the windows know nothing of them. A model
    /// that the rules do not fit leaves their score unknown; proposals and approvals see to it that there is none.
    mutating func bindModels() {
        // Nothing is judged by others in the place of rules that cannot be read, and nothing is given back for them.
        guard unreadableRules == nil else { return }
        let live = models.live.compactMap(Self.named)
        rules.bind(fitting: live)
        if var watched = watchedRules {
            let shadow = models.shadow.flatMap { models[$0] }.flatMap(Self.named)
            // The first of a name counts.
            watched.bind(fitting: (shadow.map { [$0] } ?? []) + live)
            watchedRules = watched
        }
        triggers.replaceRules(rules, watching: watchedRules)
        modelWatch.begin(rules, models)
    }

    private static func named(_ version: ModelVersion) -> RuleSet.NamedModel? {
        guard let model = try? version.text.read().model else { return nil }
        return RuleSet.NamedModel(name: version.name, version: version.number, model: model)
    }
}
