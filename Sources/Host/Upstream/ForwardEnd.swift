// SPDX-License-Identifier: Apache-2.0
import Interchange
import Vocabulary

/// How a forward ended, and what the terminal is told.
public struct ForwardEnd: Equatable, Sendable {
    public var forward: UInt64
    public var outcome: ExchangeOutcome
    /// Whether the other host approved: what the terminal has taken back meanwhile is reversed then.
    public var isApproved: Bool
    public var answer: StoredAnswer

    private static let outcomes: [ExchangeOutcome] = [.answered, .notSent, .notAnswered, .disconnectedAfterSend]

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(forward)
        writer.byte(UInt8(Self.outcomes.firstIndex(of: outcome) ?? 0))
        writer.flag(isApproved)
        answer.encode(to: &writer)
    }

    init(forward: UInt64, outcome: ExchangeOutcome, isApproved: Bool, answer: StoredAnswer) {
        (self.forward, self.outcome, self.isApproved, self.answer) = (forward, outcome, isApproved, answer)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        forward = try reader.unsigned()
        let start = reader.offset
        let number = Int(try reader.byte())
        guard Self.outcomes.indices.contains(number) else { throw .invalid(offset: start, what: "outcome") }
        outcome = Self.outcomes[number]
        isApproved = try reader.flag()
        answer = try StoredAnswer(from: &reader)
    }
}
