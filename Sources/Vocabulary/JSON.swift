// SPDX-License-Identifier: Apache-2.0

/// A JSON value (RFC 8259) whose objects keep their members' order, so that the same value always gives the same
/// bytes. For data files and explanations in the cores, which do without Foundation.
public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    public struct Member: Equatable, Sendable {
        public var name: String
        public var value: JSON
        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The first member of that name, or nil.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }
    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }
    public var members: [Member]? {
        if case .object(let value) = self { value } else { nil }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}

// MARK: - Writing

extension JSON {
    /// Compact UTF-8 without white space, members in their order.
    public var text: String {
        var output: [UInt8] = []
        write(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .integer(let value): output += String(value).utf8
        case .double(let value): output += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): Self.write(value, to: &output)
        case .array(let values):
            output.append(0x5B)
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(0x2C) }
                value.write(to: &output)
            }
            output.append(0x5D)
        case .object(let members):
            output.append(0x7B)
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(0x2C) }
                Self.write(member.name, to: &output)
                output.append(0x3A)
                member.value.write(to: &output)
            }
            output.append(0x7D)
        }
    }

    private static func write(_ value: String, to output: inout [UInt8]) {
        output.append(0x22)
        for byte in value.utf8 {
            switch byte {
            case 0x22, 0x5C: output += [0x5C, byte]
            case 0x0A: output += "\\n".utf8
            case 0x0D: output += "\\r".utf8
            case 0x09: output += "\\t".utf8
            case 0..<0x20: output += "\\u00\(Hex.text([byte]))".utf8
            default: output.append(byte)
            }
        }
        output.append(0x22)
    }
}

// MARK: - Reading

/// Where and why text is not JSON.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A byte offset into the text.
    public var offset: Int
    public var expected: String
    public var description: String { "byte \(offset): expected \(expected)" }
}

extension JSON {
    /// Nesting deeper than this is refused.
    public static let depthMax = 64

    public init(parsing bytes: [UInt8]) throws(JSONError) {
        var parser = Parser(bytes: bytes)
        self = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.offset == bytes.count else { throw parser.failure("the end") }
    }

    private struct Parser {
        let bytes: [UInt8]
        var offset = 0

        func failure(_ expected: String) -> JSONError { JSONError(offset: offset, expected: expected) }
        var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

        mutating func skipSpace() {
            while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard current == byte else { return false }
            offset += 1
            return true
        }

        mutating func value(depth: Int) throws(JSONError) -> JSON {
            guard depth < JSON.depthMax else { throw failure("at most \(JSON.depthMax) levels") }
            skipSpace()
            switch current {
            case 0x7B: return try object(depth: depth)
            case 0x5B: return try array(depth: depth)
            case 0x22: return .string(try string())
            case 0x74: return try word("true", .bool(true))
            case 0x66: return try word("false", .bool(false))
            case 0x6E: return try word("null", .null)
            default: return try number()
            }
        }

        mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
            let expected = Array("\(text)".utf8)
            guard bytes.count - offset >= expected.count, Array(bytes[offset..<offset + expected.count]) == expected
            else { throw failure("\(text)") }
            offset += expected.count
            return value
        }

        mutating func object(depth: Int) throws(JSONError) -> JSON {
            offset += 1
            var members: [Member] = []
            if take(0x7D) { return .object([]) }
            repeat {
                skipSpace()
                guard current == 0x22 else { throw failure("a member's name") }
                let name = try string()
                guard take(0x3A) else { throw failure("a colon") }
                members.append(Member(name, try value(depth: depth + 1)))
            } while take(0x2C)
            guard take(0x7D) else { throw failure("a comma or }") }
            return .object(members)
        }

        mutating func array(depth: Int) throws(JSONError) -> JSON {
            offset += 1
            var values: [JSON] = []
            if take(0x5D) { return .array([]) }
            repeat { values.append(try value(depth: depth + 1)) } while take(0x2C)
            guard take(0x5D) else { throw failure("a comma or ]") }
            return .array(values)
        }

        mutating func string() throws(JSONError) -> String {
            offset += 1
            var output: [UInt8] = []
            while let byte = current {
                offset += 1
                switch byte {
                case 0x22:
                    guard let text = String(validating: output, as: UTF8.self) else { throw failure("UTF-8") }
                    return text
                case 0x5C: try escape(into: &output)
                case 0..<0x20: throw failure("no control character")
                default: output.append(byte)
                }
            }
            throw failure("a closing quote")
        }

        mutating func escape(into output: inout [UInt8]) throws(JSONError) {
            guard let byte = current else { throw failure("an escape") }
            offset += 1
            switch byte {
            case 0x22, 0x5C, 0x2F: output.append(byte)
            case 0x62: output.append(0x08)
            case 0x66: output.append(0x0C)
            case 0x6E: output.append(0x0A)
            case 0x72: output.append(0x0D)
            case 0x74: output.append(0x09)
            case 0x75:
                var unit = UInt32(try unit())
                if (0xD800..<0xDC00).contains(unit), current == 0x5C, offset + 1 < bytes.count,
                    bytes[offset + 1] == 0x75
                {
                    offset += 2
                    let low = UInt32(try self.unit())
                    guard (0xDC00..<0xE000).contains(low) else { throw failure("a low surrogate") }
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(unit) else { throw failure("a Unicode scalar") }
                output += String(scalar).utf8
            default: throw failure("an escape")
            }
        }

        mutating func unit() throws(JSONError) -> UInt16 {
            guard bytes.count - offset >= 4,
                let pair = Hex.bytes(String(decoding: bytes[offset..<offset + 4], as: UTF8.self)), pair.count == 2
            else { throw failure("four hexadecimal digits") }
            offset += 4
            return UInt16(pair[0]) << 8 | UInt16(pair[1])
        }

        /// The grammar of RFC 8259, section 6: no leading zeros, digits on both sides of a point.
        mutating func number() throws(JSONError) -> JSON {
            let start = offset
            if current == 0x2D { offset += 1 }
            let whole = digits()
            var isSound = whole == 1 || whole > 1 && bytes[offset - whole] != 0x30
            var isInteger = true
            if current == 0x2E {
                offset += 1
                isInteger = false
                if digits() == 0 { isSound = false }
            }
            if current == 0x45 || current == 0x65 {
                offset += 1
                isInteger = false
                if current == 0x2B || current == 0x2D { offset += 1 }
                if digits() == 0 { isSound = false }
            }
            if isSound {
                let text = String(decoding: bytes[start..<offset], as: UTF8.self)
                if isInteger, let value = Int64(text) { return .integer(value) }
                if let value = Double(text), value.isFinite { return .double(value) }
            }
            offset = start
            throw failure("a value")
        }

        /// Skips digits and says how many there were.
        mutating func digits() -> Int {
            let start = offset
            while let byte = current, (0x30...0x39).contains(byte) { offset += 1 }
            return offset - start
        }
    }
}
