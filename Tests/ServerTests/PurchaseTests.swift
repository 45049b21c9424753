// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import ModuleProtocol
import NIOSSL
import SecurityTriggers
import Terminal
import TerminalAgent
import Testing
import Vocabulary

@testable import tillguard

@Suite("A purchase over real sockets")
struct PurchaseTests {
    @Test(
        "A whole terminal sells with a PIN, in both key profiles, over TCP and over TLS",
        arguments: [false, true], [0, 1])
    func purchase(tls: Bool, till: Int) async throws {
        try await ServerHouse.with(tls: tls) { house in
            try await BankHouse.with(house, tills: [till]) { bank in
                try await bank.isReady(till)
                // A PIN of four digits is verified by its PVV, one of six by its offset.
                for (card, amount) in [(0, Int64(75_00)), (2, 61_50)] {
                    guard case .approved(let sale) = try await bank.sell(till, card: card, amount) else {
                        Issue.record("card \(card) was not approved")
                        continue
                    }
                    #expect(sale.approvalCode.count == 6 && sale.amount.minorUnits == amount)
                    #expect(try await house.available(card) == 5_000_00 - amount)
                }
                let screen = try #require(await bank.bank.screen(DemoEstate.tills[till].id))
                #expect(screen.lastOutcome == "approved" && screen.openReversals == 0)
                #expect(screen.en.contains("Approved") && screen.zh.contains("成功"))
            }
            let sales = try house.sales()
            #expect(sales.map(\.answer.intent) == [.approved, .approved])
            #expect(sales.map(\.pin) == [.right, .right])
        }
    }

    @Test("A PIN of six digits with a wrong last one is a wrong PIN", arguments: [0, 1])
    func sixthDigit(index: Int) async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till(index)
            var pin = DemoEstate.cards[2].pin
            pin[5] = (pin[5] + 1) % 10
            let wrong = try await till.sell(.init(DemoEstate.cards[2], 75_00, pin: pin), on: line)
            #expect(wrong.code == "55" && wrong.isAuthentic)
            let right = try await till.sell(.init(DemoEstate.cards[2], 75_00, pin: DemoEstate.cards[2].pin), on: line)
            #expect(right.code == "00" && right.isAuthentic)
            #expect(try await house.available(2) == 5_000_00 - 75_00)
        }
    }

    @Test("A plain client on a TLS port is closed, and terminals with TLS trade on")
    func plainClient() async throws {
        try await ServerHouse.with(tls: true) { house in
            try await Neighbour.trading(beside: house) {
                let line = try await Line.open(house.port)
                let hello = try await Till(DemoEstate.tills[0], module: house.module).header("0800", [70: "001"])
                #expect(try await line.ask(hello.encoded().bytes) == nil)
            }
        }
    }

    @Test("A TLS client on a plain port is closed, and plain terminals trade on")
    func tlsClient() async throws {
        try await ServerHouse.with { house in
            try await Neighbour.trading(beside: house) {
                let line = try await Line.open(house.port, tls: .makeClientConfiguration())
                #expect(try await line.receive() == nil)
            }
        }
    }
}
