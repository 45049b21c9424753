// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("All mistakes of a rule file at once")
struct RuleErrorsTests {
    private func errors(_ text: String) -> [String] {
        RuleSet.errors(in: text).map { "\($0.line):\($0.column) \($0.code.rawValue)" }
    }

    @Test("a sound file has none")
    func sound() throws {
        #expect(RuleSet.errors(in: try ShippedRules.text()) == [])
        #expect(errors("tillguard-rules 1") == [])
    }

    @Test("each declaration shows its first mistake, in the order of the file")
    func several() {
        let text = """
            tillguard-rules 2
            list a = mcc 99999
            velocity v = count(attempts) by shop over 15m
            rule one { when amount >= 5 then decline }
            rule two { when v >= 3 and mcc in list a then decline }
            rule three { when amount >= 1.00 EUR then }
            rule four { when hour >= 30 and colour == 3 then approve say en "{shade}" }
            list b = mcc 'x'
            rule one { when hour > 2 then approve }
            """
        #expect(
            errors(text) == [
                "1:17 header", "2:14 range", "3:33 syntax", "4:27 type", "6:43 syntax", "7:33 unknownName",
                "8:14 type", "9:1 nameTaken",
            ])
    }

    @Test("the first of them is the one that reading stops at, wherever a sound file is damaged", arguments: 0..<60)
    func first(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var bytes = Array(try ShippedRules.text().utf8)
        let place = 20 + random.below(bytes.count - 20)
        switch random.below(3) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = UInt8(0x21 + random.below(90))
        default: bytes.insert(UInt8(0x21 + random.below(90)), at: place)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let all = RuleSet.errors(in: text)
        do {
            _ = try RuleSet(parsing: text)
            #expect(all == [], "seed \(seed)")
        } catch { #expect(all.contains(error), "seed \(seed): \(error)") }
    }

    @Test("no more than fifty are named")
    func many() {
        let text = "tillguard-rules 1\n" + (0..<80).map { "rule r\($0) { when }\n" }.joined()
        #expect(RuleSet.errors(in: text).count == RuleSet.errorsMax)
        let signs = "tillguard-rules 1\n" + String(repeating: "^\n", count: 80)
        #expect(RuleSet.errors(in: signs).count == RuleSet.errorsMax)
    }
}
