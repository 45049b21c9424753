// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Reads the tokens of a rule file into its declarations, by recursive descent of bounded depth.
struct Parser {
    private let tokens: [Token]
    private var index = 0
    var depth = 0
    var nodes = 0

    init(parsing text: String) throws(RuleFileError) { tokens = try Lexer.tokens(of: text) }

    /// - Parameter tokens: the last is `.end`.
    init(_ tokens: [Token]) { self.tokens = tokens }

    // MARK: - Tokens

    /// Safe: the last token is `.end`, and `advance` never passes it.
    var current: Token { tokens[index] }

    /// What stands behind the current token.
    var next: Token.Kind { index + 1 < tokens.count ? tokens[index + 1].kind : .end }

    mutating func advance() {
        if index + 1 < tokens.count { index += 1 }
    }

    func failure(
        _ expected: String, hint: String? = nil, code: RuleFileError.Code = .syntax
    ) -> RuleFileError {
        RuleFileError(code, at: current.position, expected: expected, found: current.name, hint: hint)
    }

    func isWord(_ word: String) -> Bool { current.kind == .word(word) }
    func isSign(_ sign: Sign) -> Bool { current.kind == .sign(sign) }

    mutating func take(_ word: String) -> Bool {
        guard isWord(word) else { return false }
        advance()
        return true
    }

    mutating func take(_ sign: Sign) -> Bool {
        guard isSign(sign) else { return false }
        advance()
        return true
    }

    mutating func expect(_ sign: Sign, _ purpose: String = "") throws(RuleFileError) {
        guard take(sign) else { throw failure("`\(sign.rawValue)`" + purpose) }
    }

    mutating func expect(_ word: String) throws(RuleFileError) {
        guard take(word) else { throw failure("`\(word)`", hint: spelling([word])) }
    }

    /// A hint when the current word is nearly one of these.
    func spelling(_ words: [String]) -> String? {
        guard case .word(let word) = current.kind else { return nil }
        return Spelling.hint(for: word, among: words)
    }

    /// One of the words, and which.
    mutating func choice(_ words: [String], _ expected: String? = nil) throws(RuleFileError) -> String {
        guard case .word(let word) = current.kind, words.contains(word) else {
            throw failure(expected ?? Self.alternatives(words), hint: spelling(words))
        }
        advance()
        return word
    }

    static func alternatives(_ words: [String]) -> String {
        let quoted = words.map { "`\($0)`" }
        guard quoted.count > 1, let last = quoted.last else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }

    mutating func duration(_ expected: String) throws(RuleFileError) -> Interval {
        guard case .duration(let interval, _) = current.kind else { throw failure(expected) }
        guard interval > .zero else { throw failure("a duration longer than nothing", code: .range) }
        advance()
        return interval
    }

    /// A new name: lower-case letters, digits and underscores, not a word of the language.
    mutating func newName(_ what: String) throws(RuleFileError) -> String {
        guard case .word(let word) = current.kind else { throw failure("a name for the \(what)") }
        guard word.utf8.count <= RuleSet.limits.nameBytes else {
            throw failure("a name of at most \(RuleSet.limits.nameBytes) characters", code: .limit)
        }
        guard word.utf8.allSatisfy({ $0 == 0x5F || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }) else {
            throw failure("a name of lower-case letters, digits and underscores")
        }
        guard !Words.reservedV1.contains(word) else {
            throw failure("a name for the \(what)", hint: "\(word) is a word of the language", code: .nameTaken)
        }
        advance()
        return word
    }

    // MARK: - Declarations

    static let heads = ["ruleset", "list", "rate", "velocity", "feature", "score", "rule"]

    mutating func file() throws(RuleFileError) -> RuleFile {
        var file = RuleFile()
        while current.kind != .end { try declaration(into: &file) }
        return file
    }

    /// The places of the words that begin a declaration.
    mutating func starts() throws(RuleFileError) -> [SourcePosition] {
        var file = RuleFile()
        var starts: [SourcePosition] = []
        while current.kind != .end {
            starts.append(current.position)
            try declaration(into: &file)
        }
        return starts
    }

    /// As `file()`, but going on behind a mistake, with the next declaration that begins a line.
    ///
    /// - Parameter lost: gets the names that those declare which could not be read.
    mutating func file(errors: inout [RuleFileError], lost: inout [String]) -> RuleFile {
        var file = RuleFile()
        while current.kind != .end, errors.count < RuleSet.errorsMax {
            let start = index
            do throws(RuleFileError) { try declaration(into: &file) } catch {
                if current.kind != .broken { errors.append(error) }
                depth = 0
                if start + 1 < tokens.count, case .word(let name) = tokens[start + 1].kind { lost.append(name) }
                if index == start { advance() }
                while current.kind != .end, !beginsDeclaration { advance() }
            }
        }
        return file
    }

    private var beginsDeclaration: Bool {
        guard case .word(let word) = current.kind, Self.heads.contains(word), index > 0 else { return false }
        return tokens[index - 1].position.line < current.position.line
    }

    private mutating func declaration(into file: inout RuleFile) throws(RuleFileError) {
        let position = current.position
        switch try choice(Self.heads) {
        case "ruleset":
            file.name = try newName("rule set")
            try expect("version")
            file.version = try version()
            file.onUnknownPosition = current.position
            file.onUnknown = try onUnknown()
        case "list":
            try within(RuleSet.limits.lists, file.lists.count, "lists", position)
            file.lists.append(try list(at: position))
        case "velocity":
            try within(RuleSet.limits.velocities, file.velocities.count, "velocities", position)
            file.velocities.append(try velocity(at: position))
        case "rate":
            try within(RuleSet.limits.rates, file.rates.count, "rates", position)
            file.rates.append(try rate(at: position))
        case "feature":
            try within(RuleSet.limits.features, file.features.count, "features", position)
            file.features.append(try feature(at: position))
        case "score":
            try within(RuleSet.limits.scores, file.scores.count, "scores", position)
            file.scores.append(try score(at: position))
        default:
            try within(RuleSet.limits.rules, file.rules.count, "rules", position)
            file.rules.append(try rule(at: position))
        }
    }

    func within(
        _ limit: Int, _ count: Int, _ what: String, _ position: SourcePosition
    ) throws(RuleFileError) {
        guard count < limit else {
            throw RuleFileError(.limit, at: position, expected: "at most \(limit) \(what)", found: "one more")
        }
    }
}
