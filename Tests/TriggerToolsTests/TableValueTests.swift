// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Testing
import Vocabulary

@testable import TriggerTools

@Suite("Values of a table")
struct TableValueTests {
    private func facts(_ time: String, _ amount: String, _ terminal: String, _ currency: String = "")
        -> TransactionFacts?
    {
        guard var table = try? TransactionTable(header: "datetime,customer_id,terminal_id,amount,currency".utf8) else {
            return nil
        }
        return (try? table.transaction(of: "\(time),A,\(terminal),\(amount),\(currency)".utf8))?.facts
    }

    @Test("a time read from its bytes is the one that its text gives, for every text")
    func times() {
        let seed: UInt64 = 11
        var random = SeededRandom(seed: seed)
        let plain = Array("2018-04-01 10:20:30".utf8)
        var read = 0
        for _ in 0..<4_000 {
            var bytes = plain
            for _ in 0..<random.below(4) { bytes[random.below(bytes.count)] = 0x30 + UInt8(random.below(10)) }
            if random.chance(perMille: 100) { bytes[random.below(bytes.count)] = 0x2D + UInt8(random.below(20)) }
            if random.chance(perMille: 200) { bytes[10] = 0x54 }
            if random.chance(perMille: 200) { bytes.append(0x5A) }
            let text = String(decoding: bytes, as: UTF8.self)
            let facts = facts(text, "1.00", "7")
            #expect(facts?.at == Instant(iso8601: text), "\(text), seed \(seed)")
            if facts != nil { read += 1 }
        }
        #expect(read > 400 && read < 4_000)
        #expect(facts("2018-04-01 10:20:30.25", "1", "7")?.at.microseconds == 1_522_578_030_250_000)
    }

    @Test(
        "an amount read from its bytes is the one that its text gives",
        arguments: [
            "0.00", "12.5", "12", "12.50", "1234567890.12", "12345678901.2", "12345678901.23", "999999999999",
            "1000000000000",
            ".50", "1.", "1.234", "-1.00", "+1.00", "1,00", "", "1.0a", "a.00", "٣.00", "00012.50", "12.50 ",
        ])
    func amounts(text: String) {
        guard !text.contains(",") else { return }
        for code in ["", "EUR", "JPY", "USD"] {
            let expected = Currency(code: code.isEmpty ? "EUR" : code).flatMap { Money(figure: text, $0) }
            #expect(facts("2018-04-01 10:20:30", text, "7", code)?.amount == expected, "\(text) \(code)")
        }
    }

    @Test(
        "a terminal's number is filled up with zeros and a name stays",
        arguments: [
            ("7", "00000007"), ("12345678", "12345678"), ("T1", "T1"), ("00000000", "00000000"), ("a b", "a b"),
        ])
    func terminals(text: String, expected: String) {
        #expect(facts("2018-04-01 10:20:30", "1", text)?.terminal == TerminalID(expected))
    }

    @Test("customers are told apart by their whole names")
    func customers() throws {
        var table = try TransactionTable(header: "datetime,customer_id,terminal_id,amount".utf8)
        let names = ["7", "07", "007", "A", "7a", "", "999999999999999999", "9999999999999999999", "0", "00"]
        var cards: [CardKey] = []
        for name in names + names {
            cards.append(try #require(try table.transaction(of: "2018-04-01 10:20:30,\(name),7,1".utf8)).facts.card)
        }
        #expect(Set(cards).count == names.count)
        #expect(Array(cards.prefix(names.count)) == Array(cards.suffix(names.count)))
    }

    @Test("a table has up to 64 columns", arguments: [63, 64, 65])
    func columns(count: Int) throws {
        let header = "datetime,customer_id,terminal_id,amount" + (4..<count).map { ",c\($0)" }.joined()
        guard count <= TransactionTable.columnsMax else {
            #expect(throws: TransactionTableError.self) { try TransactionTable(header: header.utf8) }
            return
        }
        var table = try TransactionTable(header: header.utf8)
        let line = "2018-04-01 10:20:30,A,7,1.25" + String(repeating: ",x", count: count - 4)
        #expect(try table.transaction(of: line.utf8)?.facts.amount.minorUnits == 125)
        for wrong in [line + ",x", String(line.dropLast(2)), line + String(repeating: ",", count: 100)] {
            #expect(throws: TransactionTableError.self) { try table.transaction(of: wrong.utf8) }
        }
    }

    @Test("place and entry are read, both halves of a place or none, within the earth")
    func places() throws {
        var table = try TransactionTable(
            header: "datetime,customer_id,terminal_id,amount,latitude,longitude,entry".utf8)
        func facts(_ rest: String) throws -> TransactionFacts? {
            try table.transaction(of: "2018-04-01 10:20:30,A,7,1,\(rest)".utf8)?.facts
        }
        let read = try #require(try facts("-48123456,180000000,contactless"))
        #expect(read.place == Position(latitude: -48_123_456, longitude: 180_000_000) && read.entry == .contactless)
        let missing = try #require(try facts(",,"))
        #expect(missing.place == nil && missing.entry == .unknown)
        for wrong in [
            "1,,chip", ",1,chip", "90000001,0,chip", "0,-180000001,chip", "1.5,0,chip", "0,0,chips", "-,0,chip",
        ] {
            #expect(throws: TransactionTableError.self, "\(wrong)") { try facts(wrong) }
        }
    }
}
