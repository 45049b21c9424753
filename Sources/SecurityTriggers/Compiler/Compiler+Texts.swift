// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Compiler {
    /// Cuts a text at its `{names}`; `{{` stands for a brace. Adds a figure for each name that no comparison shows.
    mutating func compile(_ text: TextDeclaration) throws(RuleFileError) -> RuleText {
        var parts: [RuleText.Part] = []
        var words = ""
        // Characters would join what must stay apart, so this walks scalars.
        let scalars = Array(text.text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            guard scalars[index] == "{" else {
                words.unicodeScalars.append(scalars[index])
                index += 1
                continue
            }
            if index + 1 < scalars.count, scalars[index + 1] == "{" {
                words.unicodeScalars.append("{")
                index += 2
                continue
            }
            let position = SourcePosition(line: text.position.line, column: text.position.column + 1 + index)
            guard let close = scalars[index...].firstIndex(of: "}") else {
                throw RuleFileError(
                    .syntax, at: position, expected: "`}` after a figure's name", found: "none",
                    hint: "write {{ for a brace")
            }
            var name = ""
            name.unicodeScalars.append(contentsOf: scalars[(index + 1)..<close])
            if !words.isEmpty { parts.append(.words(words)) }
            words = ""
            parts.append(.figure(try figure(name, for: text.audience, position)))
            index = close + 1
        }
        if !words.isEmpty { parts.append(.words(words)) }
        return RuleText(audience: text.audience, language: text.language, parts: parts)
    }

    private mutating func figure(
        _ name: String, for audience: Explanation.Audience, _ position: SourcePosition
    ) throws(RuleFileError) -> Int {
        guard audience != .merchant else {
            throw RuleFileError(
                .policy, at: position, expected: "no figure in a text for the merchant", found: "`{\(name)}`",
                hint: "a merchant is told what to do, nothing that a thief could use")
        }
        let expression = Expression(kind: .name(name), position: position)
        guard let type = naturalType(expression) else { throw unknownName(name, position) }
        let shown = rendered(expression)
        if let index = figures.firstIndex(where: { $0.name == shown && $0.type == type }) {
            figures[index].isNamed = true
            return index
        }
        guard type != .truth, type != .goods else {
            throw RuleFileError(
                .type, at: position, expected: "a fact or velocity with one value", found: "`{\(name)}`",
                hint: "the condition has to ask for \(name) before a text can show it")
        }
        code.append(Instruction(operation: .load, left: try operand(expression, type)))
        figures.append(
            FigureSource(
                name: shown, type: type, sign: nil, list: nil, window: window(of: name),
                code: code.count - 1..<code.count, isNegated: false, isNamed: true))
        return figures.count - 1
    }
}
