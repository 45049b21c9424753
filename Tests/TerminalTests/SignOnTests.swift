// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct SignOnTests {
    @Test func `Power-up asks the module, and the line brings hello, evidence and lease in order`() {
        var rig = Rig()
        rig.step(.powerUp)
        #expect(rig.effects.contains(.module(.status)))
        #expect(rig.effects.contains(.setTimer(.heartbeat, .seconds(2))))
        rig.settle()
        rig.fire(.connected)
        let sent = rig.sent
        #expect(sent.map(\.mti) == [.networkRequest, .networkRequest])
        #expect(sent.map { $0[.networkCode] } == [1, 1])
        #expect(sent.map { $0[.stan] } == [STAN(1), STAN(2)])
        #expect(sent.first?.has(57) == false && sent.first?.macField == nil)
        #expect(sent.last?.bytes(57).map { Array($0) } == [0xE5, 9, 8, 7, 6])
        #expect(sent.last?.macField == 128 && sent.last?.bytes(63)?.count == 36)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        #expect(rig.shown.last == .text("terminal.ready"))
    }

    @Test func `Nothing is sent before the module has spoken`() {
        var rig = Rig()
        rig.isModuleSilent = true
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.sent.isEmpty)
        #expect(rig.terminal.refusal(now: rig.now) == .notSignedOn)
    }

    @Test func `A lease is renewed at half its life and not before`() {
        var rig = Rig.ready()
        rig.wait(.hours(4) + .seconds(-1))
        #expect(rig.sent.isEmpty)
        rig.wait(.seconds(1))
        #expect(rig.sent.map(\.mti) == [.networkRequest, .networkRequest])
        #expect(rig.module.leaseExpires == rig.now + .hours(8))
    }

    @Test func `A silent host leaves the old lease in force until it ends, and no longer`() {
        var rig = Rig.ready()
        rig.isHostSilent = true
        rig.wait(.hours(8) + .seconds(-1))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        rig.wait(.seconds(1))
        #expect(rig.terminal.refusal(now: rig.now) == .notSignedOn)
        rig.clear()
        rig.sell()
        #expect(rig.outcome == .refused(.notSignedOn))
    }

    @Test func `A refused sign-on shows why and is tried again at growing pauses up to a minute`() {
        var rig = Rig()
        rig.host.evidenceCode = "TR"
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.shown.contains(.code(ResponseCode("TR")!)))
        #expect(rig.terminal.refusal(now: rig.now) == .notSignedOn)
        var starts: [Int64] = []
        for _ in 0..<200 {
            rig.clear()
            rig.wait(.seconds(1))
            if rig.sent.contains(where: { $0.has(57) }) {
                starts.append((rig.now - Rig.start).microseconds / 1_000_000)
            }
        }
        #expect(starts == [2, 6, 14, 30, 62, 122, 182])
        rig.host.evidenceCode = "00"
        rig.wait(.seconds(60))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test(arguments: [true, false])
    func `Warnings that a refusal names halt the terminal until a sign-on is accepted`(atHello: Bool) {
        var rig = Rig()
        if atHello { rig.host.helloCode = "TR" } else { rig.host.evidenceCode = "TR" }
        rig.host.refusalWarnings = "C02,A01,XYZ"
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.halts == [[.a01, .c02]])
        #expect(rig.shown.contains(.warning(.c02)) && rig.shown.contains(.text("terminal.reportIt")))
        rig.clear()
        rig.sell()
        #expect(rig.outcome == .refused(.halted([.a01, .c02])))
        #expect(!rig.sent.contains { $0.mti == .administrativeAdvice })
        rig.host.helloCode = "00"
        rig.host.evidenceCode = "00"
        rig.wait(.seconds(60))
        #expect(rig.terminal.openWarnings.isEmpty)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `An accepting answer without an authentic MAC gives no lease`() {
        var rig = Rig()
        rig.isHostSilent = true
        rig.fire(.powerUp)
        rig.fire(.connected)
        var host = FakeHost()
        rig.step(.messageReceived(host.answer(rig.sent[0].bytes)!))
        rig.settle()
        var answer = host.answer(rig.sent[1].bytes)!
        answer[answer.count - 1] ^= 1
        rig.step(.messageReceived(answer))
        rig.settle()
        #expect(rig.logs.contains(.answerUnauthentic(STAN(2))))
        #expect(rig.module.leaseExpires == nil)
        #expect(rig.terminal.refusal(now: rig.now) == .notSignedOn)
    }

    @Test func `A ticket that the module refuses gives no lease`() {
        var rig = Rig()
        rig.host.ticket = [0]
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.logs.contains(.moduleRefused(.ticketRefused)))
        #expect(rig.terminal.refusal(now: rig.now) == .notSignedOn)
    }

    @Test func `A new line with a good lease needs no new sign-on`() {
        var rig = Rig.ready()
        rig.fire(.disconnected)
        #expect(rig.terminal.refusal(now: rig.now) == .offline)
        rig.fire(.connected)
        #expect(rig.sent.isEmpty)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `A line that breaks in the middle of a sign-on starts over on the next`() {
        var rig = Rig()
        rig.isHostSilent = true
        rig.fire(.powerUp)
        rig.fire(.connected)
        rig.fire(.disconnected)
        rig.isHostSilent = false
        rig.fire(.connected)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }
}
