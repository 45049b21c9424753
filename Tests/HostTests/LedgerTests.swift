// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Testing
import Vocabulary

@testable import Host

@Suite("Ledger")
struct LedgerTests {
    private func entry(_ number: Int, at: Instant = Samples.at) -> LedgerEntry {
        LedgerEntry(
            rrn: RRN(UInt64(number)), kind: .purchase, terminal: Samples.terminal, merchant: Samples.merchant,
            card: Samples.card, account: .init(1), amount: Samples.amount, at: at, stan: STAN(1), transmission: 1,
            approvalCode: 1, batch: 1, day: 0)
    }

    @Test("it finds every entry by its reference, none between them, and takes none behind the last")
    func find() {
        var ledger = Ledger()
        for number in 1...3_000 {
            let isTaken = ledger.append(entry(number * 3))
            #expect(isTaken)
        }
        for number in 1...9_002 {
            #expect((ledger.find(RRN(UInt64(number))) != nil) == (number % 3 == 0 && number <= 9_000), "\(number)")
        }
        let isTaken = ledger.append(entry(9_000))
        #expect(!isTaken && ledger.count == 3_000)
        ledger.change(RRN(3_000)) { $0.state = .voided }
        #expect(ledger.find(RRN(3_000))?.state == .voided && ledger.find(RRN(3_003))?.state == .standing)
    }

    @Test("beyond its limit the oldest piece goes, and no more than that piece")
    func limit() {
        var ledger = Ledger()
        for number in 1...Ledger.countMax { _ = ledger.append(entry(number)) }
        #expect(ledger.count == Ledger.countMax && ledger.find(RRN(1)) != nil)
        _ = ledger.append(entry(Ledger.countMax + 1))
        #expect(ledger.count == Ledger.countMax + 1 - Ledger.pieceSize)
        #expect(ledger.find(RRN(UInt64(Ledger.pieceSize))) == nil)
        #expect(ledger.find(RRN(UInt64(Ledger.pieceSize) + 1)) != nil)
    }

    @Test("what is older than its retention goes, and a snapshot gives the same ledger")
    func retention() throws {
        var ledger = Ledger()
        for number in 1...1_500 { _ = ledger.append(entry(number)) }
        _ = ledger.append(entry(1_501, at: Samples.at + Ledger.retention))
        #expect(ledger.count == 1_501)
        _ = ledger.append(entry(1_502, at: Samples.at + Ledger.retention + .seconds(1)))
        #expect(ledger.count == 1_502 - Ledger.pieceSize)
        var writer = ByteWriter()
        ledger.snapshot(to: &writer)
        var reader = ByteReader(writer.bytes)
        let copy = try Ledger(snapshot: &reader, hasUpstream: true)
        #expect(Array(copy.entries) == Array(ledger.entries) && copy.count == ledger.count)
    }
}
