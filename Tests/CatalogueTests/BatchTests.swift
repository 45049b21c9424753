// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Catalogue

@Suite("Batches, amounts and what a terminal says of itself")
struct BatchTests {
    @Test("what is removed from totals is what was added, and nothing is removed from none")
    func totals() {
        var totals = BatchTotals()
        totals.add(500, .debit)
        totals.add(200, .credit)
        totals.add(9, .none)
        #expect(totals == BatchTotals(debitAmount: 500, debitCount: 1, creditAmount: 200, creditCount: 1))
        #expect(totals.net == 300 && totals.count == 2)
        totals.remove(500, .debit)
        totals.remove(200, .credit)
        totals.remove(1, .debit)
        #expect(totals == BatchTotals())
    }

    @Test("items read back as they were written, in any number that a message holds", arguments: [1, 2, 30])
    func items(count: Int) throws {
        let items = (1...count).map {
            BatchItem(
                kind: TransactionKind.allCases[$0 % 8], stan: STAN(UInt32($0)), rrn: RRN(999_999_999_999 - UInt64($0)),
                amount: Int64($0) * 33_333_333_333)
        }
        let text = BatchItem.text(items, from: 969)
        #expect(text.utf8.count == 4 + 32 * count && text.utf8.count <= 999)
        let read = try #require(BatchItem.items(text))
        #expect(read.first == 969 && read.items == items)
        #expect(BatchItem.items(text.dropLast()) == nil && BatchItem.items(text + "0") == nil)
    }

    @Test(
        "what is no upload is refused",
        arguments: [
            "", "0000", "000", "0000" + String(repeating: "9", count: 32), "0000" + String(repeating: "x", count: 32),
        ])
    func noItems(text: String) { #expect(BatchItem.items(text) == nil) }

    @Test("batch and support read back; less than six digits, or all of them 0, are nothing")
    func terminalData() throws {
        for (batch, support) in [(1, []), (42, .all), (999_999, [.chip])] as [(UInt32, StepUpSupport)] {
            let data = TerminalData(batch: batch, support: support)
            #expect(TerminalData(text: data.text) == data)
        }
        for text in ["", "00001", "000000PCH", "PCH", "00001P"] { #expect(TerminalData(text: text) == nil, "\(text)") }
        #expect(TerminalData.batch(after: 999_999) == 1 && TerminalData.batch(after: 1) == 2)
    }

    @Test("amounts of DE 54 read back with their sign, those of other types are left out, and halves are refused")
    func amounts() {
        let amounts = [AdditionalAmount(.ledger, 123_456, .eur), AdditionalAmount(.available, -1, .cny)]
        let text = amounts.map(\.text).joined()
        #expect(text == "0001978C0000001234560002156D000000000001")
        #expect(AdditionalAmount.list(text) == amounts)
        #expect(AdditionalAmount.list("0040978C000000000009" + text) == amounts)
        #expect(AdditionalAmount.list(text.dropLast()) == nil)
        #expect(AdditionalAmount.list(text.replacing("C", with: "X")) == nil)
        #expect(AdditionalAmount(.ledger, .max, .eur).amount == 999_999_999_999)
    }
}
