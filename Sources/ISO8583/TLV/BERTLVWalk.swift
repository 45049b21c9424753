// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Steps over the data objects of one level. Zero bytes between objects are skipped, as EMV allows.
struct BERTLVWalk {
    /// Data objects nested deeper are refused.
    static let depthMax = 8

    private(set) var offset: Int
    let end: Int
    let content: FieldSpec.Content

    init(offset: Int, end: Int, content: FieldSpec.Content) {
        self.offset = offset
        self.end = end
        self.content = content
    }

    /// What is wrong with the data objects, and where; `path` holds the tags down to the faulty one.
    struct Fault: Error {
        var path: [UInt32]
        var offset: Int
        var kind: DecodeError.Kind
    }

    mutating func next(in bytes: Span<UInt8>) throws(Fault) -> BERTLVElement? {
        while offset < end, bytes[offset] == 0 { offset += 1 }
        guard offset < end else { return nil }
        let start = offset
        var tag = UInt32(bytes[offset])
        let isConstructed = tag & 0x20 != 0
        offset += 1
        if tag & 0x1F == 0x1F {
            var more = true
            while more {
                guard offset < end else { throw Fault(path: [], offset: start, kind: .truncated(declared: 1, left: 0)) }
                guard offset - start < 4 else { throw Fault(path: [], offset: start, kind: .badElement) }
                tag = tag << 8 | UInt32(bytes[offset])
                more = bytes[offset] & 0x80 != 0
                offset += 1
            }
        }
        let lengthStart = offset
        guard offset < end else { throw Fault(tag, lengthStart, .truncated(declared: 1, left: 0)) }
        var length = Int(bytes[offset])
        offset += 1
        if length & 0x80 != 0 {
            // Indefinite lengths do not occur in payment data, and three length bytes exceed any message.
            let count = length & 0x7F
            guard count == 1 || count == 2 else { throw Fault(tag, lengthStart, .badElement) }
            guard end - offset >= count else {
                throw Fault(tag, lengthStart, .truncated(declared: count, left: end - offset))
            }
            length = 0
            for _ in 0..<count {
                length = length << 8 | Int(bytes[offset])
                offset += 1
            }
        }
        guard length <= end - offset else {
            throw Fault(tag, lengthStart, .truncated(declared: length, left: end - offset))
        }
        if content == .emv, let fixed = Self.fixedLength(of: tag), length != fixed {
            throw Fault(tag, lengthStart, .badElement)
        }
        let range = offset..<offset + length
        offset += length
        return BERTLVElement(tag: tag, range: range, start: start, isConstructed: isConstructed)
    }

    /// Walks every data object, those inside constructed ones too.
    ///
    /// A length that is wrong but ends inside the field makes the walk fail only later, at something that is no data
    /// object; so after a failure the first object that has not its length of EMV is named instead.
    static func check(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ content: FieldSpec.Content
    ) throws(Fault) {
        let lengths = content == .emv ? emvLengths : anyLengths
        if arePrimitive(bytes.bytes, from: range.lowerBound, to: range.upperBound, lengths) { return }
        do throws(Fault) {
            try descend(bytes, range, content, depth: 1)
        } catch {
            if content == .berTLV { try descend(bytes, range, .emv, depth: 1) }
            throw error
        }
    }

    private static func descend(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ content: FieldSpec.Content, depth: Int
    ) throws(Fault) {
        var walk = BERTLVWalk(offset: range.lowerBound, end: range.upperBound, content: content)
        while let element = try walk.next(in: bytes) {
            guard element.isConstructed else { continue }
            guard depth < depthMax else { throw Fault(element.tag, element.start, .badElement) }
            do throws(Fault) {
                try descend(bytes, element.range, content, depth: depth + 1)
            } catch {
                throw Fault(path: [element.tag] + error.path, offset: error.offset, kind: error.kind)
            }
        }
    }

    /// The one length that EMV 4.3 Book 3 Annex A gives a data object of an authorisation: a wrong length that still
    /// ends inside the field would otherwise swallow the objects behind it.
    static func fixedLength(of tag: UInt32) -> Int? {
        switch tag {
        case 0x9C, 0x9F27, 0x9F35, 0x5F34: 1
        case 0x82, 0x5F2A, 0x9F1A, 0x9F36, 0x9F09: 2
        case 0x9A, 0x9F33, 0x9F34: 3
        case 0x9F37: 4
        case 0x95: 5
        case 0x9F02, 0x9F03: 6
        case 0x9F26: 8
        default: nil
        }
    }

    static func text(_ tag: UInt32) -> String {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: tag >> UInt32($0)) }
        return Hex.text(bytes.drop { $0 == 0 })
    }
}

extension BERTLVWalk.Fault {
    fileprivate init(_ tag: UInt32, _ offset: Int, _ kind: DecodeError.Kind) {
        self.init(path: [tag], offset: offset, kind: kind)
    }

    /// As an error of a field.
    func error(in field: Int) -> DecodeError {
        let tags = path.map { ".\(BERTLVWalk.text($0))" }.joined()
        return DecodeError(path: "\(field)\(tags)", offset: offset, kind: kind)
    }
}
