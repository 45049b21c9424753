// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct ReversalTests {
    /// A sale that is sent and gets no answer until the test says so.
    static func inFlight() -> Rig {
        var rig = Rig.ready()
        rig.isHostSilent = true
        rig.sell()
        return rig
    }

    @Test func `No answer within 20 s reverses the sale`() throws {
        var rig = Self.inFlight()
        rig.wait(.seconds(20) + .milliseconds(-1))
        #expect(rig.outcome == nil)
        rig.isHostSilent = false
        rig.clear()
        let soldAt = CalendarTime(Rig.start)
        rig.wait(.milliseconds(1))
        #expect(rig.outcome == .reversed(.noAnswer, STAN(3)))
        #expect(rig.shown.first == .text("terminal.noAnswer"))
        let reversal = try #require(rig.sent.first)
        #expect(reversal.mti == .reversalRequest && reversal[.stan] == STAN(4) && reversal[.responseCode] == "98")
        #expect(reversal.bytes(2).map { Array($0) } == Rig.pan.ascii)
        #expect(reversal.amount == Money(minorUnits: 1_250, .eur))
        #expect(reversal[.localTime] == UInt64(soldAt.hour * 10_000 + soldAt.minute * 100 + soldAt.second))
        #expect(reversal.text(90) == "0200" + "000003" + soldAt.transmission + String(repeating: "0", count: 22))
        #expect(reversal[.transmissionTime].map { "0\($0)" } == CalendarTime(rig.now).transmission)
        #expect(reversal.macField == 128 && !reversal.has(37) && !reversal.has(52))
        #expect(rig.host.state(of: STAN(3)) == .reversed)
        #expect(rig.terminal.openReversalCount == 0)
        #expect(rig.terminal.lastSale == .reversed(STAN(3), .noAnswer))
    }

    @Test func `A line that breaks reverses the sale at once and delivers on the next line`() {
        var rig = Self.inFlight()
        rig.clear()
        rig.fire(.disconnected)
        #expect(rig.outcome == .reversed(.noAnswer, STAN(3)))
        #expect(rig.sent.isEmpty)
        rig.isHostSilent = false
        rig.fire(.connected)
        #expect(rig.sent.map(\.mti) == [.reversalRequest])
        #expect(rig.terminal.openReversalCount == 0)
    }

    @Test(arguments: [FakeHost.Manner.unauthentic, .withoutMAC], ["00", "05"])
    func `An answer without a valid MAC settles nothing`(manner: FakeHost.Manner, code: String) {
        var rig = Rig.ready()
        rig.host.manner = manner
        rig.host.saleCode = code
        rig.sell()
        #expect(rig.outcome == .reversed(.macFailed, STAN(3)))
        #expect(rig.logs.contains(.answerUnauthentic(STAN(3))))
        #expect(rig.sent.last?[.responseCode] == "A0")
        #expect(rig.host.state(of: STAN(3)) != .booked)
    }

    @Test func `An authentic approval of another amount is reversed`() {
        var rig = Rig.ready()
        rig.host.manner = .otherAmount
        rig.sell()
        #expect(rig.outcome == .reversed(.other, STAN(3)))
        #expect(rig.logs.contains(.answerContradicts(STAN(3))))
        #expect(rig.sent.last?[.rrn] == RRN(4_711))
    }

    @Test func `A late answer settles nothing`() {
        var rig = Self.inFlight()
        let request = rig.sent[0].bytes
        rig.wait(.seconds(20))
        rig.clear()
        var host = FakeHost()
        rig.fire(.messageReceived(host.answer(request)!))
        #expect(rig.logs == [.answerLate(STAN(3))])
        #expect(rig.outcome == nil && rig.terminal.openReversalCount == 1)
    }

    @Test func `An answer that comes twice settles once`() {
        var rig = Self.inFlight()
        var host = FakeHost()
        let answer = host.answer(rig.sent[0].bytes)!
        rig.clear()
        rig.step(.messageReceived(answer))
        rig.step(.messageReceived(answer))
        rig.settle()
        rig.fire(.messageReceived(answer))
        #expect(rig.logs == [.answerRepeated(STAN(3)), .messageUnexpected])
        #expect(rig.effects.count { if case .outcome = $0 { true } else { false } } == 1)
    }

    @Test func `A verdict that comes after the time-out settles nothing`() {
        var rig = Self.inFlight()
        var host = FakeHost()
        let answer = host.answer(rig.sent[0].bytes)!
        rig.isModuleSilent = true
        rig.step(.messageReceived(answer))
        rig.now = rig.now + .seconds(20)
        rig.step(.timerFired(.answer))
        #expect(rig.outcome == .reversed(.noAnswer, STAN(3)))
        rig.clear()
        rig.step(.moduleReply(.answerAuthentic(true)))
        #expect(rig.logs.contains(.moduleReplyStale))
        #expect(rig.outcome == nil)
    }

    @Test func `A timer that fires early is set anew for the rest`() {
        var rig = Self.inFlight()
        rig.now = rig.now + .seconds(5)
        rig.clear()
        rig.step(.timerFired(.answer))
        #expect(rig.effects == [.setTimer(.answer, .seconds(15))])
        rig.step(.timerFired(.pinEntry))
        #expect(rig.logs == [.timerStale(.pinEntry)])
    }

    @Test func `A clock that is put back an hour delays neither time-out nor repeat for longer`() {
        var rig = Self.inFlight()
        rig.now = rig.now - .hours(1)
        rig.clear()
        rig.step(.timerFired(.answer))
        #expect(rig.effects == [.setTimer(.answer, .seconds(20))])
        rig.timers = [.answer: rig.now + .seconds(20)]
        rig.wait(.seconds(20))
        #expect(rig.outcome == .reversed(.noAnswer, STAN(3)))
        rig.wait(.seconds(20))
        rig.now = rig.now - .hours(1)
        rig.timers = [.delivery: rig.now + .seconds(2)]
        rig.isHostSilent = false
        rig.step(.timerFired(.delivery))
        rig.settle()
        rig.wait(.minutes(2))
        #expect(rig.terminal.openReversalCount == 0)
    }

    @Test(arguments: ["", "0200", "0210"])
    func `Bytes that are no message change nothing`(text: String) {
        var rig = Self.inFlight()
        rig.clear()
        rig.fire(.messageReceived(Array(text.utf8)))
        #expect(rig.effects == [.log(.messageMalformed)])
    }

    @Test func `An answer for another terminal, trace number or type is not the answer`() {
        var rig = Self.inFlight()
        let request = rig.sent[0]
        let foreign: [(inout MessageBuilder) -> Void] = [
            { $0.set(.terminal, TerminalID("OTHER")!) }, { $0.set(.stan, STAN(77)) },
        ]
        for change in foreign {
            var builder = MessageBuilder(answering: request, echoing: FieldSet([11, 41]))
            builder.set(.responseCode, "00")
            change(&builder)
            rig.clear()
            rig.fire(.messageReceived(try! builder.encode().bytes))
            #expect(rig.effects == [.log(.messageUnexpected)])
        }
        var reversal = MessageBuilder(.reversalResponse, spec: .iso8583_1987)
        reversal.set(.stan, STAN(3))
        reversal.set(.terminal, TerminalID("TILL0001")!)
        reversal.set(.responseCode, "00")
        rig.clear()
        rig.fire(.messageReceived(try! reversal.encode().bytes))
        #expect(rig.effects == [.log(.messageUnexpected)])
    }

    @Test func `Repeats are 0401 with the same trace number, at growing pauses, until an authentic answer comes`() {
        var rig = Self.inFlight()
        rig.clear()
        var seen: [(Int64, MTI, UInt32)] = []
        for second in 1...260 as ClosedRange<Int64> {
            rig.clear()
            rig.wait(.seconds(1))
            for message in rig.sent where message.has(90) { seen.append((second, message.mti, message[.stan]!.number)) }
        }
        // 20 s until each time-out, then 2, 4, 8, 16, 32 and at most 60 s.
        #expect(seen.map(\.0) == [20, 42, 66, 94, 130, 182])
        #expect(seen.map(\.1) == [.reversalRequest] + Array(repeating: .reversalRepeat, count: 5))
        #expect(Set(seen.map(\.2)) == [4])
        rig.isHostSilent = false
        rig.clear()
        rig.wait(.seconds(60))
        #expect(rig.terminal.openReversalCount == 0)
        #expect(rig.logs.contains(.reversalDelivered(STAN(3))))
    }

    @Test(arguments: [("00", true), ("25", true), ("96", false), ("TM", false), ("05", false)])
    func `A reversal is done with 00 or 25 and with nothing else`(code: String, isDone: Bool) {
        var rig = Rig.ready()
        rig.host.manner = .unauthentic
        rig.host.reversalCodes = [code]
        rig.sell()
        #expect((rig.terminal.openReversalCount == 0) == isDone)
        rig.wait(.seconds(2))
        #expect(rig.terminal.openReversalCount == 0)
    }

    @Test func `An unauthentic 0410 leaves the reversal open`() {
        var rig = Self.inFlight()
        rig.wait(.seconds(20))
        var host = FakeHost()
        var answer = host.answer(rig.sent.last!.bytes)!
        answer[answer.count - 1] ^= 1
        rig.fire(.messageReceived(answer))
        #expect(rig.terminal.openReversalCount == 1)
        #expect(rig.logs.contains(.reversalNotTaken(STAN(3))))
    }

    @Test func `Every repeat is protected anew`() {
        var rig = Self.inFlight()
        rig.wait(.seconds(70))
        let serials = rig.sent.filter { $0.has(90) }.map { Array($0.bytes(62)!) }
        #expect(serials.count == 3 && Set(serials).count == 3)
    }

    @Test func `A sale waits for the line and then goes out before a renewal`() {
        var rig = Self.inFlight()
        rig.wait(.seconds(20))
        rig.fire(.startSale(Rig.sale(wantsPIN: false)))
        #expect(rig.terminal.isSelling && rig.sent.last?.has(90) == true)
        rig.isHostSilent = false
        rig.wait(.seconds(20))
        #expect(rig.sent.last?.mti == .financialRequest)
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `Three open reversals let a sale through, the fourth stops it`() {
        var rig = Rig.ready()
        rig.host.manner = .unauthentic
        rig.host.reversalCodes = Array(repeating: "96", count: 40)
        for count in 1...4 {
            rig.clear()
            rig.sell(Rig.sale(wantsPIN: false))
            guard case .reversed = rig.outcome else { return #expect(Bool(false), "sale \(count)") }
            #expect(rig.terminal.openReversalCount == count)
            #expect((rig.terminal.refusal(now: rig.now) == nil) == (count <= 3))
        }
        #expect(rig.halts == [[.p04]])
        #expect(rig.sent.contains { $0.mti == .administrativeAdvice && $0[.administrativeData] == "P04" })
        rig.clear()
        rig.sell()
        #expect(rig.outcome == .refused(.halted([.p04])))
        rig.host.reversalCodes = []
        rig.host.manner = .proper
        rig.wait(.minutes(2))
        #expect(rig.terminal.openReversalCount == 0 && rig.terminal.openWarnings.isEmpty)
        rig.sell()
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `A reversal older than five minutes stops sales until it is delivered`() {
        var rig = Rig.ready()
        rig.host.manner = .unauthentic
        rig.host.reversalCodes = Array(repeating: "96", count: 100)
        rig.sell()
        rig.wait(.minutes(5))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
        rig.wait(.seconds(2))
        #expect(rig.terminal.refusal(now: rig.now) == .halted([.p04]))
        rig.host.reversalCodes = []
        rig.wait(.minutes(1))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }
}
