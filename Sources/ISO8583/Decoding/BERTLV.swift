// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One BER-TLV data object of a chip data field, by position (EMV 4.3 Book 3 Annex B).
public struct BERTLVElement: Equatable, Sendable {
    /// The tag's bytes as they stand, `0x9F26` or `0x82`.
    public let tag: UInt32
    /// The value's bytes in the message.
    public let range: Range<Int>
}

/// Steps over the data objects of one level. Zero bytes between objects are skipped, as EMV allows.
struct BERTLVWalk {
    let field: Int
    private(set) var offset: Int
    let end: Int
    let content: FieldSpec.Content

    mutating func next(in bytes: Span<UInt8>) throws(DecodeError) -> BERTLVElement? {
        while offset < end, bytes[offset] == 0 { offset += 1 }
        guard offset < end else { return nil }
        let start = offset
        var tag = UInt32(bytes[offset])
        offset += 1
        if tag & 0x1F == 0x1F {
            var more = true
            while more {
                guard offset < end else { throw DecodeError(field, at: start, .truncated(declared: 1, left: 0)) }
                guard offset - start < 4 else { throw DecodeError(field, at: start, .badElement) }
                tag = tag << 8 | UInt32(bytes[offset])
                more = bytes[offset] & 0x80 != 0
                offset += 1
            }
        }
        let lengthStart = offset
        guard offset < end else { throw failure(tag, lengthStart, .truncated(declared: 1, left: 0)) }
        var length = Int(bytes[offset])
        offset += 1
        if length & 0x80 != 0 {
            // Indefinite lengths do not occur in payment data, and three length bytes exceed any message.
            let count = length & 0x7F
            guard count == 1 || count == 2 else { throw failure(tag, lengthStart, .badElement) }
            guard end - offset >= count else {
                throw failure(tag, lengthStart, .truncated(declared: count, left: end - offset))
            }
            length = 0
            for _ in 0..<count {
                length = length << 8 | Int(bytes[offset])
                offset += 1
            }
        }
        guard length <= end - offset else {
            throw failure(tag, lengthStart, .truncated(declared: length, left: end - offset))
        }
        if content == .emv, let fixed = Self.fixedLength(of: tag), length != fixed {
            throw failure(tag, lengthStart, .badElement)
        }
        let range = offset..<offset + length
        offset += length
        return BERTLVElement(tag: tag, range: range)
    }

    private func failure(_ tag: UInt32, _ offset: Int, _ kind: DecodeError.Kind) -> DecodeError {
        DecodeError(path: "\(field).\(Self.text(tag))", offset: offset, kind: kind)
    }

    /// The one length that EMV 4.3 Book 3 Annex A gives a data object of an authorisation: a wrong length that still
    /// ends inside the field would otherwise swallow the objects behind it.
    private static func fixedLength(of tag: UInt32) -> Int? {
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
