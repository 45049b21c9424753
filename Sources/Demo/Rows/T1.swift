// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t1 = Row("T1", "Trigger: stolen or lost card", in: .bank) { stage in
        let analyst = try stage.logIn("desk1")
        let till = DemoEstate.till(1)
        let (stolen, lost) = (DemoEstate.card(9), DemoEstate.card(10))
        var answers: [String] = []
        for (card, pin) in [(stolen, PINKeys.right), (stolen, .digits("0000")), (lost, .right)] {
            let screen = try stage.declinedSale(
                at: till, card, 10_00, "62", pin: pin, why: "the card is on the hot list")
            answers.append(screen.summary)
        }
        try stage.expect(
            answers.allSatisfy { $0 == answers[0] }, "the same answer for all three",
            seen: answers.joined(separator: " / "))
        stage.fact("stolen, stolen with a wrong PIN, lost: the same answer, \(answers[0])")
        let first = try stage.openCase(stolen.account, rule: "stolen_card", analyst)
        let second = try stage.openCase(lost.account, rule: "lost_card", analyst)
        stage.fact("cases \(first.reference) by stolen_card and \(second.reference) by lost_card")
        return .works
    }
}
