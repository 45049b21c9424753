// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension ByteReader {
    /// A one-byte enumeration.
    mutating func choice<T: RawRepresentable>(_ type: T.Type) throws(CodecError) -> T where T.RawValue == UInt8 {
        let start = offset
        guard let value = T(rawValue: try byte()) else { throw .invalid(offset: start, what: "\(T.self)") }
        return value
    }

    /// Bytes with their length before them, no more than so many.
    mutating func sized(max: Int) throws(CodecError) -> [UInt8] {
        let start = offset
        let count = try count()
        guard count <= max else { throw .invalid(offset: start, what: "length") }
        return try raw(count)
    }

    /// Bytes with their length before them, exactly so many.
    mutating func sized(exactly count: Int) throws(CodecError) -> [UInt8] {
        let start = offset
        let bytes = try sized(max: count)
        guard bytes.count == count else { throw .invalid(offset: start, what: "length") }
        return bytes
    }

    mutating func text(max: Int) throws(CodecError) -> String {
        let start = offset
        guard let text = String(validating: try sized(max: max), as: UTF8.self) else {
            throw .invalid(offset: start, what: "text")
        }
        return text
    }

    /// A list of no more values than that.
    mutating func list<T>(
        max: Int, _ read: (inout ByteReader) throws(CodecError) -> T
    ) throws(CodecError) -> [T] {
        let start = offset
        let total = try count()
        guard total <= max else { throw .invalid(offset: start, what: "number of values") }
        var values: [T] = []
        values.reserveCapacity(total)
        for _ in 0..<total { values.append(try read(&self)) }
        return values
    }

    /// Where it begins and how long it is.
    mutating func range() throws(CodecError) -> Range<Int> {
        let start = offset
        let lower: UInt32 = try unsigned()
        let count: UInt32 = try unsigned()
        guard lower <= WireLimits.rangeEnd, count <= WireLimits.rangeEnd - lower else {
            throw .invalid(offset: start, what: "range")
        }
        return Int(lower)..<Int(lower + count)
    }

    mutating func optionalRange() throws(CodecError) -> Range<Int>? {
        try optional { (reader: inout ByteReader) throws(CodecError) in try reader.range() }
    }

    /// Where something begins.
    mutating func place() throws(CodecError) -> Int {
        let start = offset
        let value: UInt32 = try unsigned()
        guard value <= WireLimits.rangeEnd else { throw .invalid(offset: start, what: "place") }
        return Int(value)
    }

    mutating func pan() throws(CodecError) -> PAN {
        let start = offset
        guard let pan = PAN(ascii: try sized(max: 19)) else { throw .invalid(offset: start, what: "card") }
        return pan
    }

    mutating func zone() throws(CodecError) -> ZoneID { ZoneID(try text(max: WireLimits.zoneNameBytes)) }

    mutating func message() throws(CodecError) -> [UInt8] { try sized(max: WireLimits.messageBytes) }
}

extension ByteWriter {
    mutating func range(_ range: Range<Int>) {
        count(range.lowerBound)
        count(range.count)
    }

    mutating func pan(_ pan: PAN) { sized(pan.ascii) }
}
