// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import RiskModels
import SecurityTriggers
import Vocabulary

extension Host {
    /// The record of a command about models; nil for any other.
    func modelRecord(_ command: Command, by staff: StaffID, now: Instant) throws(ModelRefusal) -> ModelChange? {
        switch command {
        case .proposeModel(let name, let text): return try proposal(of: text, name, by: staff)
        case .shadowModel(let number):
            try fit(try require(number) { $0.isWaiting })
            return .shadowed(version: number, by: staff)
        case .approveModel(let number):
            let version = try require(number) { $0 == .proposed }
            guard version.proposer != staff else { throw .secondPersonRequired }
            return .approved(version: number, by: staff)
        case .activateModel(let number):
            let version = try require(number) { $0 == .approved }
            try fit(version)
            guard models.live(version.name) != nil || models.live.count < ModelBook.liveMax else {
                throw .tooManyNames
            }
            return .activated(version: number, by: staff)
        case .rollBackModel(let number):
            try fit(try require(number) { $0 == .retired })
            guard let asked = models.rollBack, asked.version == number, now - asked.at < RuleBook.RollBack.lifetime
            else { return .rollBackAsked(to: number, by: staff) }
            guard asked.by != staff else { throw .secondPersonRequired }
            return .rolledBack(to: number, by: asked.by, approvedBy: staff)
        case .withdrawModel(let number):
            try require(number) { $0.isWaiting }
            return .withdrawn(version: number, by: staff)
        default: return nil
        }
    }

    private func proposal(
        of text: ModelText, _ name: String, by staff: StaffID
    ) throws(ModelRefusal) -> ModelChange {
        guard (1...RuleSet.limits.nameBytes).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 })
        else { throw .badName }
        try fit(text, as: name)
        guard models.live(name)?.text != text else { throw .unchanged }
        let waiting = models.waiting
        guard !waiting.contains(where: { $0.name == name && $0.text == text }) else { throw .alreadyProposed }
        guard waiting.count < ModelBook.waitingMax else { throw .tooManyWaiting }
        return .proposed(version: models.last &+ 1, name: name, text: text, by: staff)
    }

    /// The version of a number, in a state that allows the step.
    @discardableResult
    private func require(
        _ number: UInt32, _ isAllowed: (ModelVersion.State) -> Bool
    ) throws(ModelRefusal) -> ModelVersion {
        guard let version = models[number] else { throw .unknownVersion }
        guard isAllowed(version.state) else { throw .notAllowed(version.state) }
        return version
    }

    /// The rules in force may have changed since the model was proposed.
    private func fit(_ version: ModelVersion) throws(ModelRefusal) { try fit(version.text, as: version.name) }

    private func fit(_ text: ModelText, as name: String) throws(ModelRefusal) {
        let model: RiskModel
        do throws(RiskModelError) { model = try text.read().model } catch { throw .unreadable(error) }
        do throws(RiskModelError) { try rules.check(model, as: name) } catch { throw .doesNotFit(error) }
    }
}
