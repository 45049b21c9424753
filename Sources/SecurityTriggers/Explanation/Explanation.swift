// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Turns an evaluation into words and figures: a pure function of evaluation, rules and facts, so that a replay
/// gives the same bytes.
public enum Explanation {
    public enum Language: UInt8, Sendable, CaseIterable {
        case en, zh
    }

    /// Who reads the text. An analyst sees all; a cardholder what concerns them; a merchant only what to do.
    public enum Audience: UInt8, Sendable, CaseIterable {
        case analyst, cardholder, merchant
    }

    /// The explanation as one JSON value. Nothing in it was measured, and no card number or key is in it.
    ///
    /// - Parameters:
    ///   - evaluation: what the triggers said.
    ///   - rules: the rule set that said it.
    ///   - facts: the transaction, when its amount, time and terminal are to be shown too.
    ///   - context: what else is to be shown.
    public static func json(
        _ evaluation: Evaluation, rules: RuleSet, facts: TransactionFacts? = nil, context: Context = Context()
    ) -> JSON {
        let evaluation = rules.attributed(evaluation)
        var members: [JSON.Member] = [.init("decision", .string(name(of: evaluation.action)))]
        members += [.init("code", text: context.code), .init("engine", text: evaluation.engine?.description)]
            .compactMap(\.self)
        members.append(.init("ruleset", .string("\(rules.name)@\(rules.version)")))
        if let place = place(in: context) { members.append(place) }
        if let winner = evaluation.winner, let id = rules.id(of: winner) {
            members.append(.init("rule", .string(id)))
            if let intent = rules.intent(of: winner) { members.append(.init("intent", .string(intent))) }
        }
        if let facts { members.append(.init("facts", json(of: facts))) }
        let shown = evaluation.results.filter { $0.outcome != .suppressed }
        members.append(.init("rules", .array(shown.map { json(of: $0, rules, context) })))
        let lifted = evaluation.results.filter { $0.outcome == .suppressed }
        members.append(
            .init(
                "suppressed",
                .array(
                    lifted.map { result in
                        .object([
                            .init("rule", .string(rules.id(of: result.rule) ?? "?")),
                            .init("by", .string(facts?.notice.map { "notice:\($0)" } ?? "notice")),
                        ])
                    })))
        members += scores(evaluation, rules)
        members += orders(evaluation)
        members.append(.init("tell", .object(tell(evaluation, rules, context))))
        return .object(members)
    }

    /// What each audience is told, in both languages.
    private static func tell(_ evaluation: Evaluation, _ rules: RuleSet, _ context: Context) -> [JSON.Member] {
        let texts = Audience.allCases.map { audience in
            let languages = Language.allCases.map { language in
                JSON.Member(
                    language == .en ? "en" : "zh",
                    .string(sentence(evaluation, rules: rules, language: language, audience: audience)))
            }
            return JSON.Member(name(of: audience), .object(languages))
        }
        return texts + [.init("merchant_ref", text: context.merchantReference)].compactMap(\.self)
    }

    /// `approve`, `require_proof`, `refer`, `decline`, `retain`.
    static func name(of action: TriggerAction) -> String {
        switch action {
        case .approve: "approve"
        case .stepUp: "require_proof"
        case .refer: "refer"
        case .decline: "decline"
        case .retain: "retain"
        }
    }

    private static func name(of audience: Audience) -> String {
        switch audience {
        case .analyst: "analyst"
        case .cardholder: "cardholder"
        case .merchant: "merchant"
        }
    }

    private static func json(of facts: TransactionFacts) -> JSON {
        var members: [JSON.Member] = [
            .init("at", .string(facts.at.iso8601)), .init("amount", .string(facts.amount.description)),
            .init("terminal", .string(facts.terminal.description)),
        ]
        if let merchant = facts.merchant { members.append(.init("merchant", .string(merchant.description))) }
        if let mcc = facts.mcc { members.append(.init("mcc", .string(mcc.description))) }
        if !facts.goods.isEmpty { members.append(.init("goods", .array(facts.goods.map { .string($0.description) }))) }
        return .object(members)
    }

    /// What else the rules ordered.
    private static func orders(_ evaluation: Evaluation) -> [JSON.Member] {
        var members: [JSON.Member] = []
        if !evaluation.proofs.isEmpty {
            var proofs: [JSON] = []
            if evaluation.proofs.contains(.idDocument) { proofs.append("id_document") }
            if evaluation.proofs.contains(.password) { proofs.append("password") }
            members.append(.init("proofs", .array(proofs)))
        }
        if let hold = evaluation.hold { members.append(.init("hold_seconds", .integer(hold.microseconds / 1_000_000))) }
        if let level = evaluation.openCase {
            members.append(.init("case", .string(level == .low ? "low" : level == .medium ? "medium" : "high")))
        }
        if evaluation.notifyIssuer { members.append(.init("notify_issuer", true)) }
        if evaluation.askCardholder { members.append(.init("ask_cardholder", true)) }
        if let freeze = evaluation.freeze {
            members.append(.init("freeze_seconds", .integer(freeze.microseconds / 1_000_000)))
        }
        return members
    }

