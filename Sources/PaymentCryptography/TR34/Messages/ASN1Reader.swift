// SPDX-License-Identifier: Apache-2.0

/// Bytes that an `ASN1Reader` reads without copying them: slices of an array, or of a wiped buffer.
protocol ASN1Bytes: RandomAccessCollection where Element == UInt8, Index == Int, SubSequence == Self {}
extension ArraySlice<UInt8>: ASN1Bytes {}
extension Slice<UnsafeRawBufferPointer>: ASN1Bytes {}

/// One element of BER: its tag, its content, and its encoding as it stands.
struct ASN1Element<Bytes: ASN1Bytes> {
    let tag: UInt8
    let content: Bytes
    let encoding: Bytes

    var bytes: [UInt8] { Array(content) }
    /// The elements inside.
    var reader: ASN1Reader<Bytes> { ASN1Reader(content) }
}

/// Reads BER elements one after the other: lengths of every form, tags below 31.
struct ASN1Reader<Bytes: ASN1Bytes> {
    private var rest: Bytes

    init(_ bytes: Bytes) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// What has not been read.
    var remainder: Bytes { rest }

    /// The tag of the next element.
    var tag: UInt8? { rest.first }

    /// The next element.
    ///
    /// - Parameter part: names it in the error.
    mutating func next(_ part: StaticString) throws(TR34Error) -> ASN1Element<Bytes> {
        guard let extent = Self.extent(rest, rest.startIndex, depth: 0) else { throw .malformed("\(part)") }
        let element = ASN1Element(
            tag: rest[rest.startIndex], content: rest[extent.content], encoding: rest[rest.startIndex..<extent.end])
        rest = rest[extent.end...]
        return element
    }

    /// The next element, which has to have the tag.
    mutating func next(_ tag: UInt8, _ part: StaticString) throws(TR34Error) -> ASN1Element<Bytes> {
        let element = try next(part)
        guard element.tag == tag else { throw .malformed("\(part)") }
        return element
    }

    /// The next element if it has the tag.
    mutating func nextIf(_ tag: UInt8, _ part: StaticString) throws(TR34Error) -> ASN1Element<Bytes>? {
        guard self.tag == tag else { return nil }
        return try next(part)
    }

    /// The content of an OCTET STRING, put together if it is in parts (X.690 8.7).
    mutating func nextOctets(_ part: StaticString) throws(TR34Error) -> [UInt8] {
        let element = try next(part)
        guard element.tag & ~ASN1.Tag.constructed == ASN1.Tag.octets else { throw .malformed("\(part)") }
        return try Self.octets(element, part, depth: 0)
    }

    /// Nothing may follow.
    func end(_ part: StaticString) throws(TR34Error) {
        guard rest.isEmpty else { throw .malformed("\(part)") }
    }

    /// The bytes of a string: its content, or that of its parts.
    static func octets(_ element: ASN1Element<Bytes>, _ part: StaticString, depth: Int) throws(TR34Error) -> [UInt8] {
        guard element.tag & ASN1.Tag.constructed != 0 else { return element.bytes }
        guard depth < ASN1.depthMax else { throw .malformed("\(part)") }
        var output: [UInt8] = []
        var reader = element.reader
        while !reader.isAtEnd {
            let piece = try reader.next(part)
            guard piece.tag & ~ASN1.Tag.constructed == ASN1.Tag.octets else { throw .malformed("\(part)") }
            output += try octets(piece, part, depth: depth + 1)
        }
        return output
    }

    /// The elements of a SET or SEQUENCE with definite lengths throughout, in the order as it stands.
    static func definiteElements(_ content: Bytes, depth: Int = 0) throws(TR34Error) -> [[UInt8]] {
        guard depth < ASN1.depthMax else { throw .malformed("nesting") }
        var output: [[UInt8]] = []
        var reader = ASN1Reader(content)
        while !reader.isAtEnd {
            let element = try reader.next("element")
            if element.tag & ASN1.Tag.constructed == 0 {
                output.append(ASN1.element(element.tag, element.content))
            } else {
                let inside = try definiteElements(element.content, depth: depth + 1)
                output.append(ASN1.element(element.tag, inside.flatMap { $0 }))
            }
        }
        return output
    }

    /// Where the content of the element at `start` lies and where the element ends; nil when it is none.
    private static func extent(_ bytes: Bytes, _ start: Int, depth: Int) -> (content: Range<Int>, end: Int)? {
        guard depth <= ASN1.depthMax, bytes.endIndex - start >= 2, bytes[start] & 0x1F != 0x1F else { return nil }
        let first = bytes[start + 1]
        var offset = start + 2
        if first == 0x80 {
            guard bytes[start] & ASN1.Tag.constructed != 0 else { return nil }
            let content = offset
            while true {
                guard bytes.endIndex - offset >= 2 else { return nil }
                if bytes[offset] == 0, bytes[offset + 1] == 0 { return (content..<offset, offset + 2) }
                guard let inside = extent(bytes, offset, depth: depth + 1) else { return nil }
                offset = inside.end
            }
        }
        var count = Int(first)
        if first > 0x80 {
            let digits = Int(first & 0x7F)
            guard digits <= 4, bytes.endIndex - offset >= digits else { return nil }
            count = bytes[offset..<offset + digits].reduce(0) { $0 << 8 | Int($1) }
            offset += digits
        }
        // An element without a tag ends an indefinite length and stands nowhere else.
        guard bytes[start] != 0, bytes.endIndex - offset >= count else { return nil }
        return (offset..<offset + count, offset + count)
    }
}
