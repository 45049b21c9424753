// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One subfield where it lies.
struct SubfieldPlace {
    /// Its number or tag.
    var key: String
    /// Nil for a tag that the specification does not have, and for what stands behind the last position.
    var part: CompositeSpec.Part?
    /// The bytes of tag, length and value; for packed digits the bytes that hold them.
    var range: Range<Int>
    /// The bytes of the value.
    var value: Range<Int>
    /// In digits or bytes.
    var length: Int
    /// Which of the parent's digits, where subfields are digits of a packed value.
    var digits: Range<Int>?
}

extension CompositeSpec {
    /// The key of what stands behind the last position.
    static let rest = "rest"

    /// Checks that the value is divided as specified and what each subfield holds.
    func check(
        _ path: String, _ field: LocatedField, in bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled
    ) throws(DecodeError) {
        try walk(path, field, in: bytes) { (place) throws(DecodeError) in
            guard let part = place.part, place.digits == nil else { return }
            let here = "\(path).\(place.key)"
            if let flaw = part.layout.firstFlaw(
                in: bytes, from: place.value.lowerBound, to: place.value.upperBound, length: place.length)
            {
                throw DecodeError(path: here, offset: flaw.index, kind: flaw.kind)
            }
            let located = LocatedField(layout: part.layout, range: place.value, length: place.length)
            switch part.layout.content {
            case .opaque: break
            case .composite:
                try compiled.composites[Int(part.layout.composite)].check(here, located, in: bytes, compiled)
            case .berTLV, .emv:
                do throws(BERTLVWalk.Fault) {
                    try BERTLVWalk.check(bytes, place.value, part.layout.content)
                } catch {
                    let inner = error.error(in: 0).path.dropFirst()
                    throw DecodeError(path: here + inner, offset: error.offset, kind: error.kind)
                }
            }
        }
    }

    /// Steps over the subfields in their order.
    ///
    /// - Throws: where the value is not divided as specified; what has been visited before is sound.
    func walk(
        _ path: String, _ field: LocatedField, in bytes: Span<UInt8>,
        visit: (SubfieldPlace) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        switch form {
        case .positional(let required):
            if countsCharacters {
                try walkDigits(path, field, required: required, visit: visit)
            } else {
                try walkPositions(path, field, in: bytes, required: required, visit: visit)
            }
        case .bitmapped(let encoding, let count):
            try walkBitmap(path, field, in: bytes, encoding: encoding, count: count, visit: visit)
        case .tagged(let form): try walkTags(path, field, in: bytes, form: form, visit: visit)
        }
    }

    private func walkDigits(
        _ path: String, _ field: LocatedField, required: Int, visit: (SubfieldPlace) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        let lead = field.layout.padSide == .left && field.length % 2 == 1 ? 1 : 0
        let byte = { (digit: Int) in field.range.lowerBound + (digit + lead) / 2 }
        let place = { (key: String, part: Part?, digits: Range<Int>) in
            let range = byte(digits.lowerBound)..<byte(digits.upperBound - 1) + 1
            return SubfieldPlace(
                key: key, part: part, range: range, value: range, length: digits.count, digits: digits)
        }
        var position = 0
        for (index, part) in parts.enumerated() {
            let left = field.length - position
            if left == 0, index >= required { return }
            let (least, most) = (Int(part.layout.minimum), Int(part.layout.maximum))
            guard left >= least else {
                throw DecodeError(
                    path: "\(path).\(part.key)", offset: byte(position), kind: .truncated(declared: least, left: left))
            }
            let length = min(left, most)
            if length > 0 { try visit(place(part.key, part, position..<position + length)) }
            position += length
        }
        guard position < field.length else { return }
        guard keepsRest else {
            throw DecodeError(path: path, offset: byte(position), kind: .trailingBytes(field.length - position))
        }
        try visit(place(Self.rest, nil, position..<field.length))
    }

    private func walkPositions(
        _ path: String, _ field: LocatedField, in bytes: Span<UInt8>, required: Int,
        visit: (SubfieldPlace) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        let end = field.range.upperBound
        var offset = field.range.lowerBound
        for (index, part) in parts.enumerated() {
            if offset == end, index >= required { return }
            let place = try place(of: part, path, in: bytes, at: offset, end: end)
            try visit(place)
            offset = place.range.upperBound
        }
        guard offset < end else { return }
        guard keepsRest else { throw DecodeError(path: path, offset: offset, kind: .trailingBytes(end - offset)) }
        try visit(
            SubfieldPlace(key: Self.rest, range: offset..<end, value: offset..<end, length: end - offset))
    }

