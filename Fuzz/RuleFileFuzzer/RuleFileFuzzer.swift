// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import SecurityTriggers

/// Rule files, any text and streams of the language's own words: every mistake is told or none is there, what has none is
/// read, and the formatter neither changes what a file means nor its own output.
@main
enum RuleFileFuzzer {
    private static let words = [
        "tillguard-rules 1\n", "ruleset a version 1\n", "list l = mcc 5411, [5900-5999]\n", "list g = goods TOBACCO\n",
        "velocity v = count(attempts) by card over 10m\n", "velocity s = sum(amount) by card over 24h before\n",
        "velocity d = distinct(terminal) by card over 1h where amount >= 5.00 EUR\n", "rule r { when ",
        "rule q shadow {when ",
        "v >= 3 ", "s > 2 * s ", "d + 1 == 2 ", "mcc in list l ", "goods in list g ", "amount >= 100.00 EUR ",
        "pin == wrong ",
        "card.status == stolen ", "overflow ", "hour < 6 ", "has(mcc) ", "not ", "!", "and ", "&& ", "or ", "|| ", "(",
        ")",
        "unless notice covers tx ", "then decline ", "then refer hold 15m as callIssuer, case high ",
        "require password ",
        "say en \"{v} of {amount}\"\n", "say zh \"金额\"\n", "}\n", "# words\n", "// words\n", "\"", "{", "=", ",", "-",
        "15m ",
        "9223372036854775807 ", "99999999999999999999 ", "1.", ".5 ", "in ", "[", "]", "\t", "\r\n", "\u{0}", "é",
        "where ",
    ]

    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            if input.byte() & 1 == 0 {
                RuleFileFuzzer.check(String(decoding: input.rest(), as: UTF8.self))
            } else {
                var text = "tillguard-rules 1\n"
                while !input.isEmpty { text += input.element(RuleFileFuzzer.words) }
                RuleFileFuzzer.check(text)
            }
            return 0
        }
    }

    private static func check(_ text: String) {
        let errors = RuleSet.errors(in: text)
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.count
        for error in errors {
            hold(error.line >= 1 && error.line <= lines + 1 && error.column >= 1, "a mistake outside the text")
            hold(!error.description.isEmpty, "a mistake without a word")
        }
        do throws(RuleFileError) {
            let rules = try RuleSet(parsing: text)
            hold(errors.isEmpty, "a mistake is told of a file that is read")
            compare(rules, text)
        } catch {
            hold(!errors.isEmpty, "a file is refused and no mistake told")
            // What is not sound is not formatted, or at least not into something sound.
            if let formatted = try? RuleSet.formatted(text) {
                hold((try? RuleSet(parsing: formatted)) == nil, "formatting mended a mistake")
            }
        }
    }

    private static func compare(_ rules: RuleSet, _ text: String) {
        guard let formatted = try? RuleSet.formatted(text) else { stop("a sound file is not formatted") }
        guard let again = try? RuleSet(parsing: formatted) else { stop("what is formatted is refused") }
        hold((try? RuleSet.formatted(formatted)) == formatted, "formatting twice is another text")
        hold(rules.ruleIDs == again.ruleIDs && rules.name == again.name, "other rules after formatting")
        for rule in rules.ruleIDs.indices {
            let same =
                rules.action(of: rule) == again.action(of: rule) && rules.isShadow(rule) == again.isShadow(rule)
                && rules.proofs(of: rule) == again.proofs(of: rule) && rules.intent(of: rule) == again.intent(of: rule)
            hold(same, "another consequence after formatting")
        }
    }
}
