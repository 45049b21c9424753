// SPDX-License-Identifier: Apache-2.0

/// Why bytes could not be read back as a record.
public enum CodecError: Error, Equatable, Sendable {
    /// The bytes end before the value does; the offset is the byte that is missing or, for a run of bytes, its start.
    case truncated(offset: Int)
    /// A tag, version or length that no version of this program ever wrote.
    case invalid(offset: Int, what: String)
}

/// Writes the record codec: LEB128 integers, and bytes and UTF-8 with a length before them.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8]

    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public mutating func byte(_ value: UInt8) { bytes.append(value) }
    public mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// Unsigned LEB128.
    public mutating func unsigned(_ value: some UnsignedInteger & FixedWidthInteger) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Zigzag LEB128.
    public mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }
    public mutating func count(_ value: Int) { unsigned(UInt64(value)) }

    /// Eight bytes, big-endian: for hashes, where LEB128 would only cost.
    public mutating func word(_ value: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    public mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }
    public mutating func sized(_ value: some Collection<UInt8>) {
        count(value.count)
        bytes.append(contentsOf: value)
    }
    public mutating func text(_ value: String) { sized(Array(value.utf8)) }

    public mutating func instant(_ value: Instant) { signed(value.microseconds) }
    public mutating func interval(_ value: Interval) { signed(value.microseconds) }
    public mutating func money(_ value: Money) {
        signed(value.minorUnits)
        unsigned(value.currency.numeric)
    }
    public mutating func code(_ value: some PackedCode) { sized(value.bytes) }
    public mutating func card(_ value: CardKey) {
        word(value.high)
        word(value.low)
    }
    public mutating func optional<T>(_ value: T?, _ write: (inout ByteWriter, T) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }
    public mutating func list<T>(_ values: [T], _ write: (inout ByteWriter, T) -> Void) {
        count(values.count)
        for value in values { write(&self, value) }
    }
}

/// Reads what `ByteWriter` wrote. Every failure is a `CodecError` with its offset.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    private let end: Int
    public private(set) var offset: Int

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    public var isAtEnd: Bool { offset == end }

    public mutating func byte() throws(CodecError) -> UInt8 {
        guard offset < end else { throw .truncated(offset: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    public mutating func flag() throws(CodecError) -> Bool {
        let start = offset
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw .invalid(offset: start, what: "flag")
        }
    }

    public mutating func unsigned<T: UnsignedInteger & FixedWidthInteger>(
        _ type: T.Type = T.self
    ) throws(CodecError) -> T {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw .invalid(offset: start, what: "integer") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 {
                // A longer form than needed: no writer makes it, and one value must have one form.
                guard next != 0 || shift == 0 else { throw .invalid(offset: start, what: "integer") }
                break
            }
            shift += 7
            guard shift < 64 else { throw .invalid(offset: start, what: "integer") }
        }
        guard let exact = T(exactly: value) else { throw .invalid(offset: start, what: "integer range") }
        return exact
    }

    public mutating func signed() throws(CodecError) -> Int64 {
        let value: UInt64 = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A count of things that take at least one byte each; more than the bytes that are left is refused here,
    /// so that no reader reserves memory on a damaged count.
    public mutating func count() throws(CodecError) -> Int {
        let start = offset
        let value: UInt64 = try unsigned()
        guard value <= UInt64(end - offset) else { throw .invalid(offset: start, what: "count") }
        return Int(value)
    }

    public mutating func word() throws(CodecError) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<8 { value = value << 8 | UInt64(try byte()) }
        return value
    }

    public mutating func raw(_ count: Int) throws(CodecError) -> [UInt8] {
        guard count >= 0, end - offset >= count else { throw .truncated(offset: offset) }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }
    public mutating func sized() throws(CodecError) -> [UInt8] { try raw(try count()) }
    public mutating func text() throws(CodecError) -> String {
        let start = offset
        guard let text = String(validating: try sized(), as: UTF8.self) else {
            throw .invalid(offset: start, what: "text")
        }
        return text
    }

    public mutating func instant() throws(CodecError) -> Instant { Instant(microseconds: try signed()) }
    public mutating func interval() throws(CodecError) -> Interval { Interval(microseconds: try signed()) }
    public mutating func money() throws(CodecError) -> Money {
        let units = try signed()
        return Money(minorUnits: units, Currency(numeric: try unsigned()))
    }
    public mutating func code<T: PackedCode>(_ type: T.Type = T.self) throws(CodecError) -> T {
        let start = offset
        let bytes = try sized()
        guard let value = T(ascii: bytes), bytes.last != 0x20 else { throw .invalid(offset: start, what: "code") }
        return value
    }
    public mutating func card() throws(CodecError) -> CardKey {
        let high = try word()
        return CardKey(high: high, low: try word())
    }
    public mutating func optional<T>(
        _ read: (inout ByteReader) throws(CodecError) -> T
    ) throws(CodecError) -> T? {
        try flag() ? try read(&self) : nil
    }
    public mutating func list<T>(
        _ read: (inout ByteReader) throws(CodecError) -> T
    ) throws(CodecError) -> [T] {
        let total = try count()
        var values: [T] = []
        values.reserveCapacity(total)
        for _ in 0..<total { values.append(try read(&self)) }
        return values
    }
}
