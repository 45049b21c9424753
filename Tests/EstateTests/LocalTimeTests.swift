// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Estate

/// What time it is at a merchant's.
@Suite("Local time of a merchant")
struct LocalTimeTests {
    private func terms(_ offset: Int8) -> MerchantTerms {
        MerchantTerms(acquirer: 7, account: .max, radius: .max, offset: offset)
    }

    @Test(
        "terms come back with their local time, and those of before have none", arguments: [-48, -1, 0, 1, 23, 32, 56])
    func codec(offset: Int) throws {
        let terms = terms(Int8(offset))
        var writer = ByteWriter()
        terms.encode(to: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try MerchantTerms(from: &reader) == terms && reader.isAtEnd)
        // Without one they are as they always were: three numbers.
        var plain = ByteWriter()
        plain.unsigned(UInt64(7))
        plain.unsigned(UInt64.max)
        plain.unsigned(UInt32.max)
        #expect((writer.bytes == plain.bytes) == (offset == 0))
    }

    @Test("a local time of nothing, and one no reader knows, are refused: one value has one form")
    func forms() {
        for (marks, rest) in [(UInt64(1) << 32, [UInt8(0)]), (UInt64(1) << 33, []), (UInt64(3) << 32, [4])] {
            var writer = ByteWriter()
            writer.unsigned(UInt64(1))
            writer.unsigned(UInt64(1))
            writer.unsigned(marks)
            writer.raw(rest)
            var reader = ByteReader(writer.bytes)
            #expect(throws: CodecError.self) { try MerchantTerms(from: &reader) }
        }
    }

    @Test("only times that a place on earth can have are taken")
    func bounds() throws {
        var desk = try Desk()
        for offset in [Int8(-49), 57, .min, .max] {
            #expect(throws: EstateRefusal.outOfBounds) { try desk.act(.setTerms(Desk.shop, terms(offset))) }
        }
        try desk.act(.setTerms(Desk.shop, terms(23)))
        #expect(desk.estate.policy.terms[Desk.shop]?.offset == 23)
        #expect(EstateAct.setTerms(Desk.shop, terms(-14)).detail.hasSuffix("UTC-3:30"))
    }
}
