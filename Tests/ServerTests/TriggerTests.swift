// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import HostServer
import Issuer
import SecurityTriggers
import Testing
import Vocabulary

@testable import tillguard

@Suite("The four triggers of the shipped rules")
struct TriggerTests {
    /// The rules that hit on the last sale.
    private func fired(_ house: ServerHouse) async throws -> [String] {
        guard let evaluation = try house.sales().last?.evaluation else { return [] }
        return try await house.deployment.server.read { $0.firedRules(evaluation) }
    }

    private func cases(_ house: ServerHouse) async throws -> [FraudCase] {
        try await house.deployment.server.read { $0.issuer.cases.values }
    }

    @Test(
        "A stolen or a lost card is refused with its PIN untried, and the issuer has a case",
        arguments: [(8, "stolen_card", Intent.stolenCard), (9, "lost_card", .lostCard)])
    func hotCard(card: Int, rule: String, intent: Intent) async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let card = DemoEstate.cards[card]
            for pin in [card.pin, [9, 9, 9, 9], [9, 9, 9, 9], [9, 9, 9, 9]] {
                let answer = try await till.sell(.init(card, 80_00, pin: pin), on: line)
                #expect(answer.code == "62" && answer.isAuthentic)
            }
            let sales = try house.sales()
            #expect(sales.allSatisfy { $0.answer.intent == intent && $0.pin == .untried })
            #expect(try await fired(house).contains(rule))
            let opened = try await cases(house)
            #expect(opened.count == 1 && opened[0].rules.contains(rule) && opened[0].stopped)
        }
    }

    @Test("The third wrong PIN in a short time locks the card, and the right one does not open it")
    func wrongPINs() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let (other, otherLine) = try await house.till(5)
            let card = DemoEstate.cards[0]
            let wrong: [UInt8] = [4, 3, 2, 1]
            #expect(try await till.sell(.init(card, 80_00, pin: wrong), on: line).code == "55")
            #expect(try await other.sell(.init(card, 80_00, pin: wrong), on: otherLine).code == "55")
            #expect(try await till.sell(.init(card, 80_00, pin: wrong), on: line).code == "62")
            #expect(try await fired(house).contains("wrong_pin_burst"))
            #expect(try await till.sell(.init(card, 80_00, pin: card.pin), on: line).code == "62")
            #expect(
                try house.sales().map(\.answer.intent) == [.wrongPIN, .wrongPIN, .pinTriesExceeded, .pinTriesExceeded])
            #expect(try await cases(house).contains { $0.rules.contains("wrong_pin_burst") })
            #expect(try await house.available(0) == 5_000_00)
        }
    }

    @Test("A right PIN between wrong ones starts the count again")
    func wrongPINsInterrupted() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let card = DemoEstate.cards[0]
            var codes: [String] = []
            for pin in [[4, 3, 2, 1], [4, 3, 2, 1], card.pin, [4, 3, 2, 1], [4, 3, 2, 1], card.pin] {
                codes.append(try await till.sell(.init(card, 60_00, pin: pin), on: line).code)
            }
            #expect(codes == ["55", "55", "00", "55", "55", "00"])
        }
    }

    @Test(
        "The third large amount at a third terminal waits for a call and shows the reference to quote; confirmed, it passes once"
    )
    func largeAmounts() async throws {
        try await ServerHouse.with { house in
            let card = DemoEstate.cards[3]
            var answers: [Till.Answer] = []
            for (index, till) in [0, 2, 5].enumerated() {
                let (till, line) = try await house.till(till)
                answers.append(try await till.sell(.init(card, Int64(310_00 + index), pin: card.pin), on: line))
                guard index == 2 else { continue }
                #expect(answers.map(\.code) == ["00", "00", "01"])
                let reference = try #require(answers[2].message[44])
                #expect(reference.hasPrefix("R-"))
                #expect(try await fired(house) == ["large_amounts_spread"])
                let opened = try await cases(house)
                #expect(opened.map(\.reference) == [reference])
                // The cardholder has called; the clerk tries again, twice.
                let analyst = Principal(staff: StaffID(packed: 0x4131_0000_0000_0000), role: .analyst)
                try await house.deployment.server.submit(.confirmCase(CaseID(1), factor: false), by: analyst)
                #expect(try await till.sell(.init(card, 310_02, pin: card.pin), on: line).code == "00")
                #expect(try await till.sell(.init(card, 310_02, pin: card.pin), on: line).code == "01")
            }
            #expect(try await house.available(3) == 5_000_00 - 310_00 - 310_01 - 310_02)
        }
    }

    @Test("Large amounts at one terminal, or small ones at three, are nobody's business")
    func notLarge() async throws {
        try await ServerHouse.with { house in
            let tills = [try await house.till(0), try await house.till(2), try await house.till(5)]
            for _ in 0..<3 {
                let card = DemoEstate.cards[3]
                #expect(try await tills[0].0.sell(.init(card, 310_00, pin: card.pin), on: tills[0].1).code == "00")
            }
            for (till, line) in tills {
                let card = DemoEstate.cards[4]
                #expect(try await till.sell(.init(card, 299_99, pin: card.pin), on: line).code == "00")
            }
        }
    }

    @Test(
        "Restricted goods ask for more, and an identity document or the transaction password is enough",
        arguments: ["ID", "PW"])
    func restrictedGoods(proof: String) async throws {
        try await ServerHouse.with { house in
            // A tobacconist's by its category, whatever the message says.
            let (till, line) = try await house.till(3)
            let card = DemoEstate.cards[5]
            let asked = try await till.sell(.init(card, 250_00, pin: card.pin), on: line)
            #expect(asked.code == "1A" && asked.isAuthentic)
            let challenge = try #require(asked.message[44])
            #expect(try await fired(house) == ["restricted_goods"])

            func answered(_ minorUnits: Int64, _ pin: [UInt8]) async throws -> String {
                try await till.sell(.init(card, minorUnits, pin: pin, stepUp: (challenge, proof)), on: line).code
            }
            let typed = proof == "PW" ? card.password : card.pin
            #expect(try await answered(250_00, typed) == "00")
            // A challenge is answered once.
            #expect(try await answered(250_00, typed) == "05")
            #expect(try await house.available(5) == 5_000_00 - 250_00)
        }
    }

    @Test(
        "A challenge answered for another amount or with a wrong password proves nothing",
        arguments: [(251_00, true), (250_00, false)])
    func wrongProof(amount: Int64, right: Bool) async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till(3)
            let card = DemoEstate.cards[5]
            let asked = try await till.sell(.init(card, 250_00, pin: card.pin), on: line)
            let challenge = try #require(asked.message[44])
            let password = right ? card.password : [1, 1, 1, 1, 1, 1]
            let answer = try await till.sell(.init(card, amount, pin: password, stepUp: (challenge, "PW")), on: line)
            #expect(answer.code == "05" && answer.isAuthentic)
            #expect(try await house.available(5) == 5_000_00)
        }
    }

    @Test("Restricted goods named by the till count where the merchant's category does not")
    func goodsByName() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till(0)
            let card = DemoEstate.cards[5]
            let plain = try await till.sell(.init(card, 250_00, pin: card.pin, goods: "GROCERY"), on: line)
            #expect(plain.code == "00")
            let luxury = try await till.sell(.init(card, 250_00, pin: card.pin, goods: "GROCERY,LUXURY"), on: line)
            #expect(luxury.code == "1A")
        }
    }
}
