// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

/// Rules R7 and R9: a token stops its own terminal and does nothing else.
@Suite("One-time tokens")
struct TokenTests {
    @Test("the death token stops exactly its own terminal", arguments: ["T01", "S01", "H01", "", "NONSENSE"])
    func deathToken(codes: String) throws {
        let bench = try Bench()
        let till = try bench.till()
        let other = try bench.till("TILL0002", .aes)
        other.token = [UInt8](repeating: 0x33, count: 16)
        #expect(try other.signOn().code == "00")
        let card = try bench.card()
        let before = try bench.terminal(other.id)
        let reply = try bench.send(try till.tokenReport(till.token, codes.isEmpty ? nil : codes))
        // A receipt, and no MAC: the terminal's keys are gone.
        #expect(reply.code == "00" && !reply.isSealed)
        let terminal = try bench.terminal(till.id)
        #expect(terminal.lifecycle == .tampered)
        #expect(terminal.warnings.map(\.code) == (codes == "S01" ? [.s01] : [.t01]))
        #expect(try bench.terminal(other.id) == before)
        #expect(try till.sell(SaleSpec(card)).code == "TH")
        #expect(bench.lastIntent == .moduleTampered)
        #expect(try other.sell(SaleSpec(card)).code == "00")
        // Latched: no sign-on brings it back.
        #expect(try till.signOn().code == "TR")
        #expect(try bench.terminal(till.id).lifecycle == .tampered)
        try bench.check()
    }

    @Test("a wrong token, another terminal's token, an empty and a longer one do nothing")
    func wrongTokens() throws {
        let bench = try Bench()
        let till = try bench.till()
        let other = try bench.till("TILL0002")
        other.token = [UInt8](repeating: 0x33, count: 16)
        #expect(try other.signOn().code == "00")
        let before = bench.digest
        for token in [[UInt8](repeating: 1, count: 16), other.token, [0x5A], till.token + [0], SHA256.hash(till.token)]
        {
            let reply = try bench.send(try till.tokenReport(token, "T01"))
            #expect(reply.code == "TM" && !reply.isSealed)
        }
        #expect(bench.digest == before)
    }

    @Test("a token shown again, by whoever has seen it, writes nothing more")
    func replayedToken() throws {
        let bench = try Bench()
        let till = try bench.till()
        let bytes = try till.tokenReport(till.token, "T01")
        #expect(try bench.send(bytes).code == "00")
        let before = bench.digest
        for _ in 0..<10 { #expect(try bench.send(bytes).code == "00") }
        #expect(bench.digest == before)
    }

    @Test("a report may open a warning and clears none, whatever it names")
    func reportsClearNothing() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        #expect(try bench.send(try till.report("H05,K02,,X99,K02")).code == "00")
        #expect(try bench.terminal(till.id).warnings.map(\.code) == [.h05, .k02])
        #expect(try bench.terminal(till.id).lifecycle == .halted)
        #expect(try till.sell(SaleSpec(card)).code == "TH")
        #expect(try bench.send(try till.report("H05")).code == "00")
        #expect(try bench.terminal(till.id).warnings.map(\.code) == [.h05, .k02])
        try bench.check()
    }

    @Test("a report is taken from an authentic module only, and must name a warning")
    func poorReports() throws {
        let bench = try Bench()
        let till = try bench.till()
        var bytes = try till.report("K02")
        bytes[bytes.count - 1] ^= 1
        let before = bench.digest
        #expect(try bench.send(bytes).code == "TM")
        #expect(bench.digest == before)
        #expect(try bench.send(try till.report("NONSENSE")).code == "30")
        #expect(try bench.terminal(till.id).warnings.isEmpty)
    }

    @Test("an advisory stops nothing; what stops new sales stops no reversal")
    func graded() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        #expect(try bench.send(try till.report("H05")).code == "00")
        let (stan, at) = (till.stan, bench.now)
        #expect(try till.sell(SaleSpec(card)).code == "00")
        #expect(try bench.send(try till.report("S04")).code == "00")
        #expect(try bench.terminal(till.id).lifecycle == .active)
        #expect(try till.sell(SaleSpec(card)).code == "TH")
        #expect(try bench.send(try till.reversal(of: stan, at: at, amount: 12_50, card: card)).code == "00")
        try bench.check()
    }

    @Test("an event that the module counts must be reported before the next sale, by whatever code")
    func eventCounter() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        till.module.claims.eventCounter += 1
        #expect(try till.sell(SaleSpec(card)).code == "TH")
        #expect(try bench.send(try till.report("H05")).code == "00")
        #expect(try till.sell(SaleSpec(card)).code == "00")
        till.module.claims.eventCounter -= 1
        #expect(try till.sell(SaleSpec(card)).code == "TH", "a counter that falls is no proof")
    }
}
