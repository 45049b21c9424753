// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct EchoTests {
    private func ready() -> Rig {
        var configuration = Rig.configuration()
        configuration.echoInterval = .minutes(5)
        return Rig.ready(configuration)
    }

    private func echoes(_ rig: Rig) -> Int { rig.sent.count { $0[.networkCode] == 301 } }

    @Test func `A line that has been silent for as long is tested, and one that carries trade is not`() {
        var rig = ready()
        rig.wait(.minutes(5) + .seconds(-1))
        #expect(echoes(rig) == 0)
        rig.wait(.seconds(1))
        #expect(echoes(rig) == 1 && rig.terminal.isConnected)
        rig.wait(.minutes(4))
        rig.sell()
        rig.wait(.minutes(4))
        #expect(echoes(rig) == 1)
        rig.wait(.minutes(11))
        #expect(echoes(rig) == 4)
    }

    @Test func `Without an answer the line is closed, and trade goes on on the next`() {
        var rig = ready()
        rig.isHostSilent = true
        rig.wait(.minutes(5) + .seconds(19))
        #expect(!rig.effects.contains(.hangUp))
        rig.wait(.seconds(1))
        #expect(rig.effects.contains(.hangUp) && rig.logs.contains(.lineDead))
        #expect(!rig.terminal.isConnected && rig.terminal.refusal(now: rig.now) == .offline)
        rig.wait(.minutes(30))
        #expect(echoes(rig) == 1)
        rig.isHostSilent = false
        rig.fire(.connected)
        rig.sell()
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `A sale that is started while a dead line is tested is refused when the test is over`() {
        var rig = ready()
        rig.isHostSilent = true
        rig.wait(.minutes(5) + .seconds(5))
        rig.sell(Rig.sale(wantsPIN: false))
        #expect(rig.outcome == nil)
        rig.wait(.seconds(15))
        #expect(rig.outcome == .refused(.offline))
        #expect(!rig.sent.contains { $0.mti == .financialRequest })
    }

    @Test func `A module that refuses an echo is no dead line`() {
        var rig = ready()
        rig.module.refusals = [(.signOn, .halted)]
        rig.wait(.minutes(6))
        #expect(!rig.effects.contains(.hangUp) && rig.terminal.isConnected)
        rig.wait(.minutes(5))
        #expect(echoes(rig) == 1)
    }

    @Test func `A terminal that is signed off is silent, and one without an interval sends no echo`() {
        var rig = ready()
        rig.fire(.signOff)
        rig.wait(.hours(1))
        #expect(echoes(rig) == 0)
        rig = Rig.ready()
        rig.wait(.hours(3))
        #expect(echoes(rig) == 0)
    }
}
