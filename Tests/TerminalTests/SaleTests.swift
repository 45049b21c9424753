// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct SaleTests {
    @Test func `An approved sale is told once its completion is durable`() throws {
        var rig = Rig.ready()
        rig.sell()
        let approved = ApprovedSale(
            stan: STAN(3), amount: Money(minorUnits: 1_250, .eur), approvalCode: "A1B2C3", rrn: "000000004711",
            at: rig.now)
        #expect(rig.outcome == .approved(approved))
        #expect(rig.terminal.openReversalCount == 0)
        #expect(rig.terminal.lastSale == .approved(approved))
        let outcome = try #require(rig.effects.lastIndex(of: .outcome(.approved(approved))))
        let record = try #require(rig.effects.lastIndex(of: .persist(TerminalRecord.approved(approved).encoded())))
        #expect(rig.effects[record..<outcome].contains(.barrier))
        #expect(rig.shown.last == .code(.approved))
    }

    @Test func `The intent is durable before the request is sent`() throws {
        var rig = Rig.ready()
        rig.isHostSilent = true
        rig.sell()
        let intent = ReversalIntent(
            stan: STAN(3), pan: Rig.pan, amount: Money(minorUnits: 1_250, .eur), at: rig.now, state: .inFlight)
        let record = try #require(rig.effects.firstIndex(of: .persist(TerminalRecord.intent(intent).encoded())))
        #expect(rig.effects[record + 1] == .barrier)
        guard case .send = rig.effects[record + 2] else { return #expect(Bool(false), "the send follows the barrier") }
        #expect(rig.effects[record + 3] == .setTimer(.answer, .seconds(20)))
    }

    @Test func `The request carries what the design says, byte for byte`() throws {
        var rig = Rig.ready()
        var request = Rig.sale()
        request.goods = [GoodsCode("TOBACCO")!, GoodsCode("GROCERY")!]
        rig.sell(request)
        let expected =
            Array("0200".utf8) + Hex.bytes("723C048000C0902F")!
            + Array("164111111111111111".utf8)  // 2
            + Array("000000000000001250".utf8)  // 3, 4
            + Array("0829104000000003104000".utf8)  // 7, 11, 12
            + Array("08292812".utf8)  // 13, 14
            + Array("05100TILL0001123456789012345978".utf8)  // 22, 25, 41, 42, 49
            + [UInt8](repeating: 0xCC, count: 8)  // 52
            + Array("09000001PCH".utf8)  // 59
            + Array("015TOBACCO,GROCERY".utf8)  // 61
            + Array("010".utf8) + [UInt8](repeating: 0xA0, count: 9) + [2]  // 62
            + Array("036".utf8) + [UInt8](repeating: 0xBB, count: 36)  // 63
        let bytes = try #require(rig.sent.first?.bytes)
        #expect(Hex.text(bytes.dropLast(8)) == Hex.text(expected))
        #expect(Array(bytes.suffix(8)) == fakeMAC(bytes.dropLast(8), salt: FakeModule.requestSalt))
    }

    @Test func `An AES terminal sends its PIN block in 110 and its MAC in 128`() throws {
        var rig = Rig.ready(Rig.configuration(.aes))
        rig.sell()
        let request = try #require(rig.sent.first)
        #expect(request.bytes(110)?.count == 16 && !request.has(52))
        #expect(request.bytes(62)?.count == 12)
        #expect(request.macField == 128 && !request.has(64))
        #expect(rig.terminal.lastSale != nil)
    }

    @Test(arguments: zip(EntryMode.allCases, [11, 21, 51, 71] as [UInt64]))
    func `The entry mode is field 22`(mode: EntryMode, expected: UInt64) {
        var rig = Rig.ready()
        var request = Rig.sale()
        request.card.entry = mode
        rig.sell(request)
        #expect(rig.sent.first?[.entryMode] == expected)
    }

    @Test func `A sale without PIN opens no keypad and carries no block`() {
        var rig = Rig.ready()
        rig.sell(Rig.sale(wantsPIN: false))
        #expect(!rig.effects.contains(.module(.beginPINEntry)))
        #expect(rig.sent.first?.has(52) == false)
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test(arguments: ["05", "51", "55", "62", "01"])
    func `An authentic decline clears the intent and says what the code says`(code: String) {
        var rig = Rig.ready()
        rig.host.saleCode = code
        rig.host.reference = "REF-778"
        rig.sell()
        let reading = TerminalReading(code: ResponseCode(code)!, in: .iso8583)
        #expect(
            rig.outcome
                == .declined(
                    DeclinedSale(stan: STAN(3), reading: reading, reference: "REF-778", reversalFollows: false)))
        #expect(rig.terminal.openReversalCount == 0)
        #expect(rig.terminal.lastSale == .declined(STAN(3)))
        #expect(rig.shown.last == .code(ResponseCode(code)!))
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test(arguments: ["96", "91", "ZZ"])
    func `A decline that leaves the booking open is reversed`(code: String) {
        var rig = Rig.ready()
        rig.host.saleCode = code
        rig.sell()
        guard case .declined(let declined) = rig.outcome else { return #expect(Bool(false)) }
        #expect(declined.reversalFollows)
        #expect(rig.sent.map(\.mti) == [.financialRequest, .reversalRequest])
        #expect(rig.sent.last?[.responseCode] == "06")
        #expect(rig.sent.last?[.rrn] == RRN(4_711))
        #expect(rig.terminal.openReversalCount == 0)
    }

    @Test(arguments: ["TL", "TH"])
    func `A code that asks for a sign-on has one before the next sale`(code: String) {
        var rig = Rig.ready()
        rig.host.saleCode = code
        rig.step(.startSale(Rig.sale(wantsPIN: false)))
        rig.settle()
        #expect(rig.sent.map(\.mti) == [.financialRequest, .networkRequest, .networkRequest])
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `A step-up is answered with the challenge and, as a password, the PIN's hole`() throws {
        var rig = Rig.ready()
        rig.host.saleCode = "1A"
        rig.host.reference = "CH-4711"
        rig.sell(Rig.sale(wantsPIN: false))
        guard case .declined(let declined) = rig.outcome else { return #expect(Bool(false)) }
        #expect(declined.reading.action == .stepUp && declined.reference == "CH-4711")
        rig.host.saleCode = "00"
        rig.clear()
        var request = Rig.sale(wantsPIN: false)
        request.stepUp = StepUpProof(challenge: "CH-4711", method: .transactionPassword)
        rig.fire(.startSale(request))
        #expect(rig.shown == [.text("terminal.enterPassword")])
        rig.fire(.keypadConfirmed)
        let followUp = try #require(rig.sent.first)
        #expect(followUp[.reference] == "CH-4711" && followUp.has(52))
        #expect(followUp[.stan] == STAN(4))
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `An identity document needs no keypad`() {
        var rig = Rig.ready()
        var request = Rig.sale(wantsPIN: false)
        request.stepUp = StepUpProof(challenge: "CH-1", method: .identityDocument)
        rig.sell(request)
        #expect(rig.sent.first?[.reference] == "CH-1" && rig.sent.first?.has(52) == false)
    }

    @Test(
        arguments: [
            (SaleRefusal.Fault.currency, Money(minorUnits: 1, .usd), [], nil),
            (.amount, Money(minorUnits: 0, .eur), [], nil),
            (.amount, Money(minorUnits: -5, .eur), [], nil),
            (.amount, Money(minorUnits: 1_000_000_000_000, .eur), [], nil),
            (.goods, Money(minorUnits: 5, .eur), Array(repeating: "ABCDEFGH", count: 12), nil),
            (.goods, Money(minorUnits: 5, .eur), ["A,B"], nil),
            (.challenge, Money(minorUnits: 5, .eur), [], ""),
            (.challenge, Money(minorUnits: 5, .eur), [], "01234567890123456789012345"),
            (.challenge, Money(minorUnits: 5, .eur), [], "a b"),
        ] as [(SaleRefusal.Fault, Money, [String], String?)])
    func `A request that no message can carry is refused`(
        fault: SaleRefusal.Fault, amount: Money, goods: [String], challenge: String?
    ) {
        var rig = Rig.ready()
        var request = Rig.sale()
        request.amount = amount
        request.goods = goods.map { GoodsCode($0)! }
        request.stepUp = challenge.map { StepUpProof(challenge: $0, method: .identityDocument) }
        rig.sell(request)
        #expect(rig.outcome == .refused(.invalid(fault)))
        #expect(rig.sent.isEmpty && !rig.terminal.isSelling)
    }

    @Test func `The greatest amount, the longest goods and the longest challenge fit`() {
        var rig = Rig.ready()
        var request = Rig.sale(SaleRequest.minorUnitsMax)
        request.goods = Array(repeating: GoodsCode("ABCDEFGH")!, count: 11)
        request.stepUp = StepUpProof(challenge: String(repeating: "x", count: 25), method: .identityDocument)
        rig.sell(request)
        #expect(rig.sent.first?[.goods]?.utf8.count == 98)
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `A second sale is refused and the first goes on`() {
        var rig = Rig.ready()
        rig.fire(.startSale(Rig.sale()))
        rig.fire(.startSale(Rig.sale()))
        #expect(rig.outcome == .refused(.busy))
        rig.fire(.keypadConfirmed)
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `A cancelled PIN entry empties the keypad and sends nothing`() {
        var rig = Rig.ready()
        rig.fire(.startSale(Rig.sale()))
        rig.fire(.cancel)
        #expect(rig.outcome == .refused(.cancelled))
        #expect(rig.effects.contains(.module(.cancelPINEntry)) && rig.sent.isEmpty)
        #expect(rig.module.keypadCount == nil && rig.timers[.pinEntry] == nil)
    }

    @Test func `A sale that is on its way cannot be cancelled`() {
        var rig = Rig.ready()
        rig.isHostSilent = true
        rig.sell()
        rig.fire(.cancel)
        #expect(rig.logs.contains(.cancelTooLate) && rig.outcome == nil)
    }

    @Test func `A keypad that stays empty ends the sale after a minute`() {
        var rig = Rig.ready()
        rig.fire(.startSale(Rig.sale()))
        rig.wait(.seconds(59))
        #expect(rig.outcome == nil)
        rig.wait(.seconds(1))
        #expect(rig.outcome == .refused(.pinTimeout))
    }

    @Test(arguments: [ModuleRefusal.pinRateExceeded, .halted, .leaseMissingOrExpired, .selfTestOverdue])
    func `What the module refuses is not sent`(refusal: ModuleRefusal) {
        var rig = Rig.ready()
        rig.module.refusals = [(.authorisation, refusal)]
        rig.sell()
        #expect(rig.outcome == .refused(.module(refusal)))
        #expect(rig.sent.isEmpty && rig.terminal.openReversalCount == 0)
        rig.module.refusesKeypad = refusal
        rig.clear()
        rig.sell()
        #expect(rig.outcome == .refused(.module(refusal)))
    }

    @Test func `A module that changes the message outside its holes is not believed`() {
        var rig = Rig.ready()
        rig.module.isAltering = true
        rig.sell()
        #expect(rig.logs.contains(.moduleAlteredMessage))
        #expect(rig.sent.isEmpty && rig.terminal.openReversalCount == 0)
        guard case .refused = rig.outcome else { return #expect(Bool(false)) }
    }

    @Test func `Trace numbers go from 999999 to 1 and pass over open ones`() throws {
        var book = TerminalBook()
        book.lastSTAN = STAN(999_998)
        book.intents = [
            ReversalIntent(
                stan: STAN(1), pan: Rig.pan, amount: Money(minorUnits: 5, .eur), at: Rig.start,
                state: .due(.noAnswer, STAN(2)))
        ]
        var rig = Rig()
        rig.disk = [TerminalRecord.snapshot(book).encoded()]
        try rig.restart()
        rig.isHostSilent = true
        rig.module.refusals = [(.delivery, .halted)]
        rig.fire(.powerUp)
        rig.fire(.connected)
        #expect(rig.sent.map { $0[.stan] } == [STAN(999_999)])
        var host = FakeHost()
        rig.step(.messageReceived(host.answer(rig.sent[0].bytes)!))
        rig.settle()
        #expect(rig.sent.last?[.stan] == STAN(3))
        try rig.restart()
        #expect(rig.terminal.lastSTAN == STAN(3))
    }
}
