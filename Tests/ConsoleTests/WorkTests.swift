// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Issuer
import ModuleProtocol
import Storage
import TerminalAgent
import Testing
import Vocabulary

@testable import Console

/// What operators and analysts do, by the forms of their pages.
struct WorkTests {
    @Test("Activation takes two operators, and the same one twice is told so")
    func activation() async throws {
        try await House.with { house in
            let first = try house.client("oper1", .operator)
            let second = try house.client("oper2", .operator)
            #expect(try await first.submit("/terminals/T1/activate", from: "/terminals/T1").status == 303)
            let page = try await first.get("/terminals/T1")
            #expect(page.body.contains("disabled"))
            #expect(try await first.submit("/terminals/T1/activate", from: "/terminals/T1").status == 303)
            #expect(try await first.get("/terminals/T1").body.contains(ConsoleTexts.text("refusal_secondPerson", .en)))
            #expect(try await second.submit("/terminals/T1/activate", from: "/terminals/T1").status == 303)
            let terminal = try #require(house.bank.estate().terminals[terminalID("T1")])
            #expect(terminal.activationAskedBy == StaffID("oper1") && terminal.activationApprovedBy == StaffID("oper2"))
            #expect(try await second.get("/terminals/T1").body.contains("oper1 + oper2"))
        }
    }

    @Test("A warning shows its runbook and who may clear it, and ends at the sign-on after it was cleared")
    func clearance() async throws {
        try await House.with { house in
            try house.bank.grantLease("T1")
            try house.bank.raise(.h02, at: "T1")
            let client = try house.client("oper1", .operator)
            let page = try await client.get("/terminals/T1")
            for step in WarningCode.h02.entry.runbook {
                #expect(page.body.contains(step.text.en.replacing("'", with: "&#39;").replacing("\"", with: "&quot;")))
            }
            #expect(page.body.contains("Halted"))
            #expect(page.body.contains("One support operator"))
            #expect(try await client.submit("/terminals/T1/warnings/H02/clear", from: "/terminals/T1").status == 303)
            #expect(try await client.get("/terminals/T1").body.contains(ConsoleTexts.text("clearedWaits", .en)))
            try house.bank.grantLease("T1")
            let after = try await client.get("/terminals/T1")
            #expect(after.body.contains("Able to trade"))
            #expect(after.body.contains("No open warning"))
        }
    }

    @Test("Tampering offers no button: only the service centre clears it")
    func tampering() async throws {
        try await House.with { house in
            try house.bank.grantLease("T1")
            try house.bank.raise(.t01, at: "T1")
            let page = try await house.client("oper1", .operator).get("/terminals/T1")
            #expect(page.body.contains("Tampered"))
            #expect(!page.body.contains("/clear"))
            #expect(page.body.contains("service centre"))
        }
    }

