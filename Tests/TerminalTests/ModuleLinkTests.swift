// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct ModuleLinkTests {
    @Test func `Three heartbeats without an answer are L01`() {
        var rig = Rig.ready()
        rig.wait(.seconds(2))
        rig.isModuleSilent = true
        rig.wait(.seconds(2))
        for _ in 0..<2 {
            rig.wait(.seconds(2))
            #expect(rig.halts.isEmpty)
        }
        rig.wait(.seconds(2))
        #expect(rig.halts == [[.l01]])
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.l01]))
    }

    @Test func `A lost module takes a sale in flight back and delivers it when it returns`() {
        var rig = ReversalTests.inFlight()
        rig.isHostSilent = false
        rig.isModuleSilent = true
        rig.fire(.moduleLost)
        #expect(rig.outcome == .reversed(.notFinished, STAN(3)))
        rig.wait(.minutes(1))
        #expect(rig.terminal.openReversalCount == 1)
        rig.isModuleSilent = false
        rig.wait(.seconds(2))
        #expect(rig.terminal.openReversalCount == 0)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        #expect(rig.shown.last == .text("terminal.ready"))
    }

    @Test func `A module that comes back sells again only with a fresh lease`() {
        var rig = Rig.ready()
        rig.fire(.moduleLost)
        rig.isHostSilent = true
        rig.wait(.seconds(2))
        #expect(rig.terminal.moduleStatus?.state == .ready)
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.l01]))
        rig.isHostSilent = false
        rig.wait(.minutes(1))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `A module with another key profile does not fit`() {
        var rig = Rig.ready()
        rig.module.profile = .aes
        rig.wait(.seconds(2))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.c01]))
    }

    @Test func `An overdue self-test is asked for once, in a quiet moment`() {
        var rig = Rig.ready()
        rig.fire(.startSale(Rig.sale()))
        rig.module.warnings = [.s03]
        rig.wait(.seconds(4))
        #expect(!rig.effects.contains(.module(.selfTest)))
        rig.fire(.keypadConfirmed)
        rig.wait(.seconds(4))
        #expect(rig.effects.count { $0 == .module(.selfTest) } == 1)
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `A reply out of turn counts as the loss of the module`() {
        var rig = Rig.ready()
        rig.isModuleSilent = true
        rig.step(.moduleReply(.answerAuthentic(true)))
        #expect(rig.logs.prefix(2) == [.moduleOutOfTurn, .moduleLost])
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.l01]))
        rig.step(.moduleReply(.answerAuthentic(true)))
        #expect(rig.logs.last == .moduleReplyStale)
    }

    @Test func `A module that has gone quiet is not flooded with commands`() {
        var rig = Rig.ready()
        rig.isModuleSilent = true
        for _ in 0..<20 {
            rig.step(.startSale(Rig.sale()))
            rig.step(.cancel)
        }
        #expect(rig.terminal.module.errands.count == ModuleLink.errandsMax / 2)
        #expect(rig.outcomes.contains(.refused(.busy)))
        rig.clear()
        for _ in 0..<20 { rig.wait(.seconds(2)) }
        // Three heartbeats until it counts as lost, and one question with each from then on.
        #expect(rig.effects.count { if case .module = $0 { true } else { false } } <= 20)
    }
}
