// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ModuleProtocol
import Testing
import Vocabulary

@testable import Host

@Suite("Messages with packed digits")
struct BinaryTests {
    @Test("a message is answered in the digits it came in, by one terminal or by two in one batch")
    func inKind() throws {
        let bench = try Bench()
        let card = try bench.card()
        let (plain, packed) = (try bench.till("TILL0001"), try bench.till("TILL0002", .aes))
        packed.spec = .iso8583_1987_binary
        let replies = try bench.send(batch: [
            plain.message(SaleSpec(card, pin: card.pin)), packed.message(SaleSpec(card, pin: card.pin)),
        ])
        #expect(replies.map(\.code) == ["00", "00"] && replies.allSatisfy(\.isSealed))
        #expect(replies.map(\.view.spec.name) == ["iso8583-1987", "iso8583-1987-binary"])
        #expect(replies.allSatisfy { $0.view.number(4) == 12_50 && $0.view.text(49) == "978" })
        // The same terminal may change: a code covers the bytes that were sent, whatever their dialect.
        plain.spec = .iso8583_1987_binary
        #expect(try bench.send(plain.message(SaleSpec(card, pin: card.pin))).view.spec.name == plain.spec.name)
    }

    @Test("whatever bit of a sale is changed on the line, nothing is approved", arguments: KeyProfile.dukpt)
    func changed(profile: KeyProfile) throws {
        let bench = try Bench()
        let card = try bench.card()
        let till = try bench.till("TILL0001", profile)
        till.spec = .iso8583_1987_binary
        let sale = try till.message(SaleSpec(card, pin: card.pin))
        let before = try bench.available(card)
        for index in sale.indices {
            var bytes = sale
            bytes[index] ^= 1 << UInt8(index % 8)
            for reply in try bench.send(batch: [bytes]) { #expect(reply.code != "00", "byte \(index)") }
        }
        #expect(try bench.available(card) == before)
        #expect(try bench.send(sale).code == "00")
    }

    @Test("an account number that is none, and one of too few digits, are a format error")
    func accountNumber() throws {
        let bench = try Bench()
        let card = try bench.card()
        let till = try bench.till()
        till.spec = .iso8583_1987_binary
        for digits in ["4000000000000011", "40000000"] {
            var builder = till.builder(.financialRequest)
            for (field, text) in [
                (2, digits), (3, "000000"), (4, "1250"), (14, "3012"), (22, "051"), (25, "00"), (49, "978"),
            ] { builder.set(field, text: text) }
            let reply = try bench.send(try till.protect(builder))
            #expect(reply.code == "30" && !reply.isSealed)
        }
        #expect(try bench.send(try till.message(SaleSpec(card, pin: card.pin))).code == "00")
    }
}
