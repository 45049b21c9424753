// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// Rules in force that this version of the host cannot read.
///
/// The text is kept as the journal has it. Nothing is authorised by other rules in its place: transactions are refused, and a
/// server does not start.
public struct UnreadableRules: Equatable, Sendable {
    public var version: UInt32
    public var text: String
    /// The first mistake, as this version sees it.
    public var error: RuleFileError
}

extension Host {
    /// Of the rules in force; rises with every set that is proposed or loaded. Records of decisions name it.
    public var rulesVersion: UInt32 { ruleBook.live }

    /// The text of the rules in force, whether it can be read or not.
    public var rulesText: String { unreadableRules?.text ?? rules.source }

    // MARK: - Apply

    mutating func load(_ text: String, by staff: StaffID, at: Instant) {
        ruleBook.load(text, by: staff, at: at)
        enforce(text)
        bindModels()
    }

    mutating func apply(_ change: RuleChange, at: Instant) {
        let texts = ruleBook.apply(change, at: at)
        if let text = texts.live { enforce(text) }
        watch(texts.shadow)
        bindModels()
    }

    /// Puts a text in force. The windows stay as they are: they hold events, not figures.
    private mutating func enforce(_ text: String) {
        do throws(RuleFileError) {
            var rules = try RuleSet(parsing: text)
            rules.bind(lists.store(of: rules.listNames))
            (self.rules, unreadableRules) = (rules, nil)
            triggers.replaceRules(rules, watching: watchedRules)
        } catch {
            unreadableRules = UnreadableRules(version: ruleBook.live, text: text, error: error)
        }
    }

    /// Watches another text, or none where the book says so. One that cannot be read is not watched, and never approved.
    private mutating func watch(_ text: String?) {
        if let text {
            watchedRules = try? RuleSet(parsing: text)
            if let names = watchedRules?.listNames { watchedRules?.bind(lists.store(of: names)) }
        }
        if ruleBook.shadow == nil { watchedRules = nil }
    }

    /// The rules as a snapshot has them.
    mutating func restoreRules(_ book: RuleBook, text: String) {
        ruleBook = book
        // First what is watched, so that nothing is given back that it asks for.
        watch(book.shadow.flatMap { book[$0]?.text })
        enforce(text)
        bindModels()
    }

    // MARK: - Judging

    /// What the triggers say to a transaction by the rules in force, and, where others are watched, by those.
    func judge(_ facts: TransactionFacts) -> (verdict: Evaluation, shadow: ShadowVerdict?) {
        let verdict: Evaluation
        if modelWatch.isIdle {
            verdict = triggers.evaluate(facts)
        } else {
            verdict = triggers.evaluate(facts) { modelWatch.observe($0, $1, $2) }
        }
        // What drove a score is taken down while its model is at hand.
        let told = rules.attributed(verdict)
        guard let watchedRules, let version = ruleBook.shadow else { return (told, nil) }
        let shadow = watchedRules.attributed(triggers.evaluate(facts, by: watchedRules))
        return (told, shadow.results.isEmpty ? nil : ShadowVerdict(version: version, evaluation: shadow))
    }
}

/// What a rule set that is only watched would have said; where it had nothing to say there is none.
public struct ShadowVerdict: Equatable, Sendable {
    public var version: UInt32
    public var evaluation: Evaluation

    func encode(to writer: inout ByteWriter) {
        writer.unsigned(version)
        evaluation.encode(to: &writer)
    }

    init(version: UInt32, evaluation: Evaluation) { (self.version, self.evaluation) = (version, evaluation) }

    init(from reader: inout ByteReader) throws(CodecError) {
        version = try reader.unsigned()
        let start = reader.offset
        evaluation = try Evaluation(from: &reader)
        guard !evaluation.results.isEmpty else { throw .invalid(offset: start, what: "shadow verdict") }
    }
}
