// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import Testing
import Vocabulary

@testable import tillguard

@Suite("Messages that are refused")
struct RefusalTests {
    private static let sale = Till.Sale(DemoEstate.cards[0], 1_200)

    /// The answer to one message of the first till: its code, and whether it has a MAC.
    private func answer(
        to line: Line, _ till: Till, _ bytes: [UInt8]
    ) async throws -> (code: String, isSealed: Bool, isAuthentic: Bool) {
        let answer = try await till.ask(bytes, on: line)
        return (answer.code, answer.isSealed, answer.isAuthentic)
    }

    @Test("A message that cannot be authenticated is answered without a MAC and leaves no trace in the journal")
    func unauthentic() async throws {
        try await ServerHouse.with { house in
            try await Neighbour.trading(beside: house) {
                let (till, line) = try await house.till()
                let stranger = try Till(
                    try #require(TerminalID("GHOST001")), .tdes, merchant: DemoEstate.shops[0].id, serial: 1,
                    module: house.module)
                func sale() async -> WireMessage { await till.purchase(Self.sale) }
                func own() throws -> Int { try house.records().count { $0.isAbout(till.id) } }
                let before = try own()

                func expect(_ code: String, _ what: String, _ bytes: [UInt8]) async throws {
                    let answer = try await till.ask(bytes, on: line)
                    #expect(answer.code == code, "\(what)")
                    #expect(!answer.isSealed, "\(what)")
                }
                try await expect("TU", "an unknown terminal", try await stranger.protect(stranger.purchase(Self.sale)))

                var message = try await till.protect(sale())
                message[message.count - 1] ^= 1
                try await expect("TM", "a wrong MAC", message)

                message = try await till.protect(sale())
                let amount = try #require(message.firstRange(of: Array("000000001200".utf8)))
                message[amount.upperBound - 1] = 0x39
                try await expect("TM", "an altered amount", message)

                try await expect("30", "no MAC, no KSN and no health element", await sale().encoded().bytes)

                var bare = await sale()
                bare.fields[62] = [UInt8](repeating: 0, count: 10)
                bare.fields[63] = [UInt8](repeating: 0, count: 36)
                try await expect("30", "no MAC", bare.encoded().bytes)

                bare.fields[64] = [UInt8](repeating: 0, count: 8)
                for length in [1, 9, 11, 12, 16] {
                    bare.fields[62] = [UInt8](repeating: 0, count: length)
                    try await expect("TM", "a KSN of \(length) bytes", bare.encoded().bytes)
                }

                // A neighbour's KSN: keys, KSN and MAC are another terminal's, DE 41 is not.
                let other = try Till(
                    DemoEstate.tills[3].id, .tdes, merchant: DemoEstate.shops[0].id, serial: 1, module: house.module)
                var borrowed = await other.purchase(Self.sale)
                borrowed[41] = till.id.description
                try await expect("TM", "the KSN of another terminal", try await other.protect(borrowed))

                #expect(try own() == before)
                #expect(try await answer(to: line, till, till.protect(sale())) == ("00", true, true))
            }
        }
    }

