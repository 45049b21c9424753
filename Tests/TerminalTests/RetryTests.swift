// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct RetryTests {
    @Test func `A sale that the host cannot read is reversed, signed on for, and made once more under a new number`() {
        var rig = Rig.ready()
        rig.host.unreadable = 1
        rig.sell(Rig.sale(wantsPIN: false))
        #expect(
            rig.sent.map(\.mti)
                == [.financialRequest, .reversalRequest, .networkRequest, .networkRequest, .financialRequest])
        #expect(rig.sent[1][.responseCode] == "A0")
        guard case .approved(let sale) = rig.outcome else { return #expect(Bool(false)) }
        #expect(rig.outcomes.count == 1 && sale.stan != rig.sent[0][.stan])
        #expect(rig.host.bookings.map(\.stan) == [sale.stan])
        #expect(rig.terminal.openReversalCount == 0)
        #expect(rig.shown.contains(.text("terminal.retrying")))
    }

    @Test func `A PIN is typed again, and without it the sale ends as its first attempt did`() {
        var rig = Rig.ready()
        rig.host.unreadable = 1
        rig.sell()
        #expect(rig.outcome == nil && rig.terminal.isSelling)
        #expect(rig.effects.count { $0 == .module(.beginPINEntry) } == 2)
        rig.fire(.keypadConfirmed)
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
        rig.clear()
        rig.host.unreadable = 1
        rig.sell()
        let first = rig.sent[0][.stan]!
        rig.wait(.seconds(60))
        #expect(rig.outcome == .reversed(.macFailed, first))
        #expect(rig.module.keypadCount == nil)
    }

    @Test(arguments: ["TM"])
    func `An authentic refusal that a sign-on mends needs no reversal`(code: String) {
        var rig = Rig.ready()
        rig.host.saleCode = code
        rig.sell(Rig.sale(wantsPIN: false))
        // The same answer twice is the answer.
        #expect(
            rig.sent.map(\.mti) == [
                .financialRequest, .networkRequest, .networkRequest, .financialRequest, .networkRequest,
                .networkRequest,
            ])
        guard case .declined(let declined) = rig.outcome else { return #expect(Bool(false)) }
        #expect(rig.outcomes.count == 1 && declined.stan == rig.sent[3][.stan])
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `A second attempt that cannot be read either is reversed, and there is no third`() {
        var rig = Rig.ready()
        rig.host.unreadable = 5
        rig.sell(Rig.sale(wantsPIN: false))
        let sales = rig.sent.filter { $0.mti == .financialRequest }
        #expect(sales.count == 2)
        #expect(rig.outcomes == [.reversed(.macFailed, sales[1][.stan]!)])
        #expect(rig.terminal.openReversalCount == 0)
    }

    @Test(arguments: 0..<4)
    func `Whatever ends the wait for the sign-on, the clerk is told how the first attempt ended`(end: Int) {
        var rig = Rig.ready()
        rig.host.unreadable = 1
        rig.host.helloCode = "96"
        rig.sell(Rig.sale(wantsPIN: false))
        #expect(rig.outcome == nil && rig.terminal.isSelling)
        let first = rig.sent[0][.stan]!
        switch end {
        case 0: rig.fire(.cancel)
        case 1: rig.fire(.disconnected)
        case 2: rig.wait(.seconds(60))
        default:
            rig.module.warnings = [.h01]
            rig.module.state = .halted
            rig.wait(.seconds(2))
        }
        #expect(rig.outcomes == [.reversed(.macFailed, first)])
        #expect(rig.timers[.retry] == nil)
        rig.host.helloCode = "00"
        rig.module.warnings = []
        rig.module.state = .ready
        rig.fire(.connected)
        rig.wait(.minutes(3))
        #expect(rig.sent.count { $0.mti == .financialRequest } == 1)
        #expect(rig.terminal.refusal(now: rig.now) == nil)
    }

    @Test func `The second attempt waits for the first one's reversal`() {
        var rig = Rig.ready()
        rig.host.unreadable = 1
        rig.host.reversalCodes = ["96"]
        rig.sell(Rig.sale(wantsPIN: false))
        #expect(rig.outcome == nil && rig.terminal.refusal(now: rig.now) == nil)
        rig.wait(.seconds(5))
        guard case .approved = rig.outcome else { return #expect(Bool(false)) }
        #expect(rig.sent.map(\.mti).suffix(2) == [.reversalRepeat, .financialRequest])
    }

    @Test func `A refund that cannot be read is repeated, not made anew, and a balance is asked for again`() {
        var rig = Rig.ready()
        rig.host.unreadable = 1
        rig.sell(Rig.request(.refund, of: .reference(RRN(4_711), approvalCode: nil)))
        guard case .pending(let stan) = rig.outcome else { return #expect(Bool(false)) }
        rig.wait(.seconds(5))
        #expect(rig.host.bookings.map(\.stan) == [stan])
        rig.clear()
        rig.host.unreadable = 1
        rig.sell(Rig.request(.balance))
        rig.fire(.keypadConfirmed)
        guard case .balance = rig.outcome else { return #expect(Bool(false)) }
    }

    /// Each effect is one place where the process may die.
    @Test func `Wherever the power fails in a second attempt, the books of host and terminal agree afterwards`() throws
    {
        var isCut = true
        var fuse = 0
        while isCut {
            fuse += 1
            var rig = Rig.ready()
            rig.host.unreadable = 1
            rig.fuse = fuse
            rig.sell(Rig.sale(wantsPIN: false))
            isCut = rig.isDead
            if isCut {
                try rig.restart()
                rig.fire(.powerUp)
                rig.fire(.connected)
                rig.wait(.minutes(3))
            }
            #expect(rig.terminal.openReversalCount == 0, "cut after \(fuse)")
            #expect(rig.terminal.refusal(now: rig.now) == nil, "cut after \(fuse)")
            let booked = rig.host.bookings.filter { $0.state == .booked }.map(\.stan)
            #expect(booked.count <= 1, "cut after \(fuse)")
            #expect(booked == rig.terminal.batch.map(\.stan), "cut after \(fuse)")
            #expect(Set(rig.sentSales).count == rig.sentSales.count, "cut after \(fuse)")
        }
        #expect(fuse > 20)
    }
}
