// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@Suite("The record codec")
struct ByteCodecTests {
    static let edges: [UInt64] = [0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, 0xFFFF_FFFF, 1 << 63, .max - 1, .max]

    @Test(
        "unsigned numbers have the LEB128 form",
        arguments: [
            (0, "00"), (1, "01"), (127, "7F"), (128, "8001"), (624_485, "E58E26"), (UInt64.max, "FFFFFFFFFFFFFFFFFF01"),
        ] as [(UInt64, String)])
    func leb128(value: UInt64, hex: String) {
        var writer = ByteWriter()
        writer.unsigned(value)
        #expect(Hex.text(writer.bytes) == hex)
    }

    @Test(
        "signed numbers have the zigzag form",
        arguments: [
            (0, "00"), (-1, "01"), (1, "02"), (-2, "03"), (63, "7E"), (-64, "7F"), (64, "8001"),
            (Int64.max, "FEFFFFFFFFFFFFFFFF01"), (Int64.min, "FFFFFFFFFFFFFFFFFF01"),
        ] as [(Int64, String)])
    func zigzag(value: Int64, hex: String) throws {
        var writer = ByteWriter()
        writer.signed(value)
        #expect(Hex.text(writer.bytes) == hex)
        var reader = ByteReader(writer.bytes)
        #expect(try reader.signed() == value)
        #expect(reader.isAtEnd)
    }

    @Test("edges and random numbers of every length read back")
    func numbers() throws {
        var random = SeededRandom(seed: 5)
        let values = Self.edges + (0..<64).flatMap { shift in (0..<20).map { _ in random.next() >> UInt64(shift) } }
        for value in values {
            var writer = ByteWriter()
            writer.unsigned(value)
            writer.signed(Int64(bitPattern: value))
            writer.word(value)
            var reader = ByteReader(writer.bytes)
            #expect(try reader.unsigned(UInt64.self) == value)
            #expect(try reader.signed() == Int64(bitPattern: value))
            #expect(try reader.word() == value)
            #expect(reader.isAtEnd)
        }
    }

    @Test(
        "numbers no writer wrote are refused",
        arguments: [
            "FFFFFFFFFFFFFFFFFF02", "FFFFFFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFFFF8001", "8000", "FF00", "808000",
        ])
    func badNumbers(hex: String) throws {
        var reader = ByteReader(try #require(Hex.bytes(hex)))
        #expect(throws: CodecError.invalid(offset: 0, what: "integer")) { try reader.unsigned(UInt64.self) }
    }

    @Test("a number too great for its field is refused")
    func range() throws {
        var reader = ByteReader([0x80, 0x02])
        #expect(throws: CodecError.invalid(offset: 0, what: "integer range")) { try reader.unsigned(UInt8.self) }
        var fits = ByteReader([0xFF, 0x01])
        #expect(try fits.unsigned(UInt8.self) == 255)
    }

    @Test("a flag is 0 or 1", arguments: 2...255)
    func flags(byte: Int) {
        var reader = ByteReader([UInt8(byte)])
        #expect(throws: CodecError.invalid(offset: 0, what: "flag")) { try reader.flag() }
    }

    /// A record with every kind of value.
    struct Sample: Equatable {
        var byte: UInt8 = 200
        var flag = true
        var number: UInt32 = 70_000
        var instant = Instant(microseconds: -1_234_567)
        var interval = Interval.hours(24)
        var money = Money(minorUnits: -125_000, .jpy)
        var terminal: TerminalID
        var card = CardKey(high: 0x0123_4567_89AB_CDEF, low: 1)
        var text = "收银 till"
        var sized: [UInt8] = [0, 255, 128]
        var some: UInt64? = 9
        var none: UInt64?
        var list: [String] = ["", "a", "密码"]

        func encoded() -> [UInt8] {
            var writer = ByteWriter(capacity: 64)
            writer.byte(byte)
            writer.flag(flag)
            writer.unsigned(number)
            writer.instant(instant)
            writer.interval(interval)
            writer.money(money)
            writer.code(terminal)
            writer.card(card)
            writer.text(text)
            writer.sized(sized)
            writer.optional(some) { $0.unsigned($1) }
            writer.optional(none) { $0.unsigned($1) }
            writer.list(list) { $0.text($1) }
            writer.raw([0xAA, 0xBB])
            return writer.bytes
        }

        init(terminal: TerminalID) { self.terminal = terminal }

        init(_ bytes: [UInt8]) throws(CodecError) {
            var reader = ByteReader(bytes)
            byte = try reader.byte()
            flag = try reader.flag()
            number = try reader.unsigned()
            instant = try reader.instant()
            interval = try reader.interval()
            money = try reader.money()
            terminal = try reader.code()
            card = try reader.card()
            text = try reader.text()
            sized = try reader.sized()
            some = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
            none = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
            list = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.text() }
            guard try reader.raw(2) == [0xAA, 0xBB], reader.isAtEnd else {
                throw .invalid(offset: reader.offset, what: "end")
            }
        }
    }

