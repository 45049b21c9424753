// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import HostServer
import Journal
import ModuleProtocol
import Terminal
import TerminalAgent
import Testing
import Vocabulary

@testable import tillguard

@Suite("More than the disk takes at once")
struct BackPressureTests {
    @Test("Terminals that send faster than the journal is written wait in their sockets; none is told to reverse")
    func messages() async throws {
        let each = 120
        try await ServerHouse.with(limits: GateLimits(queuedRecordsMax: 64)) { house in
            var ends: [(till: Till, line: Line)] = []
            for index in 0..<3 {
                let (till, line) = try await house.till(index)
                ends.append((till, line))
            }
            for (index, end) in ends.enumerated() {
                var bytes: [UInt8] = []
                for _ in 0..<each {
                    let sale = await end.till.purchase(.init(DemoEstate.cards[index], 1))
                    bytes += framed(try await end.till.protect(sale))
                }
                try await end.line.write(bytes)
            }
            for end in ends {
                for number in 0..<each {
                    let answer = try #require(try await end.line.receive().flatMap { WireMessage($0) })
                    #expect(answer[39] == "00", "sale \(number)")
                }
            }
            #expect(try house.sales().count == ends.count * each)
        }
    }

    @Test("Commands by the thousand are all taken, in portions")
    func commands() async throws {
        try await ServerHouse.with { house in
            let range = try await house.deployment.server.read { $0.estate.compatibility }
            let before = try house.journalCount()
            let command = (command: Command.setCompatibility(range), principal: Deployment.system)
            try await house.deployment.server.submit(Array(repeating: command, count: 70_000))
            #expect(try house.journalCount() == before + 70_000)
        }
    }

    @Test("A till whose terminal is stopped says so in words, with the warning's code and title")
    func words() async throws {
        try await ServerHouse.with { house in
            try await BankHouse.with(house, tills: [0]) { bank in
                try await bank.isReady(0)
                let id = DemoEstate.tills[0].id
                #expect(await bank.bank.setFault(id, "tamper", repair: false))
                let card = DemoEstate.cards[0]
                let sale = TillSale(
                    pan: card.pan, expiry: card.expiry, amount: Money(minorUnits: 1_00, DemoEstate.currency),
                    goods: [], wantsPIN: false)
                #expect(await bank.bank.startSale(id, sale))
                try await eventually("the sale's end") { await bank.bank.screen(id)?.lastOutcome == "refused" }
                let said = await bank.bank.screen(id)?.lastCode
                #expect(said == "halted: T01 \(WarningCode.t01.entry.title.en)")
            }
        }
    }
}
