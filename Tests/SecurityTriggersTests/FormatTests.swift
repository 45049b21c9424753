// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("The formatter of rule files")
struct FormatTests {
    @Test("the shipped rule file is in its form already")
    func shipped() throws {
        let text = try ShippedRules.text()
        #expect(try RuleSet.formatted(text) == text)
    }

    @Test("a file that is written anyhow gets its form; comments stay, and everything means the same")
    func canonical() throws {
        let text = """
            tillguard-rules 1
            # A set.
            ruleset mine version 3


            list a=mcc 5944 , 5093 - 5095 // two
            list longer_name =goods TOBACCO,"1A"
            velocity v=count(attempts where(pin==wrong)) by card over 15m before where amount>=1.00 EUR
            # Over the rule.
            rule one{when v>=3 and(mcc in list a or ! has( mcc ))and mcc in [5000-5999 , 1]
              # Within.
            then decline , case high   # Why.
            say en "Say \\"{v}\\"."
            }
            rule two shadow { when amount == amount - 1.00 EUR and hour >= - 1 then approve }
            """
        let formatted = """
            tillguard-rules 1

            # A set.
            ruleset mine version 3

            list a           = mcc 5944, 5093-5095  // two
            list longer_name = goods TOBACCO, "1A"
            velocity v = count(attempts where (pin == wrong)) by card over 15m before where amount >= 1.00 EUR
            # Over the rule.
            rule one {
                when v >= 3 and (mcc in list a or !has(mcc)) and mcc in [5000-5999, 1]
                # Within.
                then decline, case high  # Why.
                say en "Say \\"{v}\\"."
            }

            rule two shadow {
                when amount == amount - 1.00 EUR and hour >= -1
                then approve
            }

            """
        #expect(try RuleSet.formatted(text) == formatted)
        #expect(try RuleSet.formatted(formatted) == formatted)
        #expect(try kinds(text) == kinds(formatted))
    }

    @Test("a comment behind the last declaration stays behind it", arguments: ["", "\n", "\n\n"])
    func lastComment(end: String) throws {
        let text = "tillguard-rules 1\n\nrule r {\n    when overflow\n    then decline\n}\n\n# The end."
        let formatted = try RuleSet.formatted(text + end)
        #expect(formatted == text + "\n")
        #expect(try RuleSet.formatted(formatted) == formatted)
    }

    @Test("a long condition is cut before its connectives, and stays so")
    func wraps() throws {
        let terms = (0..<9).map { "amount >= \($0 + 1)00.00 EUR" }.joined(separator: " and ")
        let text = "tillguard-rules 1\nrule long { when (mcc == 1 or mcc == 2) and \(terms) then refer }"
        let formatted = try RuleSet.formatted(text)
        let lines = formatted.split(separator: "\n")
        #expect(lines.allSatisfy { $0.utf8.count <= RuleFormatter.widthMax })
        #expect(lines[2] == "    when (mcc == 1 or mcc == 2)" && lines[3] == "        and amount >= 100.00 EUR")
        #expect(try RuleSet.formatted(formatted) == formatted)
        #expect(try kinds(text) == kinds(formatted))
    }

    @Test("whatever stands between the tokens, the form is one and the same", arguments: 0..<20)
    func anySpacing(seed: UInt64) throws {
        let text = try ShippedRules.text()
        let form = try RuleSet.formatted(text.replacingComments())
        var random = SeededRandom(seed: seed)
        var shaken = "tillguard-rules 1\n"
        for token in try Lexer.tokens(of: text) where token.kind != .end {
            let piece = RuleSpacing.text([token])
            // A line break within a clause, or three spaces, mean as little as one.
            shaken += piece + [" ", "   ", "\n  ", "\t"][random.below(4)]
        }
        let once = try RuleSet.formatted(shaken)
        #expect(try kinds(once) == kinds(text))
        #expect(try RuleSet.formatted(once) == once)
        // Blank lines between declarations are the writer's; nothing else is.
        #expect(once.split(separator: "\n").count == form.split(separator: "\n").count, "seed \(seed)")
    }

    @Test("a file with a mistake is not touched")
    func mistake() {
        #expect(throws: RuleFileError.self) { try RuleSet.formatted("tillguard-rules 1\nrule x { when }") }
    }

    private func kinds(_ text: String) throws -> [Token.Kind] { try Lexer.tokens(of: text).map(\.kind) }
}

extension String {
    /// Without the lines that are comments.
    fileprivate func replacingComments() -> String {
        split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("#") }
            .joined(separator: "\n")
    }
}
