// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Terminal
import TerminalAgent
import Testing
import Vocabulary

@testable import tillguard

@Suite("Answers that do not arrive as they were sent")
struct LostAnswerTests {
    /// What befalls the answers, in the order they come: the nth of a message type.
    private struct Accident: Sendable {
        var mti: String
        var times: Int
        var fate: @Sendable ([UInt8]) -> Proxy.Fate
    }

    /// Sells once for 20.00 through a line with accidents; the terminal must get over them.
    private func sell(_ accidents: [Accident], card: Int = 0) async throws -> (
        outcome: SaleOutcome, records: [HostRecord]
    ) {
        try await ServerHouse.with { house in
            let seen = Shared([String: Int]())
            let proxy = try await Proxy.start(to: house.port) { message in
                let mti = String(decoding: message[..<4], as: UTF8.self)
                let count = seen.change { seen in
                    seen[mti, default: 0] += 1
                    return seen[mti] ?? 0
                }
                guard let accident = accidents.first(where: { $0.mti == mti && count <= $0.times }) else {
                    return .pass
                }
                return accident.fate(message)
            }
            let outcome = try await BankHouse.with(house, tills: [1], port: proxy.port) { bank in
                try await bank.isReady(1)
                let outcome = try #require(try await bank.sell(1, card: card, 20_00, pin: false))
                try await eventually("no open reversal") {
                    await bank.bank.screen(DemoEstate.tills[1].id)?.openReversals == 0
                }
                // The line works again.
                guard case .approved = try await bank.sell(1, card: 1, 10_00, pin: false) else {
                    Issue.record("the terminal does not trade again")
                    return outcome
                }
                return outcome
            }
            try await proxy.close()
            #expect(try await house.available(card) == 5_000_00)
            #expect(try await house.available(1) == 5_000_00 - 10_00)
            return (outcome, try house.records())
        }
    }

    private func fail(_ outcome: SaleOutcome) { Issue.record("\(outcome)") }

    private func reversals(_ records: [HostRecord]) -> [Reversal] {
        records.compactMap { if case .reversal(let reversal) = $0.body { reversal } else { nil } }
    }

    @Test("A lost answer leads to a reversal that takes effect once")
    func lostAnswer() async throws {
        let (outcome, records) = try await sell([Accident(mti: "0210", times: 1) { _ in .lose }])
        guard case .reversed(.noAnswer, _) = outcome else { return fail(outcome) }
        #expect(reversals(records).count == 1)
        #expect(reversals(records).allSatisfy { $0.answer.intent == .reversalAccepted && $0.card != nil })
    }

    @Test("When the reversal's answers are lost too, its repeats restore the balance once")
    func lostReversalAnswers() async throws {
        let (outcome, records) = try await sell([
            Accident(mti: "0210", times: 1) { _ in .lose }, Accident(mti: "0410", times: 2) { _ in .lose },
        ])
        guard case .reversed(.noAnswer, _) = outcome else { return fail(outcome) }
        // One that took effect; the repeats are records of used keys or reversals of nothing.
        #expect(reversals(records).count { $0.card != nil } == 1)
    }

    @Test("An answer with one bit of its MAC turned settles nothing")
    func turnedMAC() async throws {
        let (outcome, records) = try await sell([
            Accident(mti: "0210", times: 1) { message in
                .alter(Array(message.dropLast()) + [(message.last ?? 0) ^ 0x01])
            }
        ])
        guard case .reversed(.macFailed, _) = outcome else { return fail(outcome) }
        #expect(reversals(records).count { $0.card != nil } == 1)
    }

    @Test("A refusal turned into an approval on the way does not become one")
    func forgedApproval() async throws {
        // Card 8 is stolen: the host says 62 or 04, somebody makes it 00.
        let (outcome, records) = try await sell(
            [
                Accident(mti: "0210", times: 1) { message in
                    guard var forged = WireMessage(message) else { return .pass }
                    forged[39] = "00"
                    return .alter(forged.encoded().bytes)
                }
            ], card: 8)
        guard case .reversed(.macFailed, _) = outcome else { return fail(outcome) }
        #expect(reversals(records).allSatisfy { $0.card == nil })
    }

    @Test("A sale whose reversal came first is refused when it comes, and nothing moves")
    func reversalFirst() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let sale = await till.purchase(.init(DemoEstate.cards[0], 12_00))
            let late = try await till.protect(sale)
            let reversal = try await till.ask(till.protect(till.reversal(of: sale)), on: line)
            #expect(reversal.code == "25" && reversal.isAuthentic)
            try await line.send(late)
            let answer = try #require(try await line.receive().flatMap { WireMessage($0) })
            #expect(answer[39] == "12")
            #expect(try await house.available(0) == 5_000_00)
        }
    }
}
