// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("Values of conditions: numbers, texts, durations, choices and the facts of card and terminal")
struct ConditionValueTests {
    /// The purchase has hour 9 of a Friday, amount 10.00 EUR, MCC 5411, terminal T0000001, merchant 77.
    @Test(
        "a condition holds as it reads",
        arguments: [
            ("hour / 2 == 4 and hour % 4 == 1", true), ("hour / 0 == 1 or true", true), ("0x1F == 31", true),
            ("amount / 3 == 3.33 EUR", true), ("amount / 4.00 EUR == 2.5", true),
            ("-amount == 0.00 EUR - amount", true),
            ("(hour > 8 ? 1 : 2) == 1", true), ("hour > 8 ? mcc == 5411 : false", true),
            ("(hour < 8 ? 1 : 2) == 1", false),
            ("(hour > 8 ? amount : 1.00 EUR) > 9.00 EUR", true), ("1 + (hour > 8 ? hour * 2 : 0) * 2 == 37", true),
            ("(hour > 8) == (mcc == 5411)", true), ("overflow == false", true),
            ("not (overflow != (hour == 9))", false),
            ("terminal.startsWith(\"T000\")", true), ("terminal.endsWith('2')", false),
            ("terminal.contains('00')", true),
            ("terminal.size() == 8 and size(terminal) == 8", true), ("string(hour) + 1 == 1", nil),
            ("string(hour) == '9'", true), ("string(1234567890123456789) == '1234567890123456789'", true),
            ("string(terminal) == 'T0000001'", true), ("int('12') == 12 and double('0.5') == 0.5", true),
            ("double(hour) / 2.0 == 4.5", true), ("int(4.9) == 4 and int(-4.9) == -4", true),
            ("90m == duration('1h30m') and 90m - 1h == 30m", true), ("90m / 1h == 1.5", true), ("-(90m) < 0s", true),
            ("hour in [1, 9]", true), ("hour in [1, 8]", false), ("hour in []", false),
            ("pin in [absent, wrong]", true),
            ("kind in [cash, refund]", false), ("amount in [10 EUR]", true), ("'a' in ['b', 'a']", true),
            ("mcc in codes", true), ("not (mcc in list codes)", false),
            ("tx.amount == amount and terminal.mcc == mcc and tx.hour == 9", true), ("weekday == 5", true),
            ("entry == chip", true), ("entry in [stripe, manual]", false), ("card.pin_tries >= 2", true),
            ("card.first_use", true), ("terminal.warned", true), ("has(card.idle_days)", false),
            ("has(travel.km)", false),
            ("card.age_days == 0", true), ("'\\u00e9' == 'é' and r'\\n'.size() == 2", true),
            ("'a very long text of many bytes' < 'a very long text of more'", true),
        ] as [(String, Bool?)])
    func reads(_ condition: String, _ holds: Bool?) throws {
        let facts = purchase {
            ($0.entry, $0.pinTries, $0.warnings) = (.chip, 2, 4)
        }
        guard let holds else {
            #expect(throws: RuleFileError.self) { try rule(when: condition, "list codes = mcc 5411\n") }
            return
        }
        #expect(outcome(try rule(when: condition, "list codes = mcc 5411\n"), facts) == (holds ? .hit : nil))
    }

    @Test(
        "what cannot be computed is unknown, and only what hangs on it",
        arguments: [
            "hour / (hour - 9) == 1", "hour % (hour - 9) == 1", "9223372036854775807 + hour > 0",
            "-9223372036854775808 - hour < 0", "-9223372036854775808 / -1 > 0", "amount / 0.00 EUR > 1.0",
            "int(1e300) > 0", "int('x') > 0", "double('') > 0.0", "(1 / 0 == 1 ? 1 : 2) == 2",
            "1 / 0 == 1 ? true : true",
            "card.idle_days > 3", "travel.speed > 900", "(mcc == 1) == true and 1 / 0 > 0 or false",
            "string(1234567890123456 * 100 + hour) == 'x'",
        ])
    func unknown(_ condition: String) throws {
        let facts = purchase { if condition.contains("mcc") { $0.mcc = nil } }
        #expect(outcome(try rule(when: condition), facts) == .unknown)
        #expect(outcome(try rule(when: "(\(condition)) or true"), facts) == .hit)
        #expect(outcome(try rule(when: "(\(condition)) and false"), facts) == nil)
    }

    @Test(
        "not a number is a value: it equals nothing, and no order holds",
        arguments: [
            ("==", false), ("!=", true), ("<", false), ("<=", false), (">", false), (">=", false),
        ])
    func notANumber(_ sign: String, _ holds: Bool) throws {
        #expect(outcome(try rule(when: "0.0 / 0.0 \(sign) 0.0 / 0.0")) == (holds ? .hit : nil))
        #expect(outcome(try rule(when: "0.0 / 0.0 \(sign) 1.0")) == (holds ? .hit : nil))
    }

    @Test("the hour and the day of the week are the terminal's own")
    func localTime() throws {
        let rules = try rule(when: "hour == 23 and weekday == 4")
        #expect(outcome(rules, purchase { $0.offset = -42 }) == .hit)
        #expect(outcome(rules, purchase { $0.offset = -38 }) == nil)
        #expect(outcome(try rule(when: "weekday == 4"), purchase(at: Instant(microseconds: 0))) == .hit)
    }

    @Test("sixteen nested levels of every operator keep their truths apart")
    func deep() throws {
        // Each level leaves a truth of `or`, one of `and` and one of `==` waiting.
        var text = "hour == 9"
        for _ in 0..<(RuleSet.limits.depth - 1) { text = "mcc == 1 or hour == 9 and (true == (\(text)))" }
        #expect(throws: RuleFileError.self) { try rule(when: text) }
        text = "hour == 9"
        for _ in 0..<14 { text = "mcc == 1 or true and (\(text))" }
        #expect(outcome(try rule(when: text), purchase { $0.mcc = nil }) == .hit)
        #expect(outcome(try rule(when: text), purchase(at: morning + .hours(1))) == nil)
    }

    @Test("a figure with decimals or of a text is written, read back and shown")
    func figures() throws {
        let rules = try rule(when: "amount / 4.00 EUR >= 2.5 and string(hour) != 'a text of more than sixteen bytes'")
        let evaluation = Triggers(rules).evaluate(purchase())
        var writer = ByteWriter()
        evaluation.encode(to: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try Evaluation(from: &reader) == evaluation)
        let because = Explanation.json(evaluation, rules: rules)["rules"]?.array?.first?["because"]?.array
        #expect(because?.map { $0["value"] } == [.double(2.5), "9"])
        #expect(because?.map { $0["limit"] } == [.double(2.5), "a text of more than sixteen bytes"])
    }
}
