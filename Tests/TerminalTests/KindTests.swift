// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct KindTests {
    /// A terminal with a transaction of the kind that the given one refers to in its batch.
    private func rig(
        for kind: TransactionKind, _ dialect: TerminalDialect = .iso8583
    ) -> (rig: Rig, original: OriginalReference?) {
        var rig = Rig.ready(Rig.configuration(.tdes, dialect))
        guard let first = TransactionKind.allCases.first(where: { kind.refers(to: $0) }) else { return (rig, nil) }
        if first.hasOriginal {
            rig.sell(Rig.request(first, of: .reference(RRN(4_711), approvalCode: "A1B2C3")))
        } else {
            rig.sell(Rig.request(first))
        }
        rig.clear()
        return (rig, rig.terminal.batch.last.map { .trace($0.stan) })
    }

    @Test(arguments: TransactionKind.allCases, [TerminalDialect.iso8583, .iso8583Binary])
    func `Every kind goes out as the table says and is in the batch once approved`(
        kind: TransactionKind, dialect: TerminalDialect
    ) throws {
        var (rig, original) = rig(for: kind, dialect)
        let before = rig.terminal.batch.count
        rig.sell(Rig.request(kind, of: original))
        let sent = try #require(rig.sent.last)
        #expect(sent.mti.rawValue == kind.messageType && sent[.processingCode] == kind.processingCode)
        #expect(sent[.condition] == kind.condition)
        #expect(sent.has(52) == kind.asksForPIN)
        #expect(sent[.terminalData] == "000001PCH")
        #expect(sent.has(37) == kind.hasOriginal && sent.has(90) == kind.hasOriginal)
        guard kind != .balance else {
            #expect(rig.outcome == .balance(rig.host.balances, try #require(sent[.stan])))
            #expect(rig.terminal.batch.isEmpty)
            return
        }
        guard case .approved(let sale) = rig.outcome else { return #expect(Bool(false), "\(kind)") }
        let entry = try #require(rig.terminal.batch.last)
        #expect(rig.terminal.batch.count == before + 1 && entry.kind == kind && entry.stan == sale.stan)
        #expect(entry.rrn == RRN(4_711) && entry.amount == sale.amount)
    }

    @Test(arguments: TransactionKind.allCases, [TerminalDialect.iso8583, .iso8583Binary])
    func `What has no answer is reversed, repeated or forgotten as the table says`(
        kind: TransactionKind, dialect: TerminalDialect
    ) throws {
        var (rig, original) = rig(for: kind, dialect)
        let before = rig.terminal.batch.count
        rig.host.manner = .silent
        rig.sell(Rig.request(kind, of: original))
        rig.wait(.seconds(20))
        let stan = try #require(rig.sent.first?[.stan])
        switch (kind.isReversed, kind) {
        case (true, _):
            #expect(rig.outcome == .reversed(.noAnswer, stan))
            let reversal = try #require(rig.sent.last { $0.mti == .reversalRequest })
            #expect(reversal.text(90)?.hasPrefix(MTI(kind).description + stan.description) == true)
            #expect(reversal[.processingCode] == kind.processingCode)
            #expect(reversal[.condition] ?? 0 == kind.condition)
            #expect(rig.host.state(of: stan) == .reversed)
        case (false, .refund):
            #expect(rig.outcome == .pending(stan))
            #expect(rig.terminal.openReversalCount == 1)
            rig.host.manner = .proper
            rig.wait(.minutes(2))
            let repeated = try #require(rig.sent.last)
            #expect(repeated.mti == .financialAdviceRepeat && repeated[.stan] == stan && repeated.has(37))
            #expect(rig.host.bookings.count { $0.stan == stan } == 1)
            #expect(rig.terminal.batch.count == before + 1 && rig.terminal.batch.last?.kind == .refund)
        case (false, _): #expect(rig.outcome == .refused(.offline))
        }
        #expect(rig.terminal.openReversalCount == 0)
    }

    @Test(arguments: TransactionKind.allCases)
    func `A restart takes back or delivers what was out, from the journal alone`(kind: TransactionKind) throws {
        var (rig, original) = rig(for: kind)
        let before = rig.terminal.batch.count
        rig.host.manner = .silent
        rig.sell(Rig.request(kind, of: original))
        let stan = try #require(rig.sent.last?[.stan])
        rig.host.manner = .proper
        try rig.restart()
        #expect(rig.terminal.batch.count == before)
        rig.fire(.powerUp)
        rig.fire(.connected)
        rig.wait(.minutes(2))
        if kind.isReversed { #expect(rig.host.state(of: stan) == .reversed) }
        #expect(rig.terminal.openReversalCount == 0)
        #expect(rig.terminal.batch.count == before + (kind == .refund ? 1 : 0))
    }

    @Test(arguments: TransactionKind.allCases)
    func `A halted terminal refuses every kind and delivers what it owes`(kind: TransactionKind) throws {
        var (rig, original) = rig(for: kind)
        rig.host.manner = .silent
        rig.sell(Rig.request(.refund, of: .reference(RRN(1), approvalCode: nil)))
        rig.wait(.seconds(20))
        #expect(rig.terminal.openReversalCount == 1)
        rig.host.manner = .proper
        rig.module.warnings = [.t01]
        rig.module.state = .halted
        rig.fire(.timerFired(.heartbeat))
        rig.clear()
        rig.fire(.startSale(Rig.request(kind, of: original)))
        guard case .refused(.halted) = rig.outcome else { return #expect(Bool(false), "\(kind)") }
        rig.wait(.minutes(2))
        #expect(rig.terminal.openReversalCount == 0)
        #expect(!rig.sent.contains { $0.mti == .financialRequest || $0.mti == .authorisationRequest })
    }

    @Test func `A request that names no original, or one of another kind or batch, is refused`() {
        var rig = Rig.ready()
        rig.sell()
        let stan = rig.terminal.batch[0].stan
        for request in [
            Rig.request(.purchaseVoid), Rig.request(.purchase, of: .trace(stan)),
            Rig.request(.completion, of: .trace(stan)), Rig.request(.purchaseVoid, of: .trace(STAN(999))),
            Rig.request(.refund, of: .reference(RRN(0), approvalCode: nil)),
            Rig.request(.refund, of: .reference(RRN(1), approvalCode: "12345")),
        ] {
            rig.fire(.startSale(request))
            #expect(rig.outcome == .refused(.invalid(.original)))
        }
        var balance = Rig.request(.balance)
        balance.amount = Money(minorUnits: 1, .eur)
        rig.fire(.startSale(balance))
        #expect(rig.outcome == .refused(.invalid(.amount)))
    }

    @Test func `A void by trace number takes its original's amount`() throws {
        var rig = Rig.ready()
        rig.sell(Rig.sale(8_800))
        rig.sell(Rig.request(.purchaseVoid, 1, of: .trace(rig.terminal.batch[0].stan)))
        #expect(rig.sent.last?[.amount] == 8_800)
        let totals = BatchTotals(debitAmount: 8_800, debitCount: 1, creditAmount: 8_800, creditCount: 1)
        #expect(rig.terminal.batchTotals == totals)
    }

    @Test func `A refund that the host refuses later is not in the batch`() {
        var rig = Rig.ready()
        rig.host.manner = .silent
        rig.sell(Rig.request(.refund, of: .reference(RRN(1), approvalCode: nil)))
        rig.wait(.seconds(20))
        rig.host.manner = .proper
        rig.host.saleCode = "25"
        rig.wait(.minutes(2))
        #expect(rig.terminal.openReversalCount == 0 && rig.terminal.batch.isEmpty)
        #expect(rig.logs.contains { if case .adviceRefused = $0 { true } else { false } })
    }

    @Test func `A terminal announces what it supports and nothing else`() {
        var configuration = Rig.configuration()
        configuration.stepUp = [.pin]
        var rig = Rig.ready(configuration)
        rig.sell()
        #expect(rig.sent.last { $0.mti == .financialRequest }?[.terminalData] == "000001P")
    }
}