    @Test("a record with every kind of value reads back")
    func record() throws {
        let sample = Sample(terminal: try #require(TerminalID("POS00001")))
        #expect(try Sample(sample.encoded()) == sample)
    }

    @Test("every truncation of a record is refused")
    func truncations() throws {
        let bytes = Sample(terminal: try #require(TerminalID("POS00001"))).encoded()
        for length in 0..<bytes.count {
            #expect(throws: CodecError.self, "cut after \(length)") { try Sample(Array(bytes.prefix(length))) }
        }
    }

    @Test("no damaged byte stops the process, and what is still read writes the same bytes again")
    func damage() throws {
        let bytes = Sample(terminal: try #require(TerminalID("POS00001"))).encoded()
        for index in bytes.indices {
            for value in UInt8.min...UInt8.max where value != bytes[index] {
                var damaged = bytes
                damaged[index] = value
                if let sample = try? Sample(damaged) {
                    #expect(sample.encoded() == damaged, "byte \(index) = \(value)")
                }
            }
        }
    }

    @Test(
        "a count beyond the bytes that are left is refused before anything is reserved",
        arguments: [
            "02AA", "FFFFFFFF0F", "FFFFFFFFFFFFFFFFFF01", "01",
        ])
    func damagedCounts(hex: String) throws {
        let bytes = try #require(Hex.bytes(hex))
        var first = ByteReader(bytes)
        #expect(throws: CodecError.invalid(offset: 0, what: "count")) { try first.sized() }
        var second = ByteReader(bytes)
        #expect(throws: CodecError.invalid(offset: 0, what: "count")) {
            try second.list { (reader: inout ByteReader) throws(CodecError) in try reader.byte() }
        }
    }

    @Test("a count that just fits is read")
    func exactCount() throws {
        var reader = ByteReader([2, 7, 8])
        #expect(try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.byte() } == [7, 8])
        #expect(reader.isAtEnd)
    }

    @Test("text that is not UTF-8 is refused", arguments: ["01FF", "02C328", "03E28228", "02C080", "03EDA080"])
    func badText(hex: String) throws {
        var reader = ByteReader(try #require(Hex.bytes(hex)))
        #expect(throws: CodecError.invalid(offset: 0, what: "text")) { try reader.text() }
    }

    @Test("a code that is no code is refused", arguments: ["00", "0120", "0109", "09313233343536373839", "01E9"])
    func badCode(hex: String) throws {
        var reader = ByteReader(try #require(Hex.bytes(hex)))
        #expect(throws: CodecError.invalid(offset: 0, what: "code")) { try reader.code(TerminalID.self) }
    }

    @Test("raw reads refuse negative and excessive counts and leave the reader where it was")
    func raw() throws {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: CodecError.truncated(offset: 0)) { try reader.raw(4) }
        #expect(throws: CodecError.truncated(offset: 0)) { try reader.raw(-1) }
        #expect(try reader.raw(0) == [])
        #expect(try reader.raw(3) == [1, 2, 3])
        #expect(throws: CodecError.truncated(offset: 3)) { try reader.byte() }
    }
}