    /// The place of a subfield that is laid out like a field.
    private func place(
        of part: Part, _ path: String, in bytes: Span<UInt8>, at offset: Int, end: Int
    ) throws(DecodeError) -> SubfieldPlace {
        let here = "\(path).\(part.key)"
        let layout = part.layout
        if !layout.isVariable, layout.minimum < layout.maximum {
            let most = layout.encodedLength(Int(layout.maximum))
            guard end - offset <= most else {
                throw DecodeError(
                    path: here, offset: offset,
                    kind: .lengthOverMaximum(declared: end - offset, maximum: Int(layout.maximum)))
            }
            guard let length = layout.length(ofRest: end - offset), length >= Int(layout.minimum) else {
                throw DecodeError(
                    path: here, offset: offset,
                    kind: .truncated(declared: layout.encodedLength(Int(layout.minimum)), left: end - offset))
            }
            return SubfieldPlace(
                key: part.key, part: part, range: offset..<end, value: offset..<end, length: length)
        }
        let extent: FieldSpec.Extent
        do throws(DecodeError) {
            extent = try layout.measure(0, in: bytes.extracting(0..<end), at: offset)
        } catch {
            throw DecodeError(path: here, offset: error.offset, kind: error.kind)
        }
        return SubfieldPlace(
            key: part.key, part: part, range: offset..<extent.end, value: extent.start..<extent.end,
            length: extent.length)
    }

    private func walkBitmap(
        _ path: String, _ field: LocatedField, in bytes: Span<UInt8>, encoding: FieldSpec.Encoding, count: Int,
        visit: (SubfieldPlace) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        let end = field.range.upperBound
        var offset = field.range.lowerBound
        let size = encoding == .hex ? 2 * count : count
        guard end - offset >= size else {
            throw DecodeError(path: path, offset: offset, kind: .truncated(declared: size, left: end - offset))
        }
        var bits: UInt64 = 0
        for index in offset..<offset + size {
            if encoding == .hex {
                guard let nibble = FieldSpec.nibble(ofHex: bytes[index]) else {
                    let found = CharacterClass(of: bytes[index])
                    throw DecodeError(
                        path: path, offset: index, kind: .badCharacter(expected: .hexDigits, found: found))
                }
                bits = bits << 4 | UInt64(nibble)
            } else {
                bits = bits << 8 | UInt64(bytes[index])
            }
        }
        bits <<= UInt64(64 - 8 * count)
        let mapStart = offset
        offset += size
        while bits != 0 {
            let number = bits.leadingZeroBitCount + 1
            bits &= ~(1 << UInt64(64 - number))
            guard let part = parts.first(where: { $0.key == "\(number)" }) else {
                throw DecodeError(path: "\(path).\(number)", offset: mapStart, kind: .unknownField)
            }
            let place = try place(of: part, path, in: bytes, at: offset, end: end)
            try visit(place)
            offset = place.range.upperBound
        }
        guard offset == end else { throw DecodeError(path: path, offset: offset, kind: .trailingBytes(end - offset)) }
    }

    private func walkTags(
        _ path: String, _ field: LocatedField, in bytes: Span<UInt8>, form: TaggedForm,
        visit: (SubfieldPlace) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        let end = field.range.upperBound
        var offset = field.range.lowerBound
        while offset < end {
            let start = offset
            guard end - offset >= form.tagBytes else {
                throw DecodeError(
                    path: path, offset: offset, kind: .truncated(declared: form.tagBytes, left: end - offset))
            }
            let key = form.text(ofTag: bytes, at: offset)
            let part = parts.first { $0.key == key }
            if part == nil, !form.keepsUnknown {
                throw DecodeError(path: "\(path).\(key)", offset: start, kind: .unknownTag)
            }
            let extent: FieldSpec.Extent
            do throws(DecodeError) {
                extent = try form.length.measure(0, in: bytes.extracting(0..<end), at: offset + form.tagBytes)
            } catch {
                throw DecodeError(path: "\(path).\(key)", offset: error.offset, kind: error.kind)
            }
            var length = extent.length
            if let part {
                guard let own = part.layout.length(ofRest: extent.length) else {
                    throw DecodeError(path: "\(path).\(key)", offset: extent.start, kind: .badLengthPrefix)
                }
                length = own
                try part.layout.checkBounds(own, "\(path).\(key)", at: start + form.tagBytes)
            }
            try visit(
                SubfieldPlace(
                    key: key, part: part, range: start..<extent.end, value: extent.start..<extent.end,
                    length: length))
            offset = extent.end
        }
    }
}

extension CompositeSpec.TaggedForm {
    /// The tag as a path shows it: characters that print, hexadecimal digits for packed and binary ones and for
    /// characters that do not.
    func text(ofTag bytes: Span<UInt8>, at start: Int) -> String {
        let tag = (start..<start + tagBytes).map { EBCDIC.character(bytes[$0], tagEncoding) }
        let prints = tagEncoding.isText && tag.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return prints ? String(decoding: tag, as: UTF8.self) : Hex.text(tag)
    }
}

extension FieldSpec {
    /// The length of a value without a prefix that takes `count` bytes.
    func length(ofRest count: Int) -> Int? {
        switch encoding {
        case .bcd: kind == .signedNumeric ? max(0, count * 2 - 1) : count * 2
        default: length(ofEncoded: count)
        }
    }

    fileprivate func checkBounds(_ length: Int, _ path: String, at offset: Int) throws(DecodeError) {
        if length > Int(maximum) {
            throw DecodeError(
                path: path, offset: offset, kind: .lengthOverMaximum(declared: length, maximum: Int(maximum)))
        }
        if length < Int(minimum) {
            throw DecodeError(
                path: path, offset: offset, kind: .lengthUnderMinimum(declared: length, minimum: Int(minimum)))
        }
    }
}