    @Test("A message type that is not served gets 40 in a response of its class, whether it is known or not")
    func notServed() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let before = try house.journalCount()
            for mti in ["0420", "0421", "0110", "0210", "0410", "0810"] {
                var message = await till.purchase(Self.sale)
                message.mti = mti
                if ["0110", "0210", "0410", "0810"].contains(mti) { message[39] = "00" }
                if mti == "0810" { for field in [2, 3, 4, 14, 22, 25, 49] { message.fields[field] = nil } }
                if mti == "0410" { message[14] = nil }
                if mti.hasPrefix("042") {
                    message[90] = String(repeating: "0", count: 42); message[14] = nil; message[22] = nil
                }
                let bytes = try #require(try await line.ask(message.encoded().bytes), "\(mti)")
                let answer = try await till.read(bytes)
                #expect(answer.code == "40" && !answer.isSealed, "\(mti): \(answer.message.mti) \(answer.code)")
            }
            #expect(try house.journalCount() == before)
        }
    }

    @Test("A message type outside the dialect closes the connection", arguments: ["0300", "1200", "0999", "02A0"])
    func unknownType(mti: String) async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            var message = await till.purchase(Self.sale)
            message.mti = mti
            #expect(try await line.ask(message.encoded().bytes) == nil)
        }
    }

    @Test("A sale without a health element is a format error and is answered without a MAC")
    func noHealthElement() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            var message = await till.purchase(Self.sale)
            message.fields[62] = [UInt8](repeating: 0, count: 10)
            message.fields[64] = [UInt8](repeating: 0, count: 8)
            let answer = try await till.ask(message.encoded().bytes, on: line)
            #expect(answer.code == "30")
            #expect(!answer.isSealed)
        }
    }

    @Test("The same bytes again get the same answer and no second debit")
    func repeatedBytes() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let before = try await house.available(0)
            let message = try await till.protect(till.purchase(Self.sale))
            let first = try await till.ask(message, on: line)
            #expect(first.code == "00" && first.isAuthentic)
            let count = try house.journalCount()
            for _ in 0..<3 {
                let other = try await house.line()
                #expect(try await other.ask(message) == first.bytes)
            }
            #expect(try house.journalCount() == count)
            #expect(try await house.available(0) == before - 1_200)
        }
    }

    @Test("Other bytes under a used KSN are refused, counted against the terminal, and debit nothing")
    func reusedKSN() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let first = try await till.sell(Self.sale, on: line)
            #expect(first.code == "00")
            // The same keys once more from the counter that the sale has used: sign-on 1, sale 2.
            let clone = try Till(DemoEstate.tills[0], module: house.module, firstCounter: 2)
            await clone.claim(till.claims)
            let answer = try await clone.ask(clone.protect(clone.purchase(.init(DemoEstate.cards[0], 9_999))), on: line)
            #expect(answer.code == "TM" && answer.isAuthentic)
            #expect(try await house.terminal(till.id).ksnConflicts == 1)
            #expect(try await house.terminal(till.id).warnings.map(\.code) == [.k04])
            #expect(try await house.terminal(till.id).lifecycle == .halted)
            #expect(try await house.available(0) == 5_000_00 - 1_200)
            #expect(try house.lastRefusal() == .ksnRefused)
            #expect(try await till.sell(Self.sale, on: line).code == "TH")
        }
    }

    @Test("The same trace number with another amount or card is answered 94 and debits nothing")
    func repeatedSTAN() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let sale = await till.purchase(Self.sale)
            #expect(try await till.ask(till.protect(sale), on: line).code == "00")
            var other = sale
            other[4] = "000000009900"
            #expect(try await answer(to: line, till, till.protect(other)) == ("94", true, true))
            other = sale
            other.fields[2] = DemoEstate.cards[1].pan.ascii
            #expect(try await answer(to: line, till, till.protect(other)) == ("94", true, true))
            // The same content under a fresh KSN is a repeat.
            let again = try await till.ask(till.protect(sale), on: line)
            #expect(again.code == "00" && again.isAuthentic)
            #expect(try house.sales().count == 1)
            #expect(try await house.available(0) == 5_000_00 - 1_200)
            #expect(try await house.available(1) == 5_000_00)
        }
    }

    @Test("A health element that its own claims contradict is refused before any card is looked at")
    func falseClaims() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            let sound = await till.claims
            func refused(_ change: (inout HealthClaims) -> Void) async throws -> Intent? {
                var claims = sound
                claims.counter = await till.claims.counter
                change(&claims)
                await till.claim(claims)
                _ = try await till.sell(Self.sale, on: line)
                return try house.lastRefusal()
            }
            #expect(try await refused { $0.leaseID += 1 } == .leaseExpired)
            #expect(try await refused { $0.eventCounter += 1 } == .healthNotProved)
            #expect(try await refused { $0.identityEpoch += 1 } == .healthNotProved)
            #expect(try await refused { $0.counter -= 1 } == .healthNotProved)
            #expect(try await refused { $0.state = .halted } == .moduleHalted)
            #expect(try await refused { $0.state = .tampered } == .moduleTampered)
            #expect(try house.sales().isEmpty)
            var claims = sound
            claims.counter = 40
            await till.claim(claims)
            #expect(try await till.sell(Self.sale, on: line).code == "00")
        }
    }

    @Test("A health element rewritten on the way fails, although whoever did it could read everything")
    func rewrittenHealth() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            var message = try await till.protect(till.purchase(Self.sale))
            let element = try #require(message.firstRange(of: Array("036".utf8) + [1, ModuleState.ready.rawValue]))
            message[element.upperBound] ^= 0x01
            #expect(try await answer(to: line, till, message) == ("TM", false, false))
        }
    }

    @Test("A merchant number that is not the terminal's is refused")
    func otherMerchant() async throws {
        try await ServerHouse.with { house in
            let (till, line) = try await house.till()
            var sale = await till.purchase(Self.sale)
            sale[42] = "\(DemoEstate.shops[4].id.number)"
            #expect(try await answer(to: line, till, till.protect(sale)) == ("03", true, true))
        }
    }

    @Test("A terminal that was never activated cannot trade, whatever it proves")
    func notSignedOn() async throws {
        try await ServerHouse.with { house in
            let till = try Till(DemoEstate.tills[0], module: house.module)
            let line = try await house.line()
            #expect(try await till.sell(Self.sale, on: line).code == "TA")
            #expect(try house.lastRefusal() == .terminalNotActive)
        }
    }
}

extension HostRecord {
    /// Whether it came from a message of this terminal.
    func isAbout(_ terminal: TerminalID) -> Bool {
        switch body {
        case .authorisation(let record): record.usage.terminal == terminal
        case .refusal(let record): record.usage.terminal == terminal
        case .reversal(let record): record.usage.terminal == terminal
        case .repeated(let usage): usage.terminal == terminal
        default: false
        }
    }
}

extension ServerHouse {
    /// The intent of the last record, if it is a refusal.
    func lastRefusal() throws -> Intent? {
        switch try records().last?.body {
        case .refusal(let refusal), .contradiction(let refusal, _): refusal.answer.intent
        default: nil
        }
    }
}
