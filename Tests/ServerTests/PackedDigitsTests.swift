// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Terminal
import TerminalAgent
import Testing
import Vocabulary

@testable import tillguard

@Suite("A terminal with packed digits on a real line")
struct PackedDigitsTests {
    @Test("It sells under a PIN, takes back a sale whose answer is lost, and sells again")
    func trade() async throws {
        let till = 7
        try #require(DemoEstate.tills[till].dialect == .iso8583Binary)
        try await ServerHouse.with { house in
            let answers = Shared([[UInt8]]())
            let lost = Shared(false)
            let proxy = try await Proxy.start(to: house.port) { answer in
                answers.change { $0.append(answer) }
                guard answer.starts(with: [0x02, 0x10]) else { return .pass }
                return lost.change { (isOver: inout Bool) -> Proxy.Fate in
                    defer { isOver = true }
                    return isOver ? .pass : .lose
                }
            }
            try await BankHouse.with(house, tills: [till], port: proxy.port) { bank in
                try await bank.isReady(till)
                guard case .reversed(.noAnswer, _)? = try await bank.sell(till, card: 0, 20_00) else {
                    Issue.record("the first answer was to be lost")
                    return
                }
                try await eventually("no open reversal") {
                    await bank.bank.screen(DemoEstate.tills[till].id)?.openReversals == 0
                }
                guard case .approved? = try await bank.sell(till, card: 1, 10_00) else {
                    Issue.record("the terminal does not trade again")
                    return
                }
                let wrong = try await bank.bank.trade(
                    DemoEstate.tills[till].id,
                    TillSale(
                        pan: DemoEstate.cards[1].pan, expiry: DemoEstate.cards[1].expiry,
                        amount: Money(minorUnits: 1_00, DemoEstate.currency), goods: [], wantsPIN: true),
                    pin: [.digit(0), .digit(0), .digit(0), .digit(0), .enter])
                guard case .declined(let sale)? = wrong else {
                    Issue.record("a wrong PIN was not declined")
                    return
                }
                #expect(sale.code.description == "55")
            }
            try await proxy.close()
            #expect(try await house.available(0) == 5_000_00)
            #expect(try await house.available(1) == 5_000_00 - 10_00)
            // 0210, 0410, 0810, two digits a byte; and 0630 where a starved machine made the terminal report its link.
            let types = Set(answers.read { $0.map { Array($0.prefix(2)) } })
            #expect(types.isSuperset(of: [[0x02, 0x10], [0x04, 0x10], [0x08, 0x10]]))
            #expect(types.isSubset(of: [[0x02, 0x10], [0x04, 0x10], [0x06, 0x30], [0x08, 0x10]]))
        }
    }
}
