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
    /// What the triggers said when they were asked once more, and what follows from what they said; nil: nothing.
    public var verdict: ForwardVerdict?

    private static let outcomes: [ExchangeOutcome] = [.answered, .notSent, .notAnswered, .disconnectedAfterSend]

    /// Beside the outcome: the verdict stands at the end.
    private static let verdictTag: UInt8 = 0x80

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(forward)
        writer.byte(UInt8(Self.outcomes.firstIndex(of: outcome) ?? 0) | (verdict == nil ? 0 : Self.verdictTag))
        writer.flag(isApproved)
        answer.encode(to: &writer)
        verdict?.encode(to: &writer)
    }

    init(
        forward: UInt64, outcome: ExchangeOutcome, isApproved: Bool, answer: StoredAnswer,
        verdict: ForwardVerdict? = nil
    ) {
        self.verdict = verdict
        (self.forward, self.outcome, self.isApproved, self.answer) = (forward, outcome, isApproved, answer)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        forward = try reader.unsigned()
        let start = reader.offset
        let marks = try reader.byte()
        let number = Int(marks & ~Self.verdictTag)
        guard Self.outcomes.indices.contains(number) else { throw .invalid(offset: start, what: "outcome") }
        outcome = Self.outcomes[number]
        isApproved = try reader.flag()
        answer = try StoredAnswer(from: &reader)
        if marks & Self.verdictTag != 0 { verdict = try ForwardVerdict(from: &reader) }
    }
}
