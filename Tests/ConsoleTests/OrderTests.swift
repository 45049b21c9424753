// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Testing
import Vocabulary

@testable import Console

/// Orders and what is laid down, by the forms of their pages.
struct OrderTests {
    @Test("New keys take two custodians; the page shows who waits, and the analyst is offered nothing")
    func newKeys() async throws {
        try await House.with { house in
            try house.bank.grantLease("T1")
            let first = try house.client("cust1", .custodian)
            let second = try house.client("cust2", .custodian)
            let path = "/terminals/T1/orders/issueKeys"
            let fields = ["keySet": "2"]
            #expect(try await first.get("/terminals/T1").body.contains(path))
            #expect(try await first.submit(path, from: "/terminals/T1", fields).status == 303)
            let waiting = try await second.get("/terminals/T1")
            #expect(waiting.body.contains(ConsoleTexts.text("waitsForSecond", .en)) && waiting.body.contains("cust1"))
            #expect(try await first.submit(path, from: "/terminals/T1", fields).status == 303)
            #expect(try await first.get("/terminals/T1").body.contains(ConsoleTexts.text("refusal_secondPerson", .en)))
            #expect(house.bank.estate().terminals[terminalID("T1")]?.keySet == 1)
            #expect(try await second.submit(path, from: "/terminals/T1", fields).status == 303)
            #expect(house.bank.estate().terminals[terminalID("T1")]?.keySet == 2)
            #expect(try await second.submit(path, from: "/terminals/T1", ["keySet": "x"]).status == 303)
            #expect(try await second.get("/terminals/T1").body.contains(ConsoleTexts.text("fieldsMissing", .en)))
            let analyst = try await house.client("desk1", .analyst).get("/terminals/T1")
            #expect(!analyst.body.contains("/orders/") && !analyst.body.contains("/acts/"))
            #expect(try await first.submit("/terminals/T1/orders/retire", from: "/terminals/T1").status == 403)
        }
    }

    @Test("What a technician found stops the terminal, and stands on its page with the photograph")
    func inspection() async throws {
        try await House.with { house in
            try house.bank.grantLease("T1")
            let client = try house.client("tech1", .technician)
            let fields = ["finding": "overlay", "photo": "IMG-7"]
            #expect(try await client.submit("/terminals/T1/acts/inspect", from: "/terminals/T1", fields).status == 303)
            let page = try await client.get("/terminals/T1")
            #expect(page.body.contains("IMG-7") && page.body.contains("T06"))
            #expect(house.bank.estate().terminals[terminalID("T1")]?.warnings.map(\.code) == [.t06])
        }
    }

    @Test("An extension of leases by two operators stands on every page of everybody until it ends")
    func outage() async throws {
        try await House.with { house in
            let until = Instant(seconds: house.bank.now.seconds + 3_600).iso8601
            for name in ["oper1", "oper2"] {
                let client = try house.client(name, .operator)
                #expect(!(try await client.get("/terminals").body.contains("leases until")))
                #expect(
                    try await client.submit("/estate/orders/extendLeases", from: "/estate", ["until": until]).status
                        == 303)
            }
            let shop = try house.client("shop1", .merchant, merchant: Bank.shop)
            for path in ["/", "/terminals", "/terminals/T1"] {
                #expect(try await shop.get(path).body.contains("leases until"))
            }
            house.bank.advance(.hours(2))
            #expect(!(try await shop.get("/").body.contains("leases until")))
        }
    }

    @Test("A custodian registers a device from its maker; half a form makes none, and nobody else may")
    func registration() async throws {
        try await House.with { house in
            let path = "/estate/terminals"
            let whole = [
                "terminal": "NEW00001", "merchant": "\(Bank.shop.number)", "profile": "aes", "keySet": "3",
                "serial": "1F", "currency": "EUR",
            ]
            let client = try house.client("cust1", .custodian)
            #expect(try await client.get("/estate").body.contains("action=\"\(path)\""))
            for name in whole.keys {
                #expect(try await client.submit(path, from: "/estate", whole.filter { $0.key != name }).status == 303)
                #expect(house.bank.estate().terminals[terminalID("NEW00001")] == nil, "\(name)")
            }
            #expect(try await house.client("oper1", .operator).submit(path, from: "/estate", whole).status == 403)
            #expect(try await client.submit(path, from: "/estate", whole).status == 303)
            let terminal = try #require(house.bank.estate().terminals[terminalID("NEW00001")])
            #expect(terminal.lifecycle == .manufactured && terminal.keySet == 3 && terminal.serial == 0x1F)
        }
    }
}
