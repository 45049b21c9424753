// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import Testing
import Vocabulary

@Suite("One-time tokens")
struct TokenTests {
    @Test(
        "the death token raises tampering and nothing gentler",
        arguments: [
            ([], [WarningCode.t01]), ([.t02], [.t02]), ([.s01, .k02], [.s01]), ([.l01, .h01], [.t01]),
        ] as [([WarningCode], [WarningCode])])
    func death(codes: [WarningCode], opened: [WarningCode]) throws {
        var desk = try Desk.active()
        guard let record = desk.estate.decideTokenReport(Desk.id, token: Desk.death, codes: codes) else {
            throw Missing()
        }
        desk.apply(record)
        #expect(try desk.terminal.warnings.map(\.code) == opened)
        #expect(try desk.terminal.lifecycle == .tampered)
    }

    /// The application holds this token, for a module that cannot speak: it may stop its terminal, and erase nothing.
    @Test(
        "the link token raises what halts and can be cleared again, and nothing graver; it moves no counter",
        arguments: [
            ([], [WarningCode.l01]), ([.l01], [.l01]), ([.l03], [.l03]), ([.t01, .k04, .s01], [.l01]),
            ([.l01, .l03, .t01], [.l01, .l03]), ([.k02], [.k02]), ([.l02, .k01, .h03], [.l01]), ([.t05, .h05], [.l01]),
        ] as [([WarningCode], [WarningCode])])
    func link(codes: [WarningCode], opened: [WarningCode]) throws {
        var desk = try Desk.active()
        let before = try desk.terminal
        guard let record = desk.estate.decideTokenReport(Desk.id, token: Desk.link, codes: codes) else {
            throw Missing()
        }
        desk.apply(record)
        var after = try desk.terminal
        #expect(after.warnings.map(\.code) == opened)
        #expect(after.lifecycle == .halted)
        after.warnings = before.warnings
        after.lifecycle = before.lifecycle
        #expect(after == before, "nothing else has moved")
    }

    @Test("any other token is nobody's")
    func others() throws {
        var desk = try Desk.active()
        let other = TerminalID("TILL0002")!
        try desk.add(other, serial: 78)
        for token in [[], Desk.nonce, Desk.death + [0], Array(Desk.death.dropLast())] {
            #expect(desk.estate.decideTokenReport(Desk.id, token: token, codes: [.t01]) == nil)
        }
        #expect(desk.estate.decideTokenReport(other, token: Desk.death, codes: [.t01]) == nil, "another terminal's")
        #expect(desk.estate.decideTokenReport(TerminalID("GHOST")!, token: Desk.death, codes: []) == nil)
    }

    @Test("a new lease voids the old link token")
    func renewed() throws {
        var desk = try Desk.active()
        desk.evidence.linkTokenHash = [UInt8](repeating: 3, count: 32)
        #expect(isGranted(desk.signOn()))
        #expect(desk.estate.decideTokenReport(Desk.id, token: Desk.link, codes: []) == nil)
        #expect(desk.estate.decideTokenReport(Desk.id, token: Desk.death, codes: []) != nil)
    }

    @Test("a link that was lost comes back by the module's own proof")
    func linkRestored() throws {
        var desk = try Desk.active()
        guard let record = desk.estate.decideTokenReport(Desk.id, token: Desk.link, codes: [.l01]) else {
            throw Missing()
        }
        desk.apply(record)
        #expect(desk.refusal == .moduleHalted)
        #expect(isGranted(desk.signOn()))
        #expect(desk.refusal == nil)
    }
}
