// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

/// What is read and written many bytes at a time must be the same as byte by byte.
@Suite("Fast paths")
struct FastPathTests {
    @Test("A control character anywhere in a purchase is refused by its own field and at its own byte")
    func everyByte() throws {
        let encoded = try Sample.purchase().encode()
        var offset = 12
        for field in encoded.fields.fields {
            let value = try #require(encoded.range(of: field))
            let isBinary = Sample.spec.field(field)?.kind == .binary
            for index in offset..<value.upperBound where index < value.lowerBound || !isBinary {
                var bytes = encoded.bytes
                bytes[index] = 0x07
                let found = error(DecodeError.self) { try MessageView(bytes, spec: Sample.spec) }
                #expect(found?.path == "\(field)", "byte \(index)")
                #expect(found?.offset == (index < value.lowerBound ? offset : index), "byte \(index)")
            }
            offset = value.upperBound
        }
        #expect(offset == encoded.bytes.count)
    }

    @Test(
        "An index read again, also after a message that was refused, is as one made anew, over all published messages")
    func readAgain() throws {
        let first = try Sample.purchaseBytes()
        var index = try MessageIndex(reading: first.span, spec: Sample.spec)
        var count = 0
        for vector in VectorTests.messages {
            guard let view = try? MessageView(vector.body, spec: vector.spec) else { continue }
            let short = Array(vector.body.dropLast())
            let refused = error(DecodeError.self) { try MessageView(short, spec: vector.spec) }
            #expect(refused != nil)
            #expect(
                error(DecodeError.self) { try index.read(short.span, spec: vector.spec) } == refused, "\(vector.id)")
            #expect(index.fields.isEmpty)
            try index.read(vector.body.span, spec: vector.spec)
            #expect(index.mti == view.mti && index.fields == view.fields && index.end == vector.body.count)
            for field in view.fields.fields {
                #expect(index.range(of: field, spec: vector.spec) == view.range(of: field), "\(vector.id) \(field)")
            }
            count += 1
        }
        #expect(count > 0)
    }

    @Test(
        "Fields set, replaced and removed in any order give the message of their last values",
        arguments: [UInt64(5), 6])
    func anyOrder(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let numbers = Sample.spec.definedFields.fields.filter { $0 != 64 && $0 != 128 }
        var builder = MessageBuilder(.financialRequest, spec: Sample.spec)
        for round in 0..<100 {
            builder.restart(.financialRequest)
            var values: [Int: [UInt8]] = [:]
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let field = numbers[Int.random(in: 0..<numbers.count, using: &random)]
                guard Int.random(in: 0..<5, using: &random) > 0 else {
                    builder.remove(field)
                    values[field] = nil
                    continue
                }
                let value = try #require(Self.value(of: field, using: &random))
                builder.set(field, bytes: value)
                values[field] = value
            }
            var ordered = MessageBuilder(.financialRequest, spec: Sample.spec)
            for (field, value) in values.sorted(by: { $0.key < $1.key }) { ordered.set(field, bytes: value) }
            #expect(builder.fields == FieldSet(values.keys))
            let bytes = try builder.encode().bytes
            #expect(try bytes == ordered.encode().bytes, "seed \(seed) round \(round)")
            let view = try MessageView(bytes, spec: Sample.spec)
            for (field, value) in values {
                #expect(view.bytes(field).map(Array.init) == value, "seed \(seed) \(field)")
            }
        }
    }

    /// A value that the field can have, digits or data objects; nil for a field that the dialect does not have.
    private static func value(of field: Int, using random: inout Seeded) -> [UInt8]? {
        guard let layout = Sample.spec.field(field) else { return nil }
        let length = Int.random(in: Int(layout.minimum)...min(90, Int(layout.maximum)), using: &random)
        let digits = (0..<length).map { _ in UInt8.random(in: 0x30...0x39, using: &random) }
        return layout.content.isBERTLV ? [0xDF, 0x01, UInt8(length)] + digits : digits
    }

    @Test("A data object of one or two tag bytes is refused exactly when EMV fixes another length for its tag")
    func objectLengths() throws {
        let fixed: [Int: Int] = [
            0x9C: 1, 0x9F27: 1, 0x9F35: 1, 0x5F34: 1, 0x82: 2, 0x5F2A: 2, 0x9F1A: 2, 0x9F36: 2, 0x9F09: 2, 0x9A: 3,
            0x9F33: 3, 0x9F34: 3, 0x9F37: 4, 0x95: 5, 0x9F02: 6, 0x9F03: 6, 0x9F26: 8,
        ]
        let one = (1..<256).filter { $0 & 0x20 == 0 && $0 & 0x1F != 0x1F }
        let two = [0x1F, 0x5F, 0x9F, 0xDF].flatMap { first in (0..<0x80).map { first << 8 | $0 } }
        for tag in one + two {
            for length in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 127] {
                let head = (tag > 255 ? [UInt8(tag >> 8)] : []) + [UInt8(tag & 0xFF), UInt8(length)]
                let object = head + [UInt8](repeating: 0, count: length)
                var builder = MessageBuilder(.financialRequest, spec: Sample.spec)
                // Another before it, so that no object stands at the beginning alone.
                builder.set(55, bytes: [0x84, 0x01, 0x00] + object)
                let isRefused = error(EncodeError.self) { try builder.encode() } != nil
                #expect(isRefused == (fixed[tag].map { $0 != length } ?? false), "tag \(tag) length \(length)")
            }
        }
    }

    @Test("A message of nearly all fields is read where it was written, and a wrong digit found in any of them")
    func manyFields() throws {
        // The loader takes 35 and 36 for tracks.
        let numbers = (2...192).filter { ![35, 36, 65].contains($0) }
        var members: [JSON.Member] = []
        for number in numbers {
            members.append(
                .init(
                    "\(number)",
                    ["name": "x", "kind": "n", "len": "fixed", "max": .integer(Int64(1 + number % 3)), "enc": "ascii"]))
        }
        let spec = try SpecText.spec(
            SpecText.document(
                fields: .object(members), bitmap: ["enc": "binary", "maxFields": 192], count: .integer(192)))
        var builder = MessageBuilder(.financialRequest, spec: spec)
        for number in numbers.reversed() { builder.set(number, number: UInt64(number % 10)) }
        let encoded = try builder.encode()
        let view = try MessageView(encoded.bytes, spec: spec)
        #expect(view.fields.fields == numbers)
        for number in numbers {
            let range = try #require(view.range(of: number))
            #expect(encoded.range(of: number) == range)
            #expect(view.number(number) == UInt64(number % 10))
            var bytes = encoded.bytes
            bytes[range.upperBound - 1] = 0x3A
            let found = error(DecodeError.self) { try MessageView(bytes, spec: spec) }
            #expect(found?.path == "\(number)" && found?.offset == range.upperBound - 1)
        }
        builder.remove(100)
        builder.remove(2)
        builder.set(2, number: 9)
        let shorter = try MessageView(try builder.encode().bytes, spec: spec)
        #expect(shorter.fields.fields == numbers.filter { $0 != 100 })
        #expect(shorter.number(2) == 9 && shorter.number(192) == 2)
    }
}
