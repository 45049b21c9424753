// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import Testing
import Vocabulary

@testable import Host

/// References, numbers and the memory of answered transactions.
@Suite("Numbers and memory")
struct NumberTests {
    @Test("the first 100,000 references differ, are not in order, and hold nothing that people confuse")
    func references() {
        var seen: Set<String> = []
        var inOrder = 0
        var last = ""
        for number in UInt64(1)...100_000 {
            let reference = Host.reference(of: CaseID(number))
            #expect(reference.utf8.count == 7 && reference.hasPrefix("R-"))
            if reference > last { inOrder += 1 }
            if reference.dropFirst(2).contains(where: { "01OI".contains($0) }) {
                Issue.record("\(reference) is ambiguous")
                return
            }
            last = reference
            seen.insert(reference)
        }
        #expect(seen.count == 100_000)
        #expect((40_000...60_000).contains(inOrder))
    }

    @Test(
        "the letters of a reference are a bijection of 25 bits: no number below 2²⁵ shares one with its mirror images")
    func bijection() {
        var seen: Set<String> = []
        var numbers: Set<UInt64> = []
        for bit in UInt64(0)..<25 {
            for offset in UInt64(0)..<400 { numbers.insert((1 << bit) &+ offset * 104_729 & 0x1FF_FFFF) }
        }
        for number in numbers.sorted() { seen.insert(Host.reference(of: CaseID(number))) }
        #expect(seen.count == numbers.count)
    }

    @Test(
        "retrieval references have twelve digits and approval codes six, up to the last record there can be",
        arguments: [
            0, 1, 899_998, 899_999, 900_000, 999_999_999_998, 999_999_999_999, UInt64.max - 1,
        ])
    func ranges(sequence: UInt64) throws {
        var host = Host(rules: try require(Files.shippedRules))
        host.sequence = sequence
        #expect(host.nextRRN.description.utf8.count == 12)
        let code = UInt32((sequence + 1) % 900_000 + 100_000)
        #expect((100_000...999_999).contains(code))
    }

    @Test("approval codes and retrieval references of sales are on the answer as they are on the record")
    func onTheAnswer() throws {
        let bench = try Bench()
        let till = try bench.till()
        let card = try bench.card()
        for _ in 0..<5 {
            let reply = try till.sell(SaleSpec(card))
            let sale = try bench.lastSale()
            #expect(reply.rrn == sale.answer.rrn.description)
            #expect(reply.approval == String(sale.answer.approvalCode))
        }
    }

    private func transaction(_ number: UInt32) -> RememberedTransaction {
        RememberedTransaction(
            key: TransactionKey(stan: STAN(number), localTime: UInt64(number)), transmission: UInt64(number),
            digest: UInt64(number), card: nil, amount: Money(minorUnits: Int64(number), .eur), at: .epoch,
            answer: StoredAnswer(intent: .approved, approvalCode: 1, rrn: RRN(1), reference: ""), isReversed: false,
            isTombstone: false, kind: 0x0200)
    }

    @Test("of two with one name the newer is found")
    func newest() {
        var memory = TransactionMemory()
        for digest in UInt64(1)...300 {
            var same = transaction(5)
            same.digest = digest
            memory.insert(same)
            #expect(memory.find(TransactionKey(stan: STAN(5), localTime: 5), kind: 0x0200)?.digest == digest)
        }
    }

    @Test(
        "a first version's memory whose next place does not follow from its length is damaged",
        arguments: [0, 2, 4, 255, 256, 1_000])
    func damagedMemory(next: Int) {
        var writer = ByteWriter()
        writer.count(next)
        writer.list([transaction(1), transaction(2), transaction(3)]) { $1.encode(to: &$0) }
        var reader = ByteReader(writer.bytes)
        #expect(throws: CodecError.self) { try TransactionMemory(ringSnapshot: &reader) }
    }
}
