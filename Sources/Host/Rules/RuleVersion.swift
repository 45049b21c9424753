// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// A rule set under its number, and what became of it.
public struct RuleVersion: Equatable, Sendable {
    public enum State: UInt8, CaseIterable, Sendable {
        case proposed = 1
        /// By a second person; not yet in force.
        case approved = 2
        case live = 3
        /// It was in force, and may be put in force again.
        case retired = 4
        /// Taken back before it was in force.
        case withdrawn = 5

        /// Whether it waits to be put in force.
        public var isWaiting: Bool { self == .proposed || self == .approved }
    }

    /// Who took which step, and when.
    public struct Step: Equatable, Sendable {
        public enum Kind: UInt8, CaseIterable, Sendable {
            case proposed = 1, shadowed, approved, activated, rollBackAsked, rolledBack, withdrawn
            /// Put in force by one alone: the first set of a directory, or an unattended file.
            case loaded
        }

        public var kind: Kind
        public var by: StaffID
        public var at: Instant
    }

    /// Rises with every set that is proposed or loaded; records of decisions name it.
    public let number: UInt32
    /// The rule file, byte for byte.
    public internal(set) var text: String
    /// What was in force when it was proposed or loaded.
    public let base: UInt32
    public internal(set) var state: State
    /// The oldest first. The newest of many are kept: the journal has them all.
    public internal(set) var steps: [Step]

    /// Steps of one version that are kept.
    public static let stepsMax = 32

    init(number: UInt32, text: String, base: UInt32, state: State, step: Step) {
        (self.number, self.text, self.base, self.state, steps) = (number, text, base, state, [step])
    }

    /// Who proposed or loaded it.
    public var proposer: StaffID? { steps.first { $0.kind == .proposed || $0.kind == .loaded }?.by }

    mutating func take(_ kind: Step.Kind, by staff: StaffID, at: Instant) {
        // The first step stays: it says who may not approve.
        if steps.count >= Self.stepsMax { steps.remove(at: 1) }
        steps.append(Step(kind: kind, by: staff, at: at))
    }

    /// - Parameter hasText: false for the set in force, whose text stands elsewhere in a snapshot.
    func encode(to writer: inout ByteWriter, hasText: Bool) {
        writer.unsigned(number)
        writer.text(hasText ? text : "")
        writer.unsigned(base)
        writer.byte(state.rawValue)
        writer.steps(steps)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        number = try reader.unsigned()
        text = try reader.text()
        base = try reader.unsigned()
        state = try reader.raw(State.self, "state of rules")
        steps = try reader.steps()
    }
}

extension ByteWriter {
    mutating func steps(_ steps: [RuleVersion.Step]) {
        list(steps) { writer, step in
            writer.byte(step.kind.rawValue)
            writer.code(step.by)
            writer.instant(step.at)
        }
    }
}

extension ByteReader {
    mutating func steps() throws(CodecError) -> [RuleVersion.Step] {
        let start = offset
        let steps = try list { (reader: inout ByteReader) throws(CodecError) in
            RuleVersion.Step(
                kind: try reader.raw(RuleVersion.Step.Kind.self, "step of rules"), by: try reader.code(),
                at: try reader.instant())
        }
        guard steps.count <= RuleVersion.stepsMax else { throw .invalid(offset: start, what: "steps of rules") }
        return steps
    }
}
