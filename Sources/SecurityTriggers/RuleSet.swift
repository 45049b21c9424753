// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A rule file, checked and compiled.
///
/// The text is the rule set: keep `source` in the journal, and the same text gives the same decisions again. Rules
/// are held by id, so their order in the file means nothing.
public struct RuleSet: Sendable {
    /// The text that was parsed.
    public let source: String
    /// The name after `ruleset`, or `rules`.
    public let name: String
    /// The number after `version`, or 0.
    public let version: UInt32
    var program: RuleProgram

    /// Reads a rule file, its first line being `tillguard-rules 1`.
    ///
    /// - Throws: the first mistake, with line, column, what was expected and often a hint.
    public init(parsing text: String) throws(RuleFileError) {
        var parser = try Parser(parsing: text)
        let file = try parser.file()
        program = try Compiler.program(of: file)
        source = text
        (name, version) = (file.name, file.version)
    }

    /// Puts in force the lists that the rules name and do not hold. A condition over one that is not there is unknown.
    public mutating func bind(_ store: ListStore) {
        var outside = program.outside
        outside.lists = store.bind(program.externals.map { ($0.name, $0.kind) })
        program = RuleProgram(program, outside: outside)
    }

    /// The lists kept outside the rules that they name.
    public var listNames: [(name: String, kind: ListKind)] { program.externals.map { ($0.name, $0.kind) } }

    /// How far a rule is in its life, and its version; nil for an index that is no rule's.
    public func life(of rule: Int) -> (state: RuleState, version: UInt32)? {
        detail(of: rule).map { ($0.state, $0.version) }
    }

    /// All mistakes of a rule file, in their order; none for a file that is sound. Behind a mistake reading goes on with the
    /// next declaration that begins a line, so a declaration shows its first mistake.
    public static func errors(in text: String) -> [RuleFileError] {
        var errors: [RuleFileError] = []
        var lost: [String] = []
        if text.utf8.count > limits.fileBytes {
            do { _ = try RuleSet(parsing: text) } catch { return [error] }
        }
        var parser = Parser(Lexer.tokens(of: text, errors: &errors))
        let file = parser.file(errors: &errors, lost: &lost)
        // What names a declaration that could not be read is no mistake of its own.
        errors += Compiler.errors(of: file).filter { error in
            !(error.code == .unknownName && lost.contains { error.found == "`\($0)`" || error.found == "`{\($0)}`" })
        }
        errors.sort { ($0.line, $0.column) < ($1.line, $1.column) }
        return Array(errors.prefix(errorsMax))
    }

    /// Mistakes that `errors(in:)` names at most.
    public static let errorsMax = 50

    /// The ids of all rules, in the order of their indices.
    public var ruleIDs: [String] { program.details.map(\.id) }

    /// The index of a rule, as `RuleResult.rule` has it.
    public func index(of id: String) -> Int? { program.details.firstIndex { $0.id == id } }

    /// Whether a rule is only watched.
    public func isShadow(_ rule: Int) -> Bool { program.heads.indices.contains(rule) && program.heads[rule].isShadow }

    /// The intent that a rule names with `as`, as written; nil when it names none.
    public func intent(of rule: Int) -> String? {
        program.details.indices.contains(rule) ? program.details[rule].consequence.intent : nil
    }

    /// The action of a rule when it hits; nil for an index that is no rule's.
    public func action(of rule: Int) -> TriggerAction? {
        program.details.indices.contains(rule) ? program.details[rule].consequence.action : nil
    }

    /// The proofs a rule accepts, any one of them; nil for a rule that asks for none.
    public func proofs(of rule: Int) -> ProofSet? {
        guard action(of: rule) == .stepUp else { return nil }
        return program.details[rule].consequence.proofs
    }

    /// The proofs that satisfy every live rule of an evaluation that asks for one; nil when none asks. Empty when no
    /// single proof satisfies them all. The evaluation must be of these rules.
    public func proofs(for evaluation: Evaluation) -> ProofSet? { program.proofs(for: evaluation) }

    /// What a rule file may hold at most; more is refused when it is read.
    public struct Limits: Sendable {
        public let fileBytes = 1 << 20
        public let rules = 512
        public let velocities = 32
        public let lists = 256
        public let rates = 32
        public let features = 64
        public let scores = 4
        public let listElements = 100_000
        /// Nested parentheses and negations.
        public let depth = 16
        /// Operators, names and literals in one rule or velocity.
        public let nodes = 256
        public let nameBytes = 64
        public let textBytes = 1_000
        /// The longest window that is exact.
        public let window = Interval.hours(48)
        /// The longest window by card, and by terminal or merchant, each with its delay.
        public let cardWindow = Interval.days(31)
        public let placeWindow = Interval.days(40)
        /// The longest hold or freeze.
        public let freeze = Interval.days(366)
    }

    /// The limits of this version.
    public static let limits = Limits()
}
