// SPDX-License-Identifier: Apache-2.0

extension RuleSet {
    /// A rule file in the one form that everybody writes it in: a clause a line, four spaces, declarations of one block with
    /// their `=` under each other, one blank line where there were any, comments where they stood. What the file means
    /// stays: every word, number and sign is there in its order.
    ///
    /// - Throws: the first mistake of a file that is none.
    public static func formatted(_ text: String) throws(RuleFileError) -> String {
        _ = try RuleSet(parsing: text)
        var comments: [Comment] = []
        let tokens = try Lexer.tokens(of: text, comments: &comments)
        var parser = Parser(tokens)
        return RuleFormatter(tokens, comments, starts: try parser.starts()).text
    }
}

/// Cuts tokens into lines and sets the lines.
struct RuleFormatter {
    /// A line that is to be written.
    struct Line {
        enum Kind: Equatable {
            case comment
            /// `list`, `velocity`, `ruleset` and the others but `rule`.
            case declaration(String)
            case ruleHead, clause, ruleEnd
        }
        var kind: Kind
        var tokens: [Token] = []
        /// Of a comment line the comment, of any other what stands behind it.
        var comment: String?
        var isIndented: Bool
        /// There was a blank line before it.
        var isApart: Bool
    }

    static let widthMax = 120
    private static let indent = "    "
    private var lines: [Line] = []

    /// - Parameter starts: the places of the words that begin a declaration, ascending.
    init(_ tokens: [Token], _ comments: [Comment], starts: [SourcePosition]) {
        lines = LineCutter(tokens, comments, starts).lines
    }

    var text: String {
        var output = ["tillguard-rules 1"]
        var index = 0
        while index < lines.count {
            let end = block(from: index)
            let width = end - index > 1 ? (lines[index..<end].map { Self.nameWidth($0) }.max() ?? 0) : 0
            for position in index..<end { set(lines[position], after: position, nameWidth: width, &output) }
            index = end
        }
        return output.joined(separator: "\n") + "\n"
    }

    /// Declarations of one kind that nothing keeps apart.
    private func block(from start: Int) -> Int {
        guard case .declaration(let word) = lines[start].kind, word != "ruleset" else { return start + 1 }
        var end = start + 1
        while end < lines.count, lines[end].kind == lines[start].kind, !lines[end].isApart { end += 1 }
        return end
    }

    private static func nameWidth(_ line: Line) -> Int {
        guard line.tokens.count > 1, case .word(let name) = line.tokens[1].kind else { return 0 }
        return name.utf8.count
    }

    private func set(_ line: Line, after position: Int, nameWidth: Int, _ output: inout [String]) {
        let previous = position > 0 ? lines[position - 1].kind : nil
        let isFirst = previous == nil
        // What explains a rule stands right over it.
        let isRule = line.kind == .ruleHead && previous != .comment
        if isFirst || previous == .ruleEnd || isRule || (line.isApart && line.kind != .ruleEnd) { output.append("") }
        let indent = line.isIndented ? Self.indent : ""
        guard line.kind != .comment else { return output.append(indent + (line.comment ?? "")) }
        let text = RuleSpacing.text(line.tokens, nameWidth: nameWidth)
        var pieces = [indent + text]
        if line.kind == .clause, pieces[0].utf8.count > Self.widthMax, line.tokens.first?.kind == .word("when") {
            pieces = RuleSpacing.wrapped(line.tokens).enumerated().map { index, part in
                (index == 0 ? indent : indent + Self.indent) + part
            }
        }
        if let comment = line.comment { pieces[pieces.count - 1] += "  " + comment }
        output += pieces
    }
}

/// Puts each token on a line, and each comment before or behind one.
private struct LineCutter {
    private(set) var lines: [RuleFormatter.Line] = []
    private let comments: [Comment]
    private let starts: [SourcePosition]
    private var nextComment = 0
    private var isInRule = false
    /// Where the token or comment before ends, at least.
    private var lastLine = 1

    init(_ tokens: [Token], _ comments: [Comment], _ starts: [SourcePosition]) {
        (self.comments, self.starts) = (comments, starts)
        for index in tokens.indices { place(tokens[index], after: index > 0 ? tokens[index - 1] : nil) }
    }

    private mutating func place(_ token: Token, after previous: Token?) {
        let kind = kind(of: token, after: previous)
        // A comment within a clause goes over the clause, or behind it.
        let isWithin = kind == nil && token.kind != .end
        var isApart = takeComments(before: token.position, within: isWithin)
        isApart = isApart || token.position.line > lastLine + 1
        if let kind {
            lines.append(
                RuleFormatter.Line(
                    kind: kind, tokens: [token], isIndented: isInRule && kind == .clause, isApart: isApart))
        } else if token.kind != .end, !lines.isEmpty {
            lines[lines.count - 1].tokens.append(token)
        }
        if token.kind == .sign(.openBrace) { isInRule = true }
        if token.kind == .sign(.closeBrace) { isInRule = false }
        lastLine = token.position.line
    }

    /// The kind of the line that a token begins; nil for one that goes on.
    private func kind(of token: Token, after previous: Token?) -> RuleFormatter.Line.Kind? {
        if token.kind == .sign(.closeBrace) { return .ruleEnd }
        guard case .word(let word) = token.kind else { return nil }
        guard isInRule else {
            guard starts.contains(token.position) else { return nil }
            return word == "rule" ? .ruleHead : .declaration(word)
        }
        return ["when", "unless", "then", "say"].contains(word) ? .clause : nil
    }

    /// - Returns: whether a blank line stood before the last of them.
    private mutating func takeComments(before place: SourcePosition, within isWithin: Bool) -> Bool {
        var isApart = false
        while nextComment < comments.count {
            let comment = comments[nextComment]
            guard (comment.position.line, comment.position.column) < (place.line, place.column) else { break }
            nextComment += 1
            isApart = false
            if comment.position.line == lastLine, let last = lines.last, last.comment == nil, last.kind != .comment {
                lines[lines.count - 1].comment = comment.text
                continue
            }
            let line = RuleFormatter.Line(
                kind: .comment, comment: comment.text, isIndented: isInRule,
                isApart: comment.position.line > lastLine + 1)
            lines.insert(line, at: isWithin && !lines.isEmpty ? lines.count - 1 : lines.count)
            lastLine = comment.position.line
        }
        return isApart
    }
}
