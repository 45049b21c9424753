// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Looks a sound rule file through for what is hardly meant so.
struct Linter {
    let file: RuleFile
    let reader: ConditionReader
    private(set) var findings: [RuleFinding] = []

    init(_ file: RuleFile) {
        self.file = file
        reader = ConditionReader(compiler: Compiler(looking: file))
        for rule in file.rules { look(at: rule) }
        lookAtPairs()
        lookAtNames()
        lookAtUse()
        lookAtCurrencies()
        findings.sort { ($0.line, $0.column, $0.kind.rawValue) < ($1.line, $1.column, $1.kind.rawValue) }
    }

    mutating func add(_ kind: RuleFinding.Kind, _ position: SourcePosition, _ sentence: String, hint: String? = nil) {
        findings.append(RuleFinding(kind, at: position, sentence, hint: hint))
    }

    // MARK: - One rule

    private mutating func look(at rule: RuleDeclaration) {
        lookForTwins(in: rule.condition)
        for audience in Explanation.Audience.allCases {
            let languages = rule.texts.filter { $0.audience == audience }.map(\.language)
            if languages.count == 1, let only = languages.first {
                add(
                    .missingText, rule.position,
                    "\(rule.id) has a text for the \(audience) in \(only) and none in \(only == .en ? "zh" : "en")")
            }
        }
        guard let form = reader.form(rule.condition), let denial = reader.form(rule.condition, denied: true) else {
            return
        }
        if form.isContradiction(within: { _ in nil }) {
            add(.neverHolds, rule.condition.position, "the condition of \(rule.id) contradicts itself")
        } else if form.isContradiction(within: bounds) {
            add(
                .outOfRange, rule.condition.position, "the condition of \(rule.id) never holds",
                hint: range(in: form).map { "\($0.name) is \($0.text)" })
        } else if denial.isContradiction(within: bounds) {
            add(.alwaysHolds, rule.condition.position, "the condition of \(rule.id) holds for every transaction")
        }
    }

    /// One part of a chain of `and` or `or` twice.
    private mutating func lookForTwins(in expression: Expression) {
        var parts: [Expression] = []
        switch expression.kind {
        case .and: Self.parts(of: expression, isAnd: true, into: &parts)
        case .or: Self.parts(of: expression, isAnd: false, into: &parts)
        case .not(let inner): return lookForTwins(in: inner)
        default: return
        }
        for (index, part) in parts.enumerated() {
            if parts[..<index].contains(where: { reader.text($0) == reader.text(part) }) {
                add(.repeatedPart, part.position, "`\(reader.text(part))` stands here a second time")
            }
            lookForTwins(in: part)
        }
    }

    private static func parts(of expression: Expression, isAnd: Bool, into parts: inout [Expression]) {
        switch (expression.kind, isAnd) {
        case (.and(let left, let right), true), (.or(let left, let right), false):
            Self.parts(of: left, isAnd: isAnd, into: &parts)
            Self.parts(of: right, isAnd: isAnd, into: &parts)
        default: parts.append(expression)
        }
    }

    // MARK: - Two rules

    private mutating func lookAtPairs() {
        // A rule that never or always holds has its finding, and says nothing of others.
        let judged = file.rules.filter { $0.state == .live }
        let forms = judged.map {
            [possible(reader.form($0.condition)), possible(reader.form($0.condition, denied: true))]
        }
        for (index, rule) in judged.enumerated() {
            for (other, stronger) in judged.enumerated() where other != index {
                guard let form = forms[index][0], let denial = forms[other][1], implies(form, denial) else { continue }
                if let back = forms[other][0], let own = forms[index][1], implies(back, own) {
                    if index > other, rule.noticePosition == nil || stronger.noticePosition != nil {
                        add(
                            .sameCondition, rule.condition.position, "\(rule.id) hits when \(stronger.id) does",
                            hint: "let one rule do both")
                    }
                } else if covers(stronger, rule) {
                    add(
                        .unreachable, rule.condition.position,
                        "whenever \(rule.id) hits, \(stronger.id) hits too and does more")
                }
            }
        }
    }

