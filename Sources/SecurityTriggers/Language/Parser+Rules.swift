// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Parser {
    mutating func rule(at position: SourcePosition) throws(RuleFileError) -> RuleDeclaration {
        let id = try newName("rule")
        let version = take("version") ? try version() : 1
        let state = try state()
        try expect(.openBrace)
        try expect("when")
        nodes = 0
        let condition = try condition()
        var noticePosition: SourcePosition?
        if isWord("unless") {
            noticePosition = current.position
            advance()
            try expect("notice")
            try expect("covers")
            try expect("tx")
        }
        guard isWord("then") else {
            throw failure(
                noticePosition == nil ? "an operator, `unless` or `then`" : "`then`",
                hint: spelling(["then", "unless", "and", "or", "in"]))
        }
        advance()
        let consequencePosition = current.position
        let consequence = try consequence()
        let onUnknown = try onUnknown()
        var texts: [TextDeclaration] = []
        while !isSign(.closeBrace) {
            guard isWord("say") else {
                throw failure("`,`, `say` or `}`", hint: spelling(["say"]))
            }
            texts.append(try text(among: texts))
        }
        advance()
        return RuleDeclaration(
            id: id, version: version, state: state, condition: condition, noticePosition: noticePosition,
            consequence: consequence, consequencePosition: consequencePosition, onUnknown: onUnknown, texts: texts,
            position: position)
    }

    private mutating func state() throws(RuleFileError) -> RuleState {
        guard case .word(let word) = current.kind else { return .live }
        guard let state = RuleState(rawValue: word) else {
            throw failure("`{`, `version` or a state", hint: spelling(RuleState.allCases.map(\.rawValue) + ["version"]))
        }
        advance()
        return state
    }

    /// `on unknown` and what then follows; nil where it is not said.
    mutating func onUnknown() throws(RuleFileError) -> Consequence? {
        guard take("on") else { return nil }
        try expect("unknown")
        return try consequence()
    }

    private mutating func consequence() throws(RuleFileError) -> Consequence {
        let actions = ["approve", "require", "refer", "decline", "retain"]
        var consequence = Consequence()
        switch try choice(actions, "an action: " + Self.alternatives(actions)) {
        case "approve": consequence.action = .approve
        case "require":
            consequence.action = .stepUp
            repeat {
                switch try choice(["id_document", "password"]) {
                case "password": consequence.proofs.insert(.password)
                default: consequence.proofs.insert(.idDocument)
                }
            } while take("or")
        case "refer":
            consequence.action = .refer
            if take("hold") { consequence.hold = try span("a duration such as 15m") }
        case "decline": consequence.action = .decline
        default: consequence.action = .retain
        }
        if take("as") {
            guard case .word(let intent) = current.kind else { throw failure("the intent's name") }
            consequence.intent = intent
            advance()
        }
        while take(.comma) { try addition(to: &consequence) }
        return consequence
    }

    private mutating func addition(to consequence: inout Consequence) throws(RuleFileError) {
        switch try choice(["case", "notify", "ask", "freeze"]) {
        case "case":
            switch try choice(["low", "medium", "high"]) {
            case "low": consequence.openCase = .low
            case "medium": consequence.openCase = .medium
            default: consequence.openCase = .high
            }
        case "notify":
            try expect("issuer")
            consequence.notifyIssuer = true
        case "ask":
            try expect("cardholder")
            consequence.askCardholder = true
        default:
            try expect("card")
            consequence.freeze = try span("a duration such as 24h")
        }
    }

    /// A duration of a hold or a freeze, bounded.
    private mutating func span(_ expected: String) throws(RuleFileError) -> Interval {
        let position = current.position
        let interval = try duration(expected)
        guard interval <= RuleSet.limits.freeze else {
            throw RuleFileError(.range, at: position, expected: "at most 366d", found: "more")
        }
        return interval
    }

    private mutating func text(among earlier: [TextDeclaration]) throws(RuleFileError) -> TextDeclaration {
        advance()
        var audience = Explanation.Audience.analyst
        if take("cardholder") {
            audience = .cardholder
        } else if take("merchant") {
            audience = .merchant
        } else {
            _ = take("analyst")  // The word may be left out.
        }
        let languagePosition = current.position
        let language: Explanation.Language =
            try choice(["en", "zh"], "a language: `en` or `zh`") == "en" ? .en : .zh
        guard !earlier.contains(where: { $0.audience == audience && $0.language == language }) else {
            throw RuleFileError(
                .nameTaken, at: languagePosition, expected: "one text for each audience and language",
                found: "a second")
        }
        let position = current.position
        guard case .text(let text) = current.kind else { throw failure("a text in double quotes") }
        guard text.utf8.count <= RuleSet.limits.textBytes else {
            throw failure("a text of at most \(RuleSet.limits.textBytes) bytes", code: .limit)
        }
        advance()
        return TextDeclaration(audience: audience, language: language, text: text, position: position)
    }
}
