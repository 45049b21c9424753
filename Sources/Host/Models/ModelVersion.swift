// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// A model under its number, and what became of it.
public struct ModelVersion: Equatable, Sendable {
    /// A model lives as a rule set does.
    public typealias State = RuleVersion.State
    public typealias Step = RuleVersion.Step

    /// Rises with every model that is proposed, whatever its name; scores on record name it.
    public let number: UInt32
    /// What scores call it by.
    public let name: String
    public let text: ModelText
    public internal(set) var state: State
    /// The oldest first. The newest of many are kept: the journal has them all.
    public internal(set) var steps: [Step]

    init(number: UInt32, name: String, text: ModelText, step: Step) {
        (self.number, self.name, self.text, state, steps) = (number, name, text, .proposed, [step])
    }

    public var proposer: StaffID? { steps.first { $0.kind == .proposed }?.by }

    mutating func take(_ kind: Step.Kind, by staff: StaffID, at: Instant) {
        // The first step stays: it says who may not approve.
        if steps.count >= RuleVersion.stepsMax { steps.remove(at: 1) }
        steps.append(Step(kind: kind, by: staff, at: at))
    }

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(number)
        writer.text(name)
        text.encode(to: &writer)
        writer.byte(state.rawValue)
        writer.steps(steps)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        number = try reader.unsigned()
        name = try reader.text()
        text = try ModelText(from: &reader).afterReading
        state = try reader.raw(State.self, "state of a model")
        steps = try reader.steps()
    }
}
