// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ModuleProtocol
import SecurityModule
import Testing
import Vocabulary

/// A terminal without a POS application and with a module that lies: only the host is left to stop it.
@Suite("Only the host refuses")
struct HostRefusesTests {
    /// How the host learns of each: by a report, by evidence, or by the module's link being lost.
    enum Warning: String, CaseIterable { case tamper, selfTest, missingKey, notActivated, incompatible, loose }

    @Test(
        "under each warning that the host knows of, a module that says “ready” sells nothing",
        arguments: Warning.allCases)
    func refuses(warning: Warning) throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", .aes)
        let card = try bench.card()
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "00")
        let code: WarningCode
        switch warning {
        case .tamper:
            code = .t01
            #expect(try bench.send(try till.tokenReport(till.token, "T01")).code == "00")
        case .loose:
            code = .l01
            // The load terminal's two tokens are one, and the death token is tried first: its link is lost by report.
            #expect(try bench.send(try till.report("L01")).code == "00")
        case .selfTest, .missingKey, .notActivated, .incompatible:
            code =
                switch warning {
                case .selfTest: .h01
                case .missingKey: .k02
                case .notActivated: .a01
                default: .c02
                }
            #expect(try bench.send(try till.report(code.rawValue)).code == "00")
        }
        #expect(try bench.terminal(till.id).haltingWarning == code)
        #expect(try bench.terminal(till.id).lifecycle == (warning == .tamper ? .tampered : .halted))
        let issuer = bench.issuerState
        for pin in [card.pin, "0000"] {
            let reply = try till.sell(SaleSpec(card, pin: pin))
            #expect(reply.code == "TH" && reply.isSealed)
        }
        #expect(bench.issuerState == issuer)
        try bench.check()
    }

    @Test("so does a terminal that was never activated, is suspended, or never signed on")
    func neverActive() throws {
        let bench = try Bench()
        let raw = try bench.till(signsOn: false)
        let card = try bench.card()
        #expect(try raw.sell(SaleSpec(card, pin: card.pin)).code == "TA")
        #expect(try raw.signOn().code == "TR")
        try bench.submit(.activate(raw.id), by: Bench.alice)
        #expect(bench.refusal(.activate(raw.id), by: Bench.alice) == .estate(.secondPersonRequired))
        #expect(try raw.signOn().code == "TR")
        try bench.submit(.activate(raw.id), by: Bench.bob)
        #expect(try raw.sell(SaleSpec(card, pin: card.pin)).code == "TA")
        #expect(try raw.signOn().code == "00")
        #expect(try raw.sell(SaleSpec(card, pin: card.pin)).code == "00")
        try bench.submit(.suspend(raw.id), by: Bench.alice)
        #expect(try raw.sell(SaleSpec(card, pin: card.pin)).code == "TA")
        #expect(try raw.signOn().code == "TR")
        try bench.submit(.resume(raw.id), by: Bench.alice)
        #expect(try raw.sell(SaleSpec(card, pin: card.pin)).code == "00")
        try bench.check()
    }

    @Test("a suspension hides no warning: what was open halts again on resumption")
    func suspendedWarning() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        #expect(try bench.send(try till.report("K02")).code == "00")
        try bench.submit(.suspend(till.id), by: Bench.alice)
        try bench.submit(.resume(till.id), by: Bench.alice)
        #expect(try bench.terminal(till.id).lifecycle == .halted)
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "TH")
        try bench.submit(.clearWarning(till.id, .k02), by: Bench.alice)
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "TH", "cleared, and not yet proved")
        #expect(try till.signOn().code == "00")
        #expect(try till.sell(SaleSpec(card, pin: card.pin)).code == "00")
        try bench.check()
    }
}
