// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Linter {
    // MARK: - Names

    /// CEL's reserved words; refusing them would make old files unreadable.
    static let celWords = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while", "false", "in", "null", "true",
    ]

    mutating func lookAtNames() {
        let values =
            file.velocities.map { ($0.name, $0.position) } + file.features.map { ($0.name, $0.position) }
            + file.scores.map { ($0.name, $0.position) }
        let all = values + file.lists.map { ($0.name, $0.position) } + file.rules.map { ($0.id, $0.position) }
        for (name, position) in all where Self.celWords.contains(name) {
            add(.celWord, position, "`\(name)` is a word that CEL keeps for itself", hint: "choose another name")
        }
        let literals = [ValueType.pin, .status, .kind, .entry].flatMap { $0.literals.map(\.word) }
        let known = Fact.names + EventFact.allCases.map(\.rawValue) + literals
        for (name, position) in values where known.contains(name) {
            add(.hidesFact, position, "`\(name)` hides what the language calls so", hint: "choose another name")
        }
    }

    // MARK: - Use

    mutating func lookAtUse() {
        var names: [String] = []
        var lists: [String] = []
        for rule in file.rules {
            rule.condition.collect(&names, &lists)
            for text in rule.texts { names += text.names }
        }
        for score in file.scores where names.contains(score.name) { names += score.features.map(\.name) }
        for feature in file.features where names.contains(feature.name) { feature.expression.collect(&names, &lists) }
        for velocity in file.velocities {
            for expression in velocity.filters + [velocity.reset].compactMap({ $0 }) {
                var none: [String] = []
                expression.collect(&none, &lists)
            }
        }
        for list in file.lists where !lists.contains(list.name) {
            add(.unusedList, list.position, "nothing asks for the list \(list.name)")
        }
        for velocity in file.velocities where !names.contains(velocity.name) {
            add(.unusedVelocity, velocity.position, "nothing asks for the velocity \(velocity.name)")
        }
        for feature in file.features where !names.contains(feature.name) {
            add(.unusedFeature, feature.position, "no rule or score in use asks for the feature \(feature.name)")
        }
        for score in file.scores where !names.contains(score.name) {
            add(.unusedScore, score.position, "no rule asks for the score \(score.name)")
        }
    }

    // MARK: - Currencies

    mutating func lookAtCurrencies() {
        var amounts: [(Money, SourcePosition)] = []
        for velocity in file.velocities { for filter in velocity.filters { filter.collectAmounts(&amounts) } }
        for feature in file.features { feature.expression.collectAmounts(&amounts) }
        for rule in file.rules { rule.condition.collectAmounts(&amounts) }
        guard let home = file.rates.first?.to ?? amounts.first?.0.currency else { return }
        let known = [home] + file.rates.map(\.from)
        for (money, position) in amounts where !known.contains(money.currency) {
            let code = money.currency.code
            add(
                .foreignCurrency, position,
                "nothing says what \(code) is in \(home.code), so no amount is compared with both",
                hint: "declare rate \(code) = … \(home.code)")
        }
    }
}

extension TextDeclaration {
    /// The figures that it names.
    fileprivate var names: [String] {
        let parts = text.replacing("{{", with: "").split(separator: "{", omittingEmptySubsequences: false)
        return parts.dropFirst().compactMap { part in part.firstIndex(of: "}").map { String(part[..<$0]) } }
    }
}

extension Expression {
    /// The parts of which it is made.
    private var parts: [Expression] {
        switch kind {
        case .name, .number, .double, .duration, .money, .text, .truth, .has, .same: []
        case .negative(let inner), .not(let inner): [inner]
        case .arithmetic(_, let left, let right), .comparison(_, let left, let right), .and(let left, let right),
            .or(let left, let right):
            [left, right]
        case .conditional(let test, let yes, let no): [test, yes, no]
        case .call(_, let values): values
        case .member(let value, .literal(let elements, _)):
            [value]
                + elements.compactMap { element in
                    if case .expression(let inner) = element.kind { inner } else { nil }
                }
        case .member(let value, .named): [value]
        }
    }

    /// The names and lists that stand in it.
    fileprivate func collect(_ names: inout [String], _ lists: inout [String]) {
        switch kind {
        case .name(let name), .has(let name): names.append(name)
        case .member(_, .named(let list, _)): lists.append(list)
        default: break
        }
        for part in parts { part.collect(&names, &lists) }
    }

    fileprivate func collectAmounts(_ amounts: inout [(Money, SourcePosition)]) {
        if case .money(let money) = kind { amounts.append((money, position)) }
        for part in parts { part.collectAmounts(&amounts) }
    }
}
