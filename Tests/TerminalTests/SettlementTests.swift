// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite struct SettlementTests {
    private func trading(_ count: Int = 3) -> Rig {
        var rig = Rig.ready()
        for _ in 0..<count { rig.sell(Rig.sale(wantsPIN: false)) }
        rig.clear()
        return rig
    }

    @Test func `Equal totals close the batch, and the next begins empty`() throws {
        var rig = trading()
        rig.sell(Rig.request(.purchaseVoid, of: .trace(rig.terminal.batch[0].stan)))
        let totals = BatchTotals(debitAmount: 3_750, debitCount: 3, creditAmount: 1_250, creditCount: 1)
        rig.clear()
        rig.fire(.settle)
        let sent = try #require(rig.sent.last)
        #expect(sent.mti == .settlementRequest && sent[.terminalData]?.hasPrefix("000001") == true)
        #expect([74, 76, 86, 88].map { sent.number($0) } == [1, 3, 1_250, 3_750])
        #expect(rig.settlements == [.closed(batch: 1, totals, isBalanced: true)])
        #expect(rig.terminal.batch.isEmpty && rig.terminal.batchNumber == 2 && !rig.terminal.isSettling)
        rig.fire(.settle)
        #expect(rig.settlements.last == .refused(.nothingToSettle))
    }

    @Test(arguments: [1, 30, 31, 90])
    func `Other totals bring the upload of every transaction, once, and then its end`(count: Int) throws {
        var rig = trading(count)
        let entries = rig.terminal.batch
        rig.host.settlementAnswer = ("00", 2)
        rig.fire(.settle)
        let uploads = rig.sent.filter { $0.mti == .batchUpload }
        let parts = try uploads.dropLast().map { try #require(BatchItem.items($0.text(48) ?? "")) }
        #expect(parts.flatMap(\.items).map(\.stan) == entries.map(\.stan))
        #expect(parts.map(\.first) == Array(stride(from: 0, to: count, by: BatchItem.countMax)))
        #expect(uploads.last?[.networkCode] == 202 && uploads.last?.has(48) == false)
        #expect(Set(uploads.compactMap { $0[.stan] }).count == uploads.count)
        guard case .closed(1, _, isBalanced: false)? = rig.settlements.last else { return #expect(Bool(false)) }
    }

    @Test(arguments: [false, true])
    func `A settlement without an answer is repeated under its trace number, through a restart`(uploads: Bool) throws {
        var rig = trading()
        if uploads { rig.host.settlementAnswer = ("00", 2) } else { rig.host.isSettlementSilent = true }
        if uploads { rig.fuse = 14 }
        rig.fire(.settle)
        rig.host.isSettlementSilent = false
        rig.host.settlementAnswer = ("00", uploads ? 2 : 1)
        try rig.restart()
        rig.fire(.powerUp)
        rig.fire(.connected)
        rig.wait(.minutes(3))
        if !uploads {
            let sent = rig.host.requests.filter { $0.mti == .settlementRequest || $0.mti == .settlementRepeat }
            #expect(sent.count == 2 && sent[0][.stan] == sent[1][.stan] && sent[1].mti == .settlementRepeat)
            #expect(sent[0][.localTime] == sent[1][.localTime])
        }
        #expect(rig.terminal.batchNumber == 2 && !rig.terminal.isSettling)
    }

    @Test func `Whatever may change the totals is delivered first, and nothing is sold until it has ended`() {
        var rig = trading()
        rig.host.manner = .silent
        rig.sell(Rig.sale(wantsPIN: false))
        rig.host.reversalCodes = Array(repeating: "96", count: 3)
        rig.host.manner = .proper
        rig.wait(.seconds(20))
        #expect(rig.terminal.openReversalCount == 1)
        rig.clear()
        rig.fire(.settle)
        #expect(!rig.sent.contains { $0.mti == .settlementRequest })
        rig.fire(.startSale(Rig.sale()))
        #expect(rig.outcome == .refused(.settling))
        rig.wait(.minutes(2))
        #expect(rig.terminal.openReversalCount == 0 && rig.terminal.batchNumber == 2)
    }

    @Test func `A refused settlement leaves the batch open, and the sign-on brings the host's number`() {
        var rig = trading()
        rig.host.settlementAnswer = ("TM", 0)
        rig.host.batch = 9
        rig.fire(.settle)
        guard case .refusedByHost? = rig.settlements.last else { return #expect(Bool(false)) }
        rig.wait(.minutes(1))
        #expect(rig.terminal.batchNumber == 9 && rig.terminal.batch.count == 3)
        rig.host.settlementAnswer = ("00", 1)
        rig.fire(.settle)
        #expect(rig.terminal.batchNumber == 10 && rig.terminal.batch.isEmpty)
    }

    @Test func `A settlement that has begun is delivered by a halted terminal, and none begins there`() {
        var rig = trading()
        rig.host.isSettlementSilent = true
        rig.fire(.settle)
        rig.module.warnings = [.t01]
        rig.module.state = .halted
        rig.fire(.timerFired(.heartbeat))
        rig.host.isSettlementSilent = false
        rig.wait(.minutes(2))
        #expect(rig.terminal.batchNumber == 2)
        rig.fire(.settle)
        #expect(rig.settlements.last == .refused(.nothingToSettle))
    }

    @Test func `A full batch takes nothing but enquiries until it is settled`() {
        var rig = Rig.ready()
        for _ in 0..<BatchBook.countMax { rig.sell(Rig.sale(wantsPIN: false)) }
        #expect(rig.terminal.batch.count == BatchBook.countMax)
        rig.sell()
        #expect(rig.outcome == .refused(.batchFull))
        rig.sell(Rig.request(.balance))
        guard case .balance? = rig.outcome else { return #expect(Bool(false)) }
        rig.fire(.settle)
        rig.sell()
        guard case .approved? = rig.outcome else { return #expect(Bool(false)) }
    }
}
