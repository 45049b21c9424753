// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct RuleErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var code: RuleFileError.Code
        var line: Int
        var column: Int
        var expected = ""
        var hint: String?
        var testDescription: String { text }
    }

    static func error(in text: String) -> RuleFileError? {
        do throws(RuleFileError) {
            _ = try RuleSet(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    static let files: [Case] = [
        Case(text: "", code: .header, line: 1, column: 1, expected: "`tillguard-rules 1` as the first line"),
        Case(text: "rule a {", code: .header, line: 1, column: 1, expected: "`tillguard-rules 1` as the first line"),
        Case(text: "tillguard-rules 2\n", code: .header, line: 1, column: 17, expected: "format 1"),
        Case(text: "tillguard-rules 1\nrul a {}", code: .syntax, line: 2, column: 1, hint: "did you mean rule?"),
        Case(text: "tillguard-rules 1\n# 注释\n  银", code: .lexical, line: 3, column: 3),
    ]

    static let bodies: [Case] = [
        // Rates, outer lists, features and scores
        Case(text: "rate USD = 0.92 USD", code: .type, line: 2, column: 12, expected: "another currency"),
        Case(text: "rate USD = 0 EUR", code: .range, line: 2, column: 12, expected: "a rate above 0"),
        Case(text: "rate USD = 0.123456789 EUR", code: .range, line: 2, column: 12),
        Case(text: "rate XXX = 1 EUR", code: .unknownName, line: 2, column: 6),
        Case(
            text: "rate USD = 1 EUR\nrate GBP = 1 USD", code: .policy, line: 3, column: 1,
            hint: "all rates of a file are into one currency"),
        Case(text: "rate USD = 1 EUR\nrate USD = 2 EUR", code: .nameTaken, line: 3, column: 1),
        Case(text: "list a = card 1", code: .syntax, line: 2, column: 15, hint: "no card stands in a rule file"),
        Case(text: "list a = card from \"\"", code: .limit, line: 2, column: 20),
        Case(
            text: "list a = mcc from \"a\"\nvelocity v = count(attempts where mcc in list a) by card over 1h",
            code: .type,
            line: 3, column: 35, hint: "lists kept outside the rules are asked in a rule's when"),
        Case(text: "feature f = amount", code: .type, line: 2, column: 13),
        Case(
            text: "feature f = hour\nfeature g = f + 1.0", code: .type, line: 2, column: 1,
            hint: "a feature is not made of other features"),
        Case(text: "feature f = hour else x", code: .syntax, line: 2, column: 23, expected: "a number"),
        Case(
            text: "feature f = hour\nvelocity f = count(attempts) by card over 1h", code: .nameTaken, line: 3, column: 1
        ),
        Case(text: "feature f = hour\nscore s = model \"m\" (f, g)", code: .unknownName, line: 3, column: 25),
        Case(text: "feature f = hour\nscore s = model \"m\" (f, f)", code: .nameTaken, line: 3, column: 25),
        Case(text: "feature f = s\nscore s = model \"m\" (f)", code: .type, line: 2, column: 13),
        Case(text: "score s = \"m\" (f)", code: .syntax, line: 2, column: 11, expected: "`model`"),
        Case(text: "rule r laif { when hour > 1 then decline }", code: .syntax, line: 2, column: 8),
        Case(
            text: "rule r lve { when hour > 1 then decline }", code: .syntax, line: 2, column: 8,
            hint: "did you mean live?"),
        Case(
            text: "rule r version x { when hour > 1 then decline }", code: .syntax, line: 2, column: 16,
            expected: "a version number"),
        // Words and signs
        Case(text: "list a = mcc 1 & 2", code: .lexical, line: 2, column: 16, hint: "write && or and"),
        Case(text: "list a = mcc 12x", code: .lexical, line: 2, column: 14),
        Case(
            text: "list a = goods \"X", code: .lexical, line: 2, column: 16,
            expected: "a closing quote on the same line"),
        Case(text: "list a = goods \"\\x\"", code: .lexical, line: 2, column: 17),
        Case(text: "list a mcc 1", code: .syntax, line: 2, column: 8, expected: "`=`"),
        Case(text: "list a = mmc 1", code: .syntax, line: 2, column: 10, hint: "did you mean mcc?"),
        Case(text: "list Big = mcc 1", code: .syntax, line: 2, column: 6),
        Case(
            text: "list amount = mcc 1", code: .nameTaken, line: 2, column: 6, hint: "amount is a word of the language"),
        Case(text: "list a = mcc 1\nlist a = mcc 2", code: .nameTaken, line: 3, column: 1, hint: "line 2 declares it"),
        Case(text: "list a = mcc 10000", code: .range, line: 2, column: 14),
        Case(text: "list a = mcc 20-10", code: .range, line: 2, column: 14),
        Case(text: "list a = mcc TOBACCO", code: .type, line: 2, column: 14),
        Case(text: "list a = goods 5993", code: .type, line: 2, column: 16),
        Case(text: "list a = goods CIGARETTES", code: .range, line: 2, column: 16),
        // Velocities
        Case(
            text: "velocity v = cuont(attempts) by card over 1h", code: .syntax, line: 2, column: 14,
            hint: "did you mean count?"),
        Case(
            text: "velocity v = sum(attempts) by card over 1h", code: .syntax, line: 2, column: 18, expected: "`amount`"
        ),
        Case(
            text: "velocity v = count(attempts) by shop over 1h", code: .syntax, line: 2, column: 33,
            expected: "`card`, `terminal` or `merchant`"),
        Case(
            text: "velocity v = count(attempts) by card over 60", code: .syntax, line: 2, column: 43,
            expected: "a duration such as 15m or 24h"),
        Case(
            text: "velocity v = count(attempts) by card over 32d", code: .range, line: 2, column: 43,
            expected: "a window of at most 31d, its delay included"),
        Case(
            text: "velocity v = count(attempts) by terminal over 30d delayed 11d", code: .range, line: 2, column: 47,
            expected: "a window of at most 40d, its delay included"),
        Case(
            text: "velocity v = distinct(card) by card over 1h", code: .type, line: 2, column: 23,
            hint: "different cards are counted by terminal or by merchant"),
        Case(
            text: "velocity v = count(attempts where pin == wrong) by terminal over 1h", code: .type, line: 2,
            column: 39, hint: "a terminal is kept as sums, not as events"),
        Case(
            text: "velocity v = sum(amount) by card over 7d", code: .type, line: 2, column: 18,
            expected: "`amount where approved`", hint: "beyond 48h a card is kept as sums of days"),
        Case(text: "velocity v = max(amount) by terminal over 1h", code: .type, line: 2, column: 18),
        Case(
            text: "velocity v = count(attempts) by merchant over 1h reset on kind == refund", code: .type, line: 2,
            column: 64),
        Case(text: "velocity v = share(attempts) by card over 1h", code: .syntax, line: 2, column: 20),
        Case(
            text: "velocity v = count(attempts where same(goods)) by card over 1h", code: .syntax, line: 2, column: 40,
            expected: "`terminal`, `merchant`, `mcc` or `place`"),
        Case(text: "velocity v = count(attempts) by card over 0m", code: .range, line: 2, column: 43),
        Case(
            text: "velocity v = count(attempts where goods in [A]) by card over 1h", code: .type, line: 2, column: 35,
            expected: "a fact that windows keep"),
        Case(
            text: "velocity v = count(attempts where amount > sum24) by card over 1h", code: .type, line: 2, column: 44,
            hint: "a window's test looks at one transaction at a time"),
        Case(
            text: "velocity v = count(attempts where amonut > 1.00 EUR) by card over 1h", code: .unknownName, line: 2,
            column: 35, hint: "did you mean amount?"),
        Case(
            text: "velocity v = count(attempts where aproved) by card over 1h", code: .unknownName, line: 2, column: 35,
            hint: "did you mean approved?"),
        Case(
            text: "velocity v = count(attempts where pin > wrong) by card over 1h", code: .type, line: 2, column: 39,
            expected: "`==` or `!=`"),
    ]

    static let rules: [Case] = [
        Case(text: "when same(terminal) then decline", code: .type, line: 2, column: 15),
        Case(
            text: "when amonut > 1.00 EUR then decline", code: .unknownName, line: 2, column: 15,
            hint: "did you mean amount?"),
        Case(text: "when amount > 200 then decline", code: .type, line: 2, column: 24, hint: "write 200.00 EUR"),
        Case(
            text: "when amount > 200.00 then decline", code: .type, line: 2, column: 24,
            hint: "write 200.00 EUR for an amount"),
        Case(text: "when amount > 200.001 EUR then decline", code: .range, line: 2, column: 24),
        Case(text: "when amount > 200.00 XYZ then decline", code: .unknownName, line: 2, column: 31),
        Case(text: "when hour > 2.00 EUR then decline", code: .type, line: 2, column: 22, expected: "a whole number"),
        Case(
            text: "when amount = 1.00 EUR then decline", code: .syntax, line: 2, column: 22,
            hint: "`=` declares, `==` compares"),
        Case(
            text: "when 1 < hour < 3 then decline", code: .syntax, line: 2, column: 24,
            hint: "compare two values at a time: a < b and b < c"),
        Case(text: "when amount then decline", code: .type, line: 2, column: 15, expected: "a condition"),
        Case(text: "when hour + 1 then decline", code: .type, line: 2, column: 20, expected: "a condition"),
        Case(
            text: "when pin == wrnog then decline", code: .unknownName, line: 2, column: 22, hint: "did you mean wrong?"
        ),
        Case(
            text: "when pin >= wrong then decline", code: .type, line: 2, column: 19, hint: "these values have no order"
        ),
        Case(text: "when card.status == right then decline", code: .unknownName, line: 2, column: 30),
        Case(text: "when goods == TOBACCO then decline", code: .type, line: 2, column: 21, expected: "`in`"),
        Case(text: "when overflow == 1 then decline", code: .type, line: 2, column: 27, expected: "a condition"),
        Case(text: "when hour == 1.0 then decline", code: .type, line: 2, column: 23, expected: "a whole number"),
        Case(text: "when 1.5 == 1 then decline", code: .type, line: 2, column: 22, hint: "write 1.0"),
        Case(text: "when hour % 2.0 == 1.0 then decline", code: .type, line: 2, column: 22),
        Case(
            text: "when 5.5 % 2.0 == 1.0 then decline", code: .type, line: 2, column: 19,
            hint: "a remainder is of whole numbers"),
        Case(text: "when hour == 9223372036854775808 then decline", code: .range, line: 2, column: 23),
        Case(
            text: "when 5u == 5 then decline", code: .lexical, line: 2, column: 15,
            hint: "unsigned numbers are no part of this language"),
        Case(
            text: "when b\"x\" == b\"x\" then decline", code: .lexical, line: 2, column: 15,
            hint: "bytes are no part of this language"),
        Case(
            text: "when \"\\ud800\" == \"\" then decline", code: .lexical, line: 2, column: 16,
            expected: "a Unicode scalar value"),
        Case(
            text: "when terminal.matches(\"T.*\") then decline", code: .unknownName, line: 2, column: 15,
            hint: "regular expressions are no part of this language: use startsWith, endsWith or contains"),
        Case(
            text: "when [1].exists(x, x == 1) then decline", code: .syntax, line: 2, column: 15,
            hint: "lists stand after `in`; maps and messages are no part of this language"),
        Case(
            text: "when dyn(1) == 1 then decline", code: .unknownName, line: 2, column: 15,
            hint: "this type of CEL is no part of this language"),
        Case(
            text: "when terminal.startWith(\"T\") then decline", code: .unknownName, line: 2, column: 15,
            hint: "did you mean startsWith?"),
        Case(text: "when \"a\" + \"b\" == \"ab\" then decline", code: .type, line: 2, column: 15),
        Case(
            text: "when true ? 1 == 1 then decline", code: .syntax, line: 2, column: 29,
            expected: "`:` between the two values of `? :`"),
        Case(text: "when duration(\"1d\") > 1h then decline", code: .range, line: 2, column: 24),
        Case(
            text: "when amount in [1.00 EUR, 5] then decline", code: .type, line: 2, column: 36, hint: "write 5.00 EUR"),
        Case(text: "when card == card then decline", code: .type, line: 2, column: 20, hint: "write card in list …"),
        Case(
            text: "when card in [1] then decline", code: .type, line: 2, column: 23,
            hint: "no card stands in a rule file"),
        Case(text: "when hour.size == 1 then decline", code: .unknownName, line: 2, column: 15),
        Case(text: "when hour > 1 then decline on unknown", code: .syntax, line: 2, column: 48),
        Case(text: "when mcc == 10000 then decline", code: .range, line: 2, column: 22),
        Case(text: "when mcc + 1 == 5 then decline", code: .type, line: 2, column: 19),
        Case(text: "when mcc in list lux then decline", code: .unknownName, line: 2, column: 27),
        Case(text: "when goods in [5993] then decline", code: .type, line: 2, column: 25),
        Case(text: "when amount in [5993] then decline", code: .type, line: 2, column: 26, hint: "write 5993.00 EUR"),
        Case(
            text: "when approved then decline", code: .type, line: 2, column: 15,
            hint: "approved is known of earlier transactions: use it in a velocity's where"),
        Case(
            text: "when wrong == pin and lost then decline", code: .unknownName, line: 2, column: 32,
            hint: "compare it with a fact, such as pin == wrong"),
        Case(
            text: "when has(overflow) then decline", code: .type, line: 2, column: 19, hint: "overflow is always known"),
        Case(
            text: "when (hour > 1 then decline", code: .syntax, line: 2, column: 25,
            expected: "`)` to close the parenthesis"),
        Case(text: "when hour > 15m then decline", code: .type, line: 2, column: 22),
        Case(
            text: "when hour > 1 adn hour < 5 then decline", code: .syntax, line: 2, column: 24,
            hint: "did you mean and?"),
        Case(text: "when hour > 1 thn decline", code: .syntax, line: 2, column: 24, hint: "did you mean then?"),
        Case(text: "when hour > 1 then declin", code: .syntax, line: 2, column: 29, hint: "did you mean decline?"),
        Case(
            text: "when hour > 1 then require passport", code: .syntax, line: 2, column: 37,
            expected: "`id_document` or `password`"),
        Case(
            text: "when hour > 1 then decline, case urgent", code: .syntax, line: 2, column: 43,
            expected: "`low`, `medium` or `high`"),
        Case(text: "when hour > 1 then decline, freeze card 400d", code: .range, line: 2, column: 50),
        Case(
            text: "when hour > 1 then decline say fr \"x\"", code: .syntax, line: 2, column: 41,
            expected: "a language: `en` or `zh`"),
        Case(text: "when hour > 1 then decline say en \"a\" say en \"b\"", code: .nameTaken, line: 2, column: 52),
        Case(
            text: "when hour > 1 then decline say en \"a {huor}\"", code: .unknownName, line: 2, column: 47,
            hint: "did you mean hour?"),
        Case(
            text: "when hour > 1 then decline say en \"a {hour\"", code: .syntax, line: 2, column: 47,
            hint: "write {{ for a brace"),
        Case(text: "when hour > 1 then decline say merchant en \"{hour}\"", code: .policy, line: 2, column: 54),
        Case(text: "when pin == wrong unless notice covers tx then decline", code: .policy, line: 2, column: 28),
        Case(text: "when hot == lost unless notice covers tx then decline", code: .policy, line: 2, column: 27),
    ]

    private func check(_ text: String, _ wanted: Case) throws {
        let error = try #require(Self.error(in: text), "this must not parse")
        #expect(error.code == wanted.code, "\(error)")
        #expect([error.line, error.column] == [wanted.line, wanted.column], "\(error)")
        if !wanted.expected.isEmpty { #expect(error.expected == wanted.expected) }
        if let hint = wanted.hint { #expect(error.hint == hint) }
    }

    @Test(arguments: files) func aBrokenFileIsRefusedWithItsPlace(_ wanted: Case) throws {
        try check(wanted.text, wanted)
    }

    @Test(arguments: bodies) func aBrokenDeclarationIsRefusedWithItsPlace(_ wanted: Case) throws {
        try check("tillguard-rules 1\n" + wanted.text, wanted)
    }

    @Test(arguments: rules) func aBrokenRuleIsRefusedWithItsPlace(_ wanted: Case) throws {
        try check("tillguard-rules 1\nrule r { " + wanted.text + " }", wanted)
    }

    @Test func everyErrorCodeHasACase() {
        let seen = (Self.files + Self.bodies + Self.rules).map(\.code) + [.limit]  // Limits: `LimitTests`.
        for code in RuleFileError.Code.allCases { #expect(seen.contains(code), "\(code)") }
    }

    @Test func aVelocityOfPINsKeepsItsRuleOutOfReachOfNotices() throws {
        let text = """
            tillguard-rules 1
            velocity w = count(attempts where pin == wrong) by card over 15m
            rule r { when w >= 3 unless notice covers tx then decline }
            """
        #expect(Self.error(in: text)?.code == .policy)
    }

    @Test func rulesThatNoProofSatisfiesTogetherAreRefused() {
        let text = """
            tillguard-rules 1
            rule a { when hour > 1 then require password }
            rule b { when hour > 2 then require id_document }
            """
        let error = Self.error(in: text)
        #expect(error?.code == .policy)
        #expect(error?.line == 3)
    }

    @Test func anErrorReadsAsOneLine() {
        let error = Self.error(in: "tillguard-rules 1\nrule r { when pin == wrnog then decline }")
        #expect(
            error?.description
                == "2:22: expected `right`, `wrong`, `absent`, `untried` or `locked`, found `wrnog`; did you mean wrong?"
        )
    }

    @Test func damagedCopiesOfARuleFileNeverStopTheProgram() throws {
        let source = Array(try ShippedRules.text().utf8)
        var random = SeededRandom(seed: 11)
        for _ in 0..<500 {
            var bytes = source
            for _ in 0...random.below(3) {
                let place = 18 + random.below(bytes.count - 18)
                switch random.below(3) {
                case 0: bytes[place] = UInt8(0x20 + random.below(95))
                case 1: bytes.remove(at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + random.below(400)))
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let error = Self.error(in: text) {
                #expect(error.line >= 1 && error.column >= 1)
            } else {
                _ = Triggers(try RuleSet(parsing: text)).evaluate(purchase())
            }
        }
    }
}
