// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct HaltTests {
    /// Codes that stop at their mildest, as the catalogue has them.
    static let halting = WarningCode.allCases.filter { $0.entry.levels[0].halts == .all }
    static let restricting = WarningCode.allCases.filter { $0.entry.levels[0].halts == .newSales }
    static let advisory = WarningCode.allCases.filter { $0.entry.levels[0].halts == .none }

    @Test(arguments: halting)
    func `A module that claims to be ready with a halting warning open sells nothing`(code: WarningCode) {
        var rig = Rig.ready()
        rig.module.warnings = [code]
        rig.wait(.seconds(2))
        #expect(rig.halts == [[code]])
        #expect(rig.shown.contains(.warning(code)) && rig.shown.contains(.text("terminal.stopped")))
        rig.clear()
        rig.step(.startSale(Rig.sale(wantsPIN: false)))
        #expect(rig.outcome == .refused(.halted([code])))
        for event: TerminalEvent in [.keypadConfirmed, .cancel, .connected, .startSale(Rig.sale())] {
            rig.step(event)
            #expect(!rig.terminal.isSelling)
        }
        #expect(!rig.sent.contains { $0.mti == .financialRequest })
    }

    @Test(arguments: restricting)
    func `A restricting warning stops new sales and leaves the lease`(code: WarningCode) {
        var rig = Rig.ready()
        rig.module.warnings = [code]
        rig.wait(.seconds(2))
        #expect(rig.halts == [[code]])
        #expect(rig.terminal.refusal(now: rig.now) == .halted([code]))
        rig.module.warnings = []
        rig.wait(.seconds(2))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        #expect(rig.sent.map(\.mti) == [.administrativeAdvice])
    }

    @Test(arguments: advisory)
    func `An advisory is reported and stops nothing`(code: WarningCode) throws {
        var rig = Rig.ready()
        rig.module.warnings = [code]
        rig.wait(.seconds(2))
        #expect(rig.halts.isEmpty)
        let report = try #require(rig.sent.first)
        #expect(report.mti == .administrativeAdvice && report[.administrativeData] == code.rawValue)
        #expect(report.macField == 64 && report.bytes(63)?.count == 36 && !report.has(58))
        #expect(rig.terminal.openReportCount == 0)
        rig.sell()
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test(arguments: [ModuleState.halted, .unprovisioned, .tampered])
    func `A module that is not ready stops everything without naming a warning`(state: ModuleState) {
        var rig = Rig.ready()
        rig.module.state = state
        rig.wait(.seconds(2))
        #expect(rig.halts == [[]])
        #expect(rig.terminal.refusal(now: rig.now) == .halted([]))
    }

    @Test(arguments: Lifecycle.allCases.filter { !$0.mayTrade })
    func `A module outside ACTIVE sells nothing although it says that it is ready`(lifecycle: Lifecycle) {
        var rig = Rig.ready()
        rig.module.lifecycle = lifecycle
        rig.wait(.seconds(2))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([]))
    }

    @Test func `A warning during PIN entry ends the sale in the same step`() {
        var rig = Rig.ready()
        rig.fire(.startSale(Rig.sale()))
        rig.module.warnings = [.t01]
        rig.step(.moduleReply(.status(rig.module.status)))
        #expect(rig.outcome == .refused(.halted([.t01])))
        #expect(rig.effects.contains(.module(.cancelPINEntry)))
        #expect(rig.halts == [[.t01]])
        rig.step(.keypadConfirmed)
        rig.settle()
        #expect(!rig.sent.contains { $0.mti == .financialRequest })
    }

    @Test func `A warning while the sale is being protected keeps it from being sent`() {
        var rig = Rig.ready()
        rig.step(.startSale(Rig.sale(wantsPIN: false)))
        guard case .module(let command)? = rig.effects.last(where: { if case .module = $0 { true } else { false } })
        else { return #expect(Bool(false)) }
        let reply = rig.module.perform(command, now: rig.now)
        rig.module.warnings = [.h03]
        rig.step(.moduleReply(.status(rig.module.status)))
        #expect(rig.outcome == .refused(.halted([.h03])))
        rig.step(.moduleReply(reply))
        #expect(rig.logs.contains(.moduleReplyStale))
        #expect(!rig.sent.contains { $0.mti == .financialRequest } && rig.terminal.openReversalCount == 0)
    }

    @Test func `A warning while the sale is out reverses it in the same step and delivers while halted`() {
        var rig = ReversalTests.inFlight()
        rig.module.warnings = [.h01]
        rig.module.state = .halted
        rig.isHostSilent = false
        rig.host.evidenceCode = "TR"
        rig.step(.moduleReply(.status(rig.module.status)))
        #expect(rig.outcome == .reversed(.notFinished, STAN(3)))
        rig.settle()
        let reversal = rig.sent.first { $0.has(90) }
        #expect(reversal?[.responseCode] == "96")
        #expect(rig.terminal.openReversalCount == 0 && rig.terminal.openReportCount == 0)
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.h01]))
    }

    @Test func `An advisory leaves a sale that is out alone`() {
        var rig = ReversalTests.inFlight()
        let request = rig.sent[0].bytes
        rig.module.warnings = [.p02]
        rig.step(.moduleReply(.status(rig.module.status)))
        #expect(rig.outcome == nil)
        var host = FakeHost()
        rig.fire(.messageReceived(host.answer(request)!))
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `A cleared halt needs a fresh lease before the next sale`() {
        var rig = Rig.ready()
        rig.module.warnings = [.h01]
        rig.module.state = .halted
        rig.host.evidenceCode = "TR"
        rig.wait(.minutes(3))
        rig.module.warnings = []
        rig.module.state = .ready
        rig.isHostSilent = true
        rig.wait(.seconds(2))
        #expect(rig.terminal.refusal(now: rig.now) == .notSignedOn)
        rig.isHostSilent = false
        rig.host.evidenceCode = "00"
        rig.wait(.seconds(62))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `A tampered module leaves open reversals open, for the sealed journal`() {
        var rig = ReversalTests.inFlight()
        rig.module.state = .tampered
        rig.module.warnings = [.t02]
        rig.module.deathToken = [1]
        rig.isHostSilent = false
        rig.wait(.minutes(2))
        #expect(rig.outcomes == [.reversed(.notFinished, STAN(3))])
        #expect(rig.terminal.openReversalCount == 1)
        #expect(!rig.sent.contains { $0.has(90) })
    }

    @Test func `Another warning during a halt is told and reported too`() {
        var rig = Rig.ready()
        rig.module.warnings = [.h01]
        rig.wait(.seconds(2))
        rig.module.warnings = [.h01, .k02]
        rig.wait(.seconds(2))
        #expect(rig.halts == [[.h01], [.h01, .k02]])
        #expect(rig.sent.filter { $0.has(60) }.map { $0[.administrativeData] } == ["H01", "K02"])
    }
}
