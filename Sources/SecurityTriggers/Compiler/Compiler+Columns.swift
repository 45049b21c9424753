// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Compiler {
    /// The tile column that answers a velocity which single events cannot answer.
    ///
    /// - Throws: when no tile counts what the velocity asks for.
    func column(of velocity: VelocityDeclaration) throws(RuleFileError) -> TileColumn {
        var words: [String] = ["attempts", "amount", "card"].contains(velocity.argument) ? [] : [velocity.argument]
        var position = velocity.argumentPosition
        for filter in velocity.filters {
            guard Self.terms(of: filter, into: &words) else {
                throw Self.noColumn(velocity, "`\(rendered(filter))`", filter.position)
            }
            position = filter.position
        }
        if let reset = velocity.reset { throw Self.noColumn(velocity, "`reset on`", reset.position) }
        let column: TileColumn? =
            switch velocity.function {
            case .count, .share, .first, .last: Self.counted[words.sorted().joined(separator: " ")]
            case .sum, .mean: words == ["approved"] ? .approvedAmount : words == ["refunds"] ? .refundAmount : nil
            case .distinct: velocity.argument == "card" && words.isEmpty ? .cards : nil
            case .min, .max: nil
            }
        guard let column, velocity.key != .card || Self.cardColumns.contains(column) else {
            throw Self.noColumn(velocity, "`\(velocity.function.rawValue)` of something else", position)
        }
        return column
    }

    /// Never iterated.
    private static let counted: [String: TileColumn] = [
        "": .attempts, "approved": .approved, "declined": .declined, "confirmed": .confirmed,
        "confirmed plain": .plain, "refunds": .refunds, "unusual": .unusual,
    ]

    private static let cardColumns: [TileColumn] = [.attempts, .approved, .declined, .unusual, .approvedAmount]

    /// The tests that a condition joins by `and`, as words; false for any other condition.
    private static func terms(of expression: Expression, into words: inout [String]) -> Bool {
        switch expression.kind {
        case .and(let left, let right): return terms(of: left, into: &words) && terms(of: right, into: &words)
        case .name(let name):
            words.append(name)
            return EventFact(rawValue: name) != nil
        case .comparison(.equal, let left, let right):
            guard case .name("kind") = left.kind, case .name("refund") = right.kind else { return false }
            words.append("refunds")
            return true
        default: return false
        }
    }

    private static func noColumn(
        _ velocity: VelocityDeclaration, _ found: String, _ position: SourcePosition
    ) -> RuleFileError {
        let expected =
            switch (velocity.function, velocity.key) {
            case (.sum, .card), (.mean, .card): "`amount where approved`"
            case (.sum, _), (.mean, _): "`amount where approved` or `amount where kind == refund`"
            case (.distinct, .terminal), (.distinct, .merchant): "`card` with no test"
            case (_, .card): "a count of attempts, approved, declined or unusual, with no other test"
            default: "a count of attempts, approved, declined, confirmed, refunds, unusual, or confirmed where plain"
            }
        return RuleFileError(
            .type, at: position, expected: expected, found: found,
            hint: velocity.key == .card
                ? "beyond 48h a card is kept as sums of days"
                : "a \(velocity.key.rawValue) is kept as sums, not as events")
    }
}
