// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite struct LimitTests {
    private let limits = RuleSet.limits

    private func code(_ body: String) -> RuleFileError.Code? {
        RuleErrorTests.error(in: "tillguard-rules 1\n" + body)?.code
    }

    private func repeated(_ count: Int, _ make: (Int) -> String) -> String {
        (0..<count).map(make).joined(separator: "\n")
    }

    @Test(arguments: [-1, 0, 1]) func rulesAreCounted(_ beyond: Int) {
        let text = repeated(limits.rules + beyond) { "rule r\($0) { when hour > 1 then decline }" }
        #expect(code(text) == (beyond > 0 ? .limit : nil))
    }

    @Test(arguments: [-1, 0, 1]) func velocitiesAreCounted(_ beyond: Int) {
        let text = repeated(limits.velocities + beyond) { "velocity v\($0) = count(attempts) by card over 1h" }
        #expect(code(text) == (beyond > 0 ? .limit : nil))
    }

    @Test(arguments: [-1, 0, 1]) func listsAreCounted(_ beyond: Int) {
        #expect(code(repeated(limits.lists + beyond) { "list l\($0) = mcc 1" }) == (beyond > 0 ? .limit : nil))
    }

    @Test(arguments: [-1, 0, 1]) func elementsOfAListAreCounted(_ beyond: Int) {
        let text = "list l = mcc " + (0..<limits.listElements + beyond).map { "\($0 % 9_999)" }.joined(separator: ",")
        #expect(code(text) == (beyond > 0 ? .limit : nil))
    }

    @Test("a feature takes one of as many registers as every other value", arguments: [-1, 0, 1], [0, 1, 2])
    func openSubexpressionsAreCounted(_ beyond: Int, kind: Int) {
        // Each product stays in a register until what is right of it is known, and then the feature needs one.
        let open = RuleProgram.registers - 1 + beyond
        let feature = ["n", "hour > 3", "p else 0.5"][kind]
        let sum = String(repeating: "p * p + (", count: open) + "f" + String(repeating: ")", count: open)
        let text = """
            velocity n = count(attempts) by card over 1h
            velocity p = share(declined) by card over 1h
            feature f = \(feature)
            rule r { when \(sum) > 0.0 then decline }
            """
        #expect(code(text) == (beyond > 0 ? .limit : nil), "\(text)")
    }

    @Test(arguments: [-1, 0, 1]) func nestingIsBounded(_ beyond: Int) {
        let depth = limits.depth - 1 + beyond
        let text = String(repeating: "(", count: depth) + "hour > 1" + String(repeating: ")", count: depth)
        #expect(code("rule r { when \(text) then decline }") == (beyond > 0 ? .limit : nil))
    }

    @Test func deepNestingOfEveryKindIsRefusedNotFollowed() {
        for sign in ["(", "!", "not ", "-", "has(", "["] {
            let text = "rule r { when " + String(repeating: sign, count: 100_000) + "hour > 1 then decline }"
            #expect(code(text) != nil)
        }
    }

    @Test(arguments: [-1, 0, 1]) func partsOfARuleAreCounted(_ beyond: Int) {
        // `a or a or …` of n terms has 4n − 1 parts; `true` adds two.
        let terms = limits.nodes / 4
        let base = Array(repeating: "hour > 1", count: terms).joined(separator: " or ")  // 255 parts
        let text = beyond == -1 ? base : beyond == 0 ? "not " + base : "true or " + base
        #expect(code("rule r { when \(text) then decline }") == (beyond > 0 ? .limit : nil))
    }

    @Test(arguments: [-1, 0, 1]) func textsAreBounded(_ beyond: Int) {
        let text = String(repeating: "x", count: limits.textBytes + beyond)
        #expect(code("rule r { when hour > 1 then decline say en \"\(text)\" }") == (beyond > 0 ? .limit : nil))
    }

    @Test(arguments: [-1, 0, 1]) func namesAreBounded(_ beyond: Int) {
        let name = String(repeating: "x", count: limits.nameBytes + beyond)
        #expect(code("list \(name) = mcc 1") == (beyond > 0 ? .limit : nil))
    }

    @Test(arguments: [-1, 0, 1]) func filesAreBounded(_ beyond: Int) {
        let head = "tillguard-rules 1\n#"
        let text = head + String(repeating: "x", count: limits.fileBytes + beyond - head.utf8.count)
        #expect(RuleErrorTests.error(in: text)?.code == (beyond > 0 ? .limit : nil))
    }

    @Test(arguments: [("card", 31), ("terminal", 40), ("merchant", 40)])
    func windowsAreBoundedByWhatIsKept(_ key: String, _ days: Int) {
        #expect(code("velocity v = count(attempts) by \(key) over \(days)d") == nil)
        #expect(code("velocity v = count(attempts) by \(key) over \(days * 86_400 + 1)s") == .range)
        #expect(code("velocity v = count(attempts) by \(key) over \(days - 1)d delayed 1d") == nil)
        #expect(code("velocity v = count(attempts) by \(key) over \(days - 1)d delayed 86401s") == .range)
    }

    @Test(arguments: [7, 8, 9]) func openSubExpressionsAreCounted(_ depth: Int) {
        // Right-leaning sums keep one register open for each `1 + 1`.
        let sum = (0..<depth).map { _ in "(hour + hour) + (" }.joined() + "hour" + String(repeating: ")", count: depth)
        let isRefused = code("rule r { when \(sum) > 1 then decline }") == .limit
        #expect(isRefused == (depth > 8))
    }
}
