// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct SignOffTests {
    @Test func `After a sign-off nothing is sold, on whatever line, until the clerk signs on`() {
        var rig = Rig.ready()
        rig.fire(.signOff)
        #expect(rig.sent.map { $0[.networkCode] } == [2])
        #expect(rig.logs.contains(.signedOff) && rig.terminal.isSignedOff)
        rig.fire(.disconnected)
        rig.fire(.connected)
        rig.wait(.hours(5))
        rig.sell()
        #expect(rig.outcome == .refused(.notSignedOn))
        rig.fire(.signOn)
        #expect(!rig.terminal.isSignedOff)
        rig.sell()
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `The host is told of a sign-off without a line when there is one`() {
        var rig = Rig.ready()
        rig.fire(.disconnected)
        rig.fire(.signOff)
        #expect(rig.sent.isEmpty)
        rig.fire(.connected)
        #expect(rig.sent.map { $0[.networkCode] } == [2])
    }

    @Test func `A sale and a settlement are finished before a sign-off, which is not taken then`() {
        var rig = Rig.ready()
        rig.fire(.startSale(Rig.sale()))
        rig.fire(.signOff)
        #expect(!rig.terminal.isSignedOff)
        rig.fire(.keypadConfirmed)
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `A power-up signs on, and the clerk may ask for a fresh lease at any time`() throws {
        var rig = Rig.ready()
        rig.fire(.signOff)
        try rig.restart()
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        rig.clear()
        rig.fire(.signOn)
        #expect(rig.sent.map(\.mti) == [.networkRequest, .networkRequest])
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }
}