    private static func json(of result: RuleResult, _ rules: RuleSet, _ context: Context) -> JSON {
        guard let detail = rules.detail(of: result.rule) else { return .object([.init("id", "?")]) }
        var members: [JSON.Member] = [
            .init("id", .string(detail.id)), .init("state", result.isShadow ? "shadow" : "live"),
            .init("result", result.outcome == .hit ? "hit" : "unknown"),
        ]
        if detail.version != 1 { members.insert(.init("v", .integer(Int64(detail.version))), at: 1) }
        if result.outcome == .hit {
            members.append(.init("action", .string(name(of: detail.consequence.action))))
            let because = result.figures.compactMap { json(of: $0, in: detail, rules, context) }
            members.append(.init("because", .array(because)))
        } else {
            if let order = detail.onUnknown { members.append(.init("action", .string(name(of: order.action)))) }
            var missing: [String] = []
            for figure in result.figures where detail.figures.indices.contains(figure.source) {
                let name = detail.figures[figure.source].name
                if !missing.contains(name) { missing.append(name) }
            }
            members.append(.init("missing", .array(missing.map { .string($0) })))
        }
        return .object(members)
    }

    /// A comparison that spoke for the rule; nil for values that only a text shows.
    private static func json(
        of figure: Figure, in detail: RuleDetail, _ rules: RuleSet, _ context: Context
    ) -> JSON? {
        guard detail.figures.indices.contains(figure.source) else { return nil }
        let source = detail.figures[figure.source]
        guard let sign = source.sign, figure.holds == !source.isNegated else { return nil }
        var members: [JSON.Member] = [.init("v", .string(source.name))]
        if let window = source.window { members.append(.init("window", .string(window))) }
        members.append(.init("value", json(of: figure.value, source.type, rules)))
        members.append(.init("op", .string(sign)))
        if let limit = figure.limit {
            members.append(.init("limit", json(of: limit, source.type, rules)))
        } else if let list = source.list {
            members.append(.init("limit", .string(list)))
        }
        members.append(.init("exact", .bool(figure.value.isExact)))
        if let velocity = rules.velocity(named: source.name), let resolution = velocity.resolution {
            members.append(.init("resolution", .string(resolution.rawValue)))
            if velocity.key != .card, let since = context.knownSince {
                members.append(.init("known_since", .string(since.iso8601)))
            }
        }
        if !figure.evidence.isEmpty {
            members.append(.init("evidence", .array(figure.evidence.map { json(of: $0, context) })))
        }
        return .object(members)
    }

    private static func json(of evidence: Evidence, _ context: Context) -> JSON {
        .object(
            [
                .init("at", .string(evidence.at.iso8601)), .init("terminal", .string(evidence.terminal.description)),
            ] + [.init("rrn", text: context.reference?(evidence))].compactMap(\.self))
    }

    /// The value, or its lower bound when it is not exact.
    private static func json(of value: FigureValue, _ type: ValueType, _ rules: RuleSet) -> JSON {
        if value.isUnknown { return .null }
        if type == .number { return .integer(value.low) }
        if type == .double { return .double(value.lowDouble) }
        if value.form == .text { return .string(rules.program.string(value)) }
        if value.form == .constantText {
            return Int(value.low) < rules.program.texts.count ? .string(rules.program.string(value)) : .null
        }
        if type == .truth { return .bool(value.low != 0) }
        return .string(text(of: value.low, type, value.currency))
    }

    /// A value of its type as text, without a word of its own.
    static func text(of value: Int64, _ type: ValueType, _ currency: UInt16) -> String {
        switch type {
        case .money:
            currency == 0 ? "\(value)" : Money(minorUnits: value, Currency(numeric: currency)).description
        case .mcc: MCC(UInt16(clamping: value)).description
        case .goods: GoodsCode(packed: UInt64(bitPattern: value)).description
        case .terminal: TerminalID(packed: UInt64(bitPattern: value)).description
        case .merchant: MerchantID(number: UInt64(bitPattern: value)).description
        case .string: "…"
        case .pin, .status, .kind, .entry: type.literals.first { $0.value == value }?.word ?? "?"
        case .double: shown(Double(bitPattern: UInt64(bitPattern: value)))
        case .duration: Compiler.text(of: Interval(microseconds: value))
        case .card: "card"
        case .number, .truth: "\(value)"
        }
    }

    /// With four decimals at most, as people read it; the JSON has all of them.
    public static func shown(_ value: Double) -> String {
        abs(value) < 1e9 ? "\((value * 10_000).rounded() / 10_000)" : "\(value)"
    }
}

extension RuleSet {
    func detail(of rule: Int) -> RuleDetail? { program.details.indices.contains(rule) ? program.details[rule] : nil }

    func velocity(named name: String) -> VelocityProgram? {
        program.velocityNames.firstIndex(of: name).map { program.velocities[$0] }
    }

    /// The id of a rule by its index.
    public func id(of rule: Int) -> String? { detail(of: rule)?.id }
}
