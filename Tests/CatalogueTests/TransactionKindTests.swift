// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Catalogue

@Suite("Kinds of transaction")
struct TransactionKindTests {
    /// Name, MTI, DE 3, DE 25, UnionPay 60.1, reversed without an answer, PIN, original.
    static let published: [(String, UInt16, UInt64, UInt64, UInt8, Bool, Bool, Bool)] = [
        ("balance", 0x0200, 310_000, 0, 1, false, true, false),
        ("purchase", 0x0200, 0, 0, 22, true, true, false),
        ("purchaseVoid", 0x0200, 200_000, 0, 23, true, false, true),
        ("refund", 0x0220, 200_000, 0, 25, false, false, true),
        ("preAuthorisation", 0x0100, 30_000, 6, 10, true, true, false),
        ("preAuthorisationVoid", 0x0100, 200_000, 6, 11, true, false, true),
        ("completion", 0x0200, 0, 6, 20, true, false, true),
        ("completionVoid", 0x0200, 200_000, 6, 21, true, false, true),
    ]

    @Test("the table says what the network's table says", arguments: published.indices)
    func table(index: Int) throws {
        let row = Self.published[index]
        let kind = try #require(TransactionKind(name: row.0))
        #expect(kind.messageType == row.1 && kind.processingCode == row.2 && kind.condition == row.3)
        #expect(kind.unionPayType == row.4 && kind.isReversed == row.5 && kind.asksForPIN == row.6)
        #expect(kind.hasOriginal == row.7)
        #expect(TransactionKind(messageType: row.1, processingCode: row.2, condition: row.3) == kind)
    }

    @Test("every kind is in the table once, with a number of its own that never changes")
    func total() {
        #expect(TransactionKind.allCases.count == Self.published.count)
        #expect(
            TransactionKind.allCases.map { "\($0.rawValue) \($0.name)" } == [
                "1 purchase", "2 purchaseVoid", "3 refund", "4 preAuthorisation", "5 preAuthorisationVoid",
                "6 completion", "7 completionVoid", "8 balance",
            ])
        #expect(TransactionKind(messageType: 0x0200, processingCode: 10_000, condition: 0) == nil)
        #expect(TransactionKind(messageType: 0x0220, processingCode: 0, condition: 0) == nil)
        #expect(TransactionKind(name: "cash") == nil)
    }

    @Test("what takes back is of the other side than what it takes back, and every title is in both languages")
    func sides() {
        for kind in TransactionKind.allCases {
            #expect(isEnglish(kind.title(.en)) && isChinese(kind.title(.zh)))
            for original in TransactionKind.allCases where kind.isVoid && kind.refers(to: original) {
                #expect(original.side == .debit ? kind.side == .credit : kind.side == .none)
            }
        }
        #expect(TransactionKind.allCases.filter(\.isVoid) == [.purchaseVoid, .preAuthorisationVoid, .completionVoid])
    }

    @Test("an announcement reads back, and what a terminal did not announce it is not asked for")
    func support() {
        for raw in UInt8(0)...7 {
            let support = StepUpSupport(rawValue: raw)
            #expect(StepUpSupport(text: support.text) == support)
            #expect(Intent.pinRequired.within(support) == (support.contains(.pin) ? .pinRequired : .callIssuer))
            #expect(
                Intent.additionalProofRequired.within(support)
                    == (support.contains(.holder) ? .additionalProofRequired : .callIssuer))
            #expect(Intent.chipRequired.within(support) == .chipRequired)
            #expect(Intent.approved.within(support) == .approved)
        }
        #expect(StepUpSupport.all.text == "PCH" && StepUpSupport(text: "ZP") == .pin)
    }
}
