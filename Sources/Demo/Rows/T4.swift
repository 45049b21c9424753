// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t4 = Row("T4", "Trigger: restricted goods", in: .bank) { stage in
        let card = DemoEstate.card(4)
        let (tobacconist, grocer) = (DemoEstate.till(4), DemoEstate.till(1))
        try stage.approvedSale(at: tobacconist, card, 150_00, why: "below the amount of the rule")
        let category = try stage.declinedSale(at: tobacconist, card, 250_00, "1A", why: "restricted merchant category")
        try stage.approvedSale(at: grocer, card, 250_00, why: "groceries are not restricted")
        let goods = try stage.declinedSale(
            at: grocer, card, 250_00, "1A", goods: ["GROCERY", "TOBACCO"], why: "restricted goods on the till")
        for screen in [category, goods] {
            try stage.expect(screen.challenge != nil, "a challenge of the step-up", seen: screen.summary)
        }
        stage.fact("150.00 EUR at a tobacconist approved, 250.00 EUR 1A with \(category.challenge ?? "")")
        stage.fact("250.00 EUR of groceries approved, with tobacco among them 1A with \(goods.challenge ?? "")")

        try t4Reload(stage, tobacconist, card)
        return .works
    }

    /// The rule file is changed under the running server, and put back.
    private static func t4Reload(_ stage: Stage, _ till: Till, _ card: TestCard) throws {
        let limit = "amount >= 200.00 EUR"
        let text = try stage.files().first { $0.name.hasSuffix(ServerProcess.rulesFile) }.map {
            String(decoding: $0.bytes, as: UTF8.self)
        }
        guard let text, text.contains(limit) else {
            throw Unmet(expected: "a rule with \(limit) in the rule file", seen: text == nil ? "no file" : "none")
        }
        for (limits, isStepUp) in [("amount >= 140.00 EUR", true), (limit, false)] {
            let before = try stage.lines().count { $0["event"]?.string == "rules" }
            stage.sent("rule file: restricted goods from \(limits)")
            _ = try stage.perform(.replaceRules(text.replacing(limit, with: limits)))
            let line = try stage.wait(for: "the server to load the rules") {
                let lines = try stage.lines().filter { $0["event"]?.string == "rules" }
                return lines.count > before ? lines.last?["text"]?.string : nil
            }
            stage.came("server: rules \(line)")
            if isStepUp {
                try stage.declinedSale(at: till, card, 150_00, "1A", why: "the new limit holds at once")
            } else {
                try stage.approvedSale(at: till, card, 150_00, why: "the old limit holds again")
            }
        }
        stage.fact("a limit changed in the rule file held without a restart, and back")
    }
}
