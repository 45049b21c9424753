// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Row {
    static let t7 = Row(
        "T7", "The issuer is notified, contacts the cardholder, freezes the account if suspicious", in: .bank
    ) { stage in
        let first = try stage.logIn("desk1")
        let second = try stage.logIn("desk2")
        let card = DemoEstate.card(7)
        let referred = try stage.spread(card, at: 3)
        let found = try stage.openCase(card.account, rule: "large_amounts_spread", first)
        try stage.expect(found.reference == referred.reference, "the issuer's case", seen: found.reference)
        stage.fact("case \(found.reference) at the issuer's desk")

        let link = try t7Link(stage, found)
        try t7Answer(stage, link, found, first)

        let till = DemoEstate.till(1)
        try stage.expect(try first.isFrozen(card.account), "the account frozen by “not me”", seen: "it is not")
        try stage.declinedSale(at: till, card, 5_00, "62", why: "the account is frozen")
        stage.fact("“not me” by the link freezes the account: 62 at the till")

        let asked = try first.act("/accounts/\(card.account)/unfreeze")
        try stage.expect(asked.status == 200, "the first person to ask for the lifting", seen: "\(asked.status)")
        let again = try first.act("/accounts/\(card.account)/unfreeze")
        try stage.expect(again.status == 409, "the same person refused as the second", seen: "\(again.status)")
        try stage.expect(try first.isFrozen(card.account), "the account still frozen", seen: "it is not")
        try stage.declinedSale(at: till, card, 5_00, "62", why: "one person cannot lift a freeze")
        let lifted = try second.act("/accounts/\(card.account)/unfreeze")
        try stage.expect(lifted.status == 200, "the second person to lift it", seen: "\(lifted.status)")
        try stage.expect(!(try first.isFrozen(card.account)), "the freeze lifted", seen: "it is not")
        // The three terminals are still in the window; with the caller verified, the next purchases are announced.
        let notice = try first.addNotice(card, try first.cardKey(of: card), amount: "50.00")
        try stage.expect(notice.status == 200, "a notice", seen: "\(notice.status)")
        try stage.approvedSale(at: till, card, 5_00, why: "the freeze is lifted")
        stage.fact("one person alone cannot lift it; the second does, and the card pays again")
        return .works
    }

    /// Plays the postman: the mail waits in the outbox of the data directory, no gateway takes it from there yet.
    private static func t7Link(_ stage: Stage, _ found: CaseView) throws -> String {
        let start = Array("/c/\(found.id)/".utf8)
        let link = try stage.wait(for: "a mail with a link in the outbox") { () -> String? in
            for file in try stage.files() where file.name.contains("records.db") {
                var next = 0
                while let place = file.bytes.place(of: start, from: next) {
                    let token = file.bytes[place.upperBound...].prefix(32)
                    if token.count == 32, token.allSatisfy({ Hex.isDigit($0) }) {
                        return String(decoding: start + token, as: UTF8.self)
                    }
                    next = place.upperBound
                }
            }
            return nil
        }
        stage.came("outbox: a mail to the cardholder with a link to case \(found.reference)")
        stage.fact("a mail with a link is queued in the outbox (read from the data directory; no gateway sends it yet)")
        return link
    }

    private static func t7Answer(_ stage: Stage, _ link: String, _ found: CaseView, _ desk: Visitor) throws {
        let cardholder = Visitor("cardholder", stage)
        for _ in 1...2 {
            let page = try cardholder.get(link)
            try stage.expect(
                page.status == 200 && page.body.contains(found.reference), "the cardholder's page",
                seen: "\(page.status)")
        }
        _ = try cardholder.get(link + "/not-me")
        stage.sent("cardholder: GET of the link, twice, and of its “not me” address")
        let untouched = try desk.fraudCase(found.id)
        let isFrozen = try desk.isFrozen(Int(found.account))
        stage.came("desk: case \(found.reference) is \(untouched.state)")
        try stage.expect(
            untouched.state == "open" && !isFrozen, "reading the link to change nothing",
            seen: "\(untouched.state)\(isFrozen ? ", frozen" : "")")
        let forged = String(link.dropLast(32)) + String(repeating: "0", count: 32)
        let stranger = try stage.stranger().submit(forged + "/not-me", [])
        try stage.expect(stranger.status == 404, "404 for a guessed link", seen: "\(stranger.status)")
        let claimed = try cardholder.submit(link + "/me", [Pair("code", "000000")])
        try stage.expect(
            claimed.status == 403, "“it was me” refused without the code of the other message",
            seen: "\(claimed.status)")
        stage.fact("GET of the link changes nothing, a guessed link is 404, “it was me” needs the code")
        let denied = try cardholder.submit(link + "/not-me", [])
        try stage.expect(denied.status == 303, "“not me” taken", seen: "\(denied.status)")
        let answered = try desk.fraudCase(found.id)
        try stage.expect(answered.state == "denied", "the case denied", seen: answered.state)
    }
}

extension Hex {
    /// Either case.
    fileprivate static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