    @Test("Faults of the emulated hardware go to the desk, by operators only and by known names only")
    func faults() async throws {
        try await House.with { house in
            let client = try house.client("oper1", .operator)
            #expect(
                try await client.submit("/terminals/T1/fault", from: "/terminals/T1", ["fault": "loose", "act": "set"])
                    .status == 303)
            #expect(
                try await client.submit(
                    "/terminals/T1/fault", from: "/terminals/T1", ["fault": "nonsense", "act": "set"]
                ).status == 404)
            #expect(
                try await client.submit(
                    "/terminals/T1/fault", from: "/terminals/T1", ["fault": "loose", "act": "repair"]
                ).status == 303)
            #expect(house.desk.faultsMade.map(\.0) == ["loose", "loose"])
            #expect(house.desk.faultsMade.map(\.1) == [false, true])
        }
    }

    @Test("A case says which rule fired on which figures, and an analyst who called back may confirm it")
    func confirm() async throws {
        try await House.with { house in
            let id = try house.bank.openCase()
            let client = try house.client("desk1", .analyst)
            let page = try await client.get("/cases/\(id.number)")
            #expect(page.body.contains("2 terminals took 300.00 EUR or more within an hour; this one 410.00 EUR."))
            #expect(page.body.contains("large_spread"))
            #expect(page.body.contains("R-TEST2"))
            #expect(!page.body.contains(house.bank.links.code(id)))
            #expect(!page.body.lowercased().contains(house.bank.links.token(id).lowercased()))
            // Not without having called back.
            _ = try await client.submit("/cases/1/confirm", from: "/cases/1")
            #expect(house.bank.issuer().cases[id]?.state == .open)
            _ = try await client.submit("/cases/1/confirm", from: "/cases/1", ["calledBack": "yes"])
            #expect(house.bank.issuer().cases[id]?.state == .confirmed)
            #expect(try await client.get("/cases/1").body.contains("It was the cardholder"))
        }
    }

    @Test("A denied case freezes the account, and lifting the freeze takes two analysts")
    func freeze() async throws {
        try await House.with { house in
            try house.bank.openCase()
            let first = try house.client("desk1", .analyst)
            let second = try house.client("desk2", .analyst)
            _ = try await first.submit("/cases/1/deny", from: "/cases/1")
            #expect(house.bank.issuer().accounts[Bank.account]?.frozen != nil)
            #expect(try await first.get("/accounts/7").body.contains("Frozen since"))
            _ = try await first.submit("/accounts/7/unfreeze", from: "/accounts/7")
            _ = try await first.submit("/accounts/7/unfreeze", from: "/accounts/7")
            #expect(try await first.get("/accounts/7").body.contains(ConsoleTexts.text("refusal_secondPerson", .en)))
            #expect(house.bank.issuer().accounts[Bank.account]?.frozen != nil)
            _ = try await second.submit("/accounts/7/unfreeze", from: "/accounts/7")
            #expect(house.bank.issuer().accounts[Bank.account]?.frozen == nil)
            _ = try await second.submit("/accounts/7/freeze", from: "/accounts/7")
            #expect(house.bank.issuer().accounts[Bank.account]?.frozen != nil)
        }
    }

    @Test("A line of the statement can be disputed once, as it stands in the records")
    func dispute() async throws {
        try await House.with { house in
            let sale = try house.bank.sale(2_500, at: "T1")
            let line = String(house.bank.sequence)
            let client = try house.client("desk1", .analyst)
            #expect(try await client.get("/accounts/7?month=2026-08").body.contains("25.00 EUR"))
            #expect(try await client.get("/accounts/7?month=2026-07").body.contains("No purchase in this month"))
            _ = try await client.submit("/accounts/7/dispute", from: "/accounts/7", ["line": line])
            let fraudCase = try #require(house.bank.issuer().cases[CaseID(1)])
            #expect(fraudCase.isDispute && fraudCase.rrn == sale.answer.rrn && fraudCase.amount == sale.amount)
            let page = try await client.get("/accounts/7")
            #expect(page.body.contains("Dispute C1"))
            #expect(!page.body.contains("name=\"line\""))
            // A line of another account is none.
            _ = try await client.submit("/accounts/8/dispute", from: "/accounts/7", ["line": line])
            #expect(house.bank.issuer().cases.count == 1)
        }
    }

    @Test("Cards are reported stolen and notices added from the account's page")
    func cardsAndNotices() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let key = Bank.card.description
            _ = try await client.submit("/accounts/7/card", from: "/accounts/7", ["card": key, "status": "3"])
            #expect(house.bank.issuer().cards[Bank.card]?.status == .stolen)
            #expect(try await client.get("/accounts/7").body.contains("Stolen"))
            _ = try await client.submit(
                "/accounts/7/notice", from: "/accounts/7",
                ["card": key, "amount": "1500.00", "days": "14", "categories": "5944, 7995"])
            let notice = try #require(house.bank.issuer().cards[Bank.card]?.notices.first)
            #expect(notice.amountMax == Money(minorUnits: 150_000, .eur))
            #expect(notice.categories == [MCC(5_944), MCC(7_995)])
            #expect(try await client.get("/accounts/7").body.contains("1,500.00 EUR"))
        }
    }

    @Test("A notice may hold around a place alone, and a place without a radius, or that is none, is refused")
    func noticeArea() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let fields = ["card": Bank.card.description, "amount": "1500.00", "days": "14"]
            let wrong = [
                ("48.2082, 16.3738", ""), ("", "25"), ("48.2082", "25"), ("91.0, 0.0", "25"), ("48.2, 16.3", "0"),
                ("48.2, 16.3", "1001"),
            ]
            for (place, radius) in wrong {
                _ = try await client.submit(
                    "/accounts/7/notice", from: "/accounts/7",
                    fields.merging(["place": place, "radius": radius]) { $1 })
                #expect(house.bank.commands.isEmpty, "\(place) \(radius)")
            }
            _ = try await client.submit(
                "/accounts/7/notice", from: "/accounts/7",
                fields.merging(["place": "48.2082, -16.3738", "radius": "25"]) { $1 })
            let notice = try #require(house.bank.issuer().cards[Bank.card]?.notices.first)
            #expect(
                notice.area
                    == AdvanceNotice.Area(
                        centre: Position(latitude: 48_208_200, longitude: -16_373_800), radiusMetres: 25_000))
            #expect(try await client.get("/accounts/7").body.contains("within 25 km of 48.2082, -16.3738"))
            let metres: [UInt32] = [0, 500, 1_000, 1_250, 20_007]
            #expect(metres.map { ConsoleRoutes.kilometres($0) } == ["0", "0.5", "1", "1.25", "20.007"])
        }
    }

    @Test("A rule text with a mistake changes nothing and shows line and column; a sound one waits for a second person")
    func rules() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            #expect(try await client.get("/rules").body.contains("large_spread"))
            let before = house.bank.sequence
            let bad = "tillguard-rules 1\r\nrule r {\r\n    when amunt > 1.00 EUR\r\n    then decline\r\n}\r\n"
            let refused = try await client.submit("/rules", from: "/rules", ["text": bad])
            #expect(refused.status == 422)
            #expect(refused.body.contains("3:10"))
            #expect(refused.body.contains("amunt"))
            #expect(house.bank.sequence == before)
            let good = bad.replacing("amunt", with: "amount")
            #expect(try await client.submit("/rules", from: "/rules", ["text": good]).status == 303)
            #expect(house.bank.commands == [.proposeRules(good.replacing("\r\n", with: "\n"))])
            let own = try await client.get("/rules").body
            #expect(own.contains("Version 1") && own.contains("when amount &gt; 1.00 EUR"))
            #expect(own.contains("another analyst") && !own.contains("/rules/1/approve"))
            // The proposer may ask all the same, and is refused.
            #expect(try await client.submit("/rules/1/approve", from: "/rules", [:]).status == 303)
            #expect(try await client.get("/rules").body.contains("second person"))
            let other = try house.client("desk2", .analyst)
            #expect(try await other.get("/rules").body.contains("/rules/1/approve"))
            #expect(try await other.submit("/rules/1/approve", from: "/rules", [:]).status == 303)
            #expect(try await other.submit("/rules/1/activate", from: "/rules", [:]).status == 303)
            let live = try await other.get("/rules").body
            #expect(live.contains("Put in force") && !live.contains("/rules/1/withdraw"))
            #expect(house.bank.rulesVersion == 1)
        }
    }

    @Test("A decision that a rule spoke about has its page with sentence and figures, for analysts alone")
    func decision() async throws {
        try await House.with { house in
            try house.bank.openCase()
            let rows = try await house.bank.reader.decisions(DecisionQuery())
            let sequence = try #require(rows.first { $0.explanation != nil }).sequence
            let client = try house.client("desk1", .analyst)
            let page = try await client.get("/decisions/\(sequence)").body
            #expect(page.contains("large_spread") && page.contains("class=\"sentence\""))
            #expect(try await client.get("/").body.contains("/decisions/\(sequence)"))
            #expect(try await client.get("/decisions/999999").status == 404)
            let shop = try house.client("shop1", .merchant)
            #expect(try await shop.get("/decisions/\(sequence)").status == 403)
            #expect(try await !shop.get("/").body.contains("/decisions/\(sequence)"))
        }
    }

    @Test("The keypad's keys reach the module one by one, and no page or answer holds a digit of the PIN")
    func till() async throws {
        try await House.with { house in
            let client = try house.client("shop1", .merchant)
            #expect(try await client.get("/terminal").header("location") == "/terminal/T1")
            let pan = try #require(house.console.routes.configuration.testCards.first).pan
            let fields = [
                "pan": String(decoding: pan.ascii, as: UTF8.self), "expiry": "12/29", "amount": "25.00",
                "goods": "TOBACCO", "pin": "yes",
            ]
            #expect(try await client.submit("/terminal/T1/sale", from: "/terminal/T1", fields).status == 303)
            let sale = try #require(house.desk.sales.first)
            #expect(sale.pan == pan && sale.expiry == 2_912 && sale.amount == Money(minorUnits: 2_500, .eur))
            #expect(sale.goods == [try #require(GoodsCode("TOBACCO"))] && sale.wantsPIN)
            for key in ["7", "3", "9", "1", "clear", "enter"] {
                let answer = try await client.submit("/terminal/T1/keypad", from: "/terminal/T1", ["key": key])
                #expect(answer.status == 303 && answer.body.isEmpty)
            }
            #expect(house.desk.keys == [.digit(7), .digit(3), .digit(9), .digit(1), .clear, .enter])
            let page = try await client.get("/terminal/T1")
            #expect(page.body.contains("●●●●"))
            #expect(!page.body.contains("7391"))
            #expect(!(page.body.contains("name=\"pinDigits\"") || page.body.contains("type=\"password\"")))
            for key in ["73", "x", ""] {
                #expect(
                    try await client.submit("/terminal/T1/keypad", from: "/terminal/T1", ["key": key]).status == 400)
            }
        }
    }

    @Test("An identity document is shown beside the PIN, not in its place")
    func stepUpWithDocument() async throws {
        try await House.with { house in
            let client = try house.client("shop1", .merchant)
            let pan = try #require(house.console.routes.configuration.testCards.first).pan
            _ = try await client.submit(
                "/terminal/T1/sale", from: "/terminal/T1",
                ["pan": String(decoding: pan.ascii, as: UTF8.self), "expiry": "2912", "amount": "250.00", "pin": "yes"])
            house.desk.change {
                $0.phase = .ready
                $0.keypadCount = nil
                $0.challenge = "S12"
            }
            _ = try await client.submit("/terminal/T1/step-up", from: "/terminal/T1", ["proof": "identityDocument"])
            let followUp = try #require(house.desk.sales.last)
            #expect(followUp.stepUp?.proof == .identityDocument && followUp.wantsPIN)
        }
    }

    @Test("A step-up goes on with the same card and amount, for whoever started the sale")
    func stepUp() async throws {
        try await House.with { house in
            let client = try house.client("shop1", .merchant)
            let pan = try #require(house.console.routes.configuration.testCards.first).pan
            _ = try await client.submit(
                "/terminal/T1/sale", from: "/terminal/T1",
                ["pan": String(decoding: pan.ascii, as: UTF8.self), "expiry": "2912", "amount": "99.00"])
            house.desk.change {
                $0.phase = .ready
                $0.keypadCount = nil
                $0.challenge = "S12"
                $0.lastOutcome = "stepUp"
            }
            let other = try house.client("shop2", .merchant)
            #expect(!(try await other.get("/terminal/T1").body.contains("identityDocument")))
            _ = try await other.submit("/terminal/T1/step-up", from: "/terminal/T1", ["proof": "identityDocument"])
            #expect(house.desk.sales.count == 1)
            _ = try await client.submit("/terminal/T1/step-up", from: "/terminal/T1", ["proof": "transactionPassword"])
            let followUp = try #require(house.desk.sales.last)
            #expect(house.desk.sales.count == 2)
            #expect(followUp.stepUp?.challenge == "S12" && followUp.stepUp?.proof == .transactionPassword)
            #expect(followUp.amount == Money(minorUnits: 9_900, .eur) && followUp.pan == pan && followUp.wantsPIN)
        }
    }
}
