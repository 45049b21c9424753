// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

extension Host {
    /// The record of a command about rules; nil for any other.
    func ruleRecord(
        _ command: Command, by staff: StaffID, now: Instant
    ) throws(CommandRefusal) -> HostRecord.Body? {
        switch command {
        case .replaceRules(let text):
            // The first set of a directory, which nobody can have proposed.
            guard ruleBook.live == 0 else { throw .ruleLife(.alreadyInForce) }
            return try loaded(text, by: staff)
        case .loadRules(let text): return try loaded(text, by: staff)
        case .proposeRules(let text): return .rules(try proposal(text, by: staff))
        case .shadowRules(let number):
            try require(number) { $0.isWaiting }
            return .rules(.shadowed(version: number, by: staff))
        case .approveRules(let number):
            let version = try require(number) { $0 == .proposed }
            guard version.proposer != staff else { throw .ruleLife(.secondPersonRequired) }
            try requireBase(version)
            return .rules(.approved(version: number, by: staff))
        case .activateRules(let number):
            let version = try require(number) { $0 == .approved }
            try requireBase(version)
            // The models in force may have changed since it was proposed.
            try requireModels(try Self.read(version.text))
            return .rules(.activated(version: number, by: staff))
        case .rollBackRules(let number):
            try require(number) { $0 == .retired }
            guard let asked = ruleBook.rollBack, asked.version == number, now - asked.at < RuleBook.RollBack.lifetime
            else { return .rules(.rollBackAsked(to: number, by: staff)) }
            guard asked.by != staff else { throw .ruleLife(.secondPersonRequired) }
            return .rules(.rolledBack(to: number, by: asked.by, approvedBy: staff))
        case .withdrawRules(let number):
            guard let version = ruleBook[number] else { throw .ruleLife(.unknownVersion) }
            guard version.state.isWaiting else { throw .ruleLife(.notAllowed(version.state)) }
            return .rules(.withdrawn(version: number, by: staff))
        default: return nil
        }
    }

    private func loaded(_ text: String, by staff: StaffID) throws(CommandRefusal) -> HostRecord.Body {
        _ = try Self.read(text)
        return .rulesReplaced(text: text, by: staff)
    }

    private static func read(_ text: String) throws(CommandRefusal) -> RuleSet {
        do throws(RuleFileError) { return try RuleSet(parsing: text) } catch { throw .rules(error) }
    }

    private func proposal(_ text: String, by staff: StaffID) throws(CommandRefusal) -> RuleChange {
        let proposed = try Self.read(text)
        guard text != rulesText else { throw .ruleLife(.unchanged) }
        try requireModels(proposed)
        let waiting = ruleBook.waiting
        guard !waiting.contains(where: { $0.text == text }) else { throw .ruleLife(.alreadyProposed) }
        guard waiting.count < RuleBook.waitingMax else { throw .ruleLife(.tooManyWaiting) }
        // Explanations name a set by its own name and number: two sets may not share them. A file without a number says
        // nothing of the kind.
        let isNamedAlike = unreadableRules == nil && proposed.version > 0 && proposed.name == rules.name
        guard !isNamedAlike || proposed.version > rules.version else { throw .ruleLife(.versionNotHigher) }
        return .proposed(version: ruleBook.last &+ 1, text: text, base: ruleBook.live, by: staff)
    }

    /// The version of a number, in a state that allows the step, and with a text that can be read.
    @discardableResult
    private func require(
        _ number: UInt32, _ isAllowed: (RuleVersion.State) -> Bool
    ) throws(CommandRefusal) -> RuleVersion {
        guard let version = ruleBook[number] else { throw .ruleLife(.unknownVersion) }
        guard isAllowed(version.state) else { throw .ruleLife(.notAllowed(version.state)) }
        guard (try? RuleSet(parsing: version.text)) != nil else { throw .ruleLife(.unreadable) }
        return version
    }

    private func requireModels(_ proposed: RuleSet) throws(CommandRefusal) {
        for version in models.live {
            guard let model = try? version.text.read().model else { continue }
            do { try proposed.check(model, as: version.name) } catch { throw .ruleLife(.modelDoesNotFit) }
        }
    }

    /// What was approved is a difference; against another set it would be another one.
    private func requireBase(_ version: RuleVersion) throws(CommandRefusal) {
        guard version.base == ruleBook.live else { throw .ruleLife(.baseChanged) }
    }
}