    /// A form that can hold; nil for one that cannot, or is too large.
    private func possible(_ form: ConditionForm?) -> ConditionForm? {
        form.flatMap { $0.isContradiction(within: bounds) ? nil : $0 }
    }

    /// Whether a condition holds only where another does, whose denial is given.
    private func implies(_ form: ConditionForm, _ denial: ConditionForm) -> Bool {
        form.and(denial)?.isContradiction(within: bounds) ?? false
    }

    /// A rule's hit leaves nothing for the other to do.
    private func covers(_ stronger: RuleDeclaration, _ rule: RuleDeclaration) -> Bool {
        let (more, less) = (stronger.consequence, rule.consequence)
        guard more.action > less.action, stronger.noticePosition == nil || rule.noticePosition != nil else {
            return false
        }
        return (more.openCase?.rawValue ?? 0) >= (less.openCase?.rawValue ?? 0)
            && (more.notifyIssuer || !less.notifyIssuer) && (more.askCardholder || !less.askCardholder)
            && (more.freeze ?? .zero) >= (less.freeze ?? .zero) && rule.onUnknown == nil
    }

    // MARK: - What values there are

    private func range(in form: ConditionForm) -> (name: String, text: String)? {
        for case .range(let name, _, _, _) in form.alternatives.joined() {
            guard let bounds = bounds(of: name) else { continue }
            let one = ConditionForm(alternatives: form.alternatives.map { $0.filter { Self.isOf($0, name) } })
            guard one.isContradiction(within: { $0 == name ? bounds : nil }) else { continue }
            let low = Self.number(bounds.low)
            return (name, bounds.high == .infinity ? "at least \(low)" : "from \(low) to \(Self.number(bounds.high))")
        }
        return nil
    }

    private static func isOf(_ test: ConditionForm.Test, _ name: String) -> Bool {
        if case .range(name, _, _, _) = test { true } else { false }
    }

    private static func number(_ value: Double) -> String { abs(value) < 1e15 ? "\(Int64(value))" : "\(value)" }

    private var bounds: (String) -> ValueDomain? { { bounds(of: $0) } }

    /// What a fact or a velocity can be at all; nil where that is not known.
    private func bounds(of name: String) -> ValueDomain? {
        if let velocity = file.velocities.first(where: { name == $0.name || name.hasPrefix($0.name + " in ") }) {
            return velocity.bounds
        }
        if file.scores.contains(where: { $0.name == name }) { return ValueDomain(0, 1, isWhole: false) }
        if reader.compiler.isDeclared(name) { return nil }
        if name.hasPrefix("amount in ") { return ValueDomain(0, .infinity) }
        return Fact(named: name)?.bounds
    }
}

extension Fact {
    fileprivate var bounds: ValueDomain? {
        switch self {
        case .hour: ValueDomain(0, 23)
        case .weekday: ValueDomain(1, 7)
        case .mcc: ValueDomain(0, 9_999)
        case .pinTries: ValueDomain(0, 255)
        case .idleDays, .ageDays, .travelSpeed, .profileUsual: ValueDomain(0, .infinity)
        case .profileFrauds: ValueDomain(0, Double(UInt16.max))
        case .profileRatio: ValueDomain(0, UsualAmounts.ratioMax, isWhole: false)
        // Half of the earth's circumference.
        case .travelKilometres: ValueDomain(0, 20_038)
        default: nil
        }
    }
}

extension VelocityDeclaration {
    fileprivate var bounds: ValueDomain? {
        switch function {
        case .share: ValueDomain(0, 1, isWhole: false)
        case .count, .distinct:
            // The ring's events, and the transaction in hand.
            ValueDomain(
                0, isExact ? Double(WindowStore.capacityMax + (excludesCurrent || delay > .zero ? 0 : 1)) : .infinity)
        case .sum, .min, .max, .mean: ValueDomain(0, .infinity)
        case .first, .last: ValueDomain(0, Double((window + delay).microseconds))
        }
    }
}
