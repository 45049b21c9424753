// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension MessageView {
    /// The value of a field that holds 1 to 19 digits, possibly with spaces behind them; nil for anything else.
    public func number(_ field: Int) -> UInt64? {
        guard let (encoding, range) = place(of: field) else { return nil }
        guard encoding == .ascii else { return numberOfOther(field) }
        let raw = bytes.span.bytes
        var end = range.upperBound
        while end > range.lowerBound, raw.unsafeLoad(fromUncheckedByteOffset: end &- 1, as: UInt8.self) == 0x20 {
            end &-= 1
        }
        guard 1...19 ~= end &- range.lowerBound else { return nil }
        return Words.number(raw, from: range.lowerBound, to: end)
    }

    /// How a field is encoded and where its value lies, inside the message; nil if it is not present.
    @inline(__always)
    func place(of field: Int) -> (encoding: FieldSpec.Encoding, range: Range<Int>)? {
        guard let range = range(of: field) else { return nil }
        let plan = spec.compiled.plan(of: field)
        return (plan.isOnly ? plan.encoding : layout(of: field)?.encoding ?? .binary, range)
    }

    /// Packed digits and EBCDIC.
    @inline(never)
    private func numberOfOther(_ field: Int) -> UInt64? {
        guard let located = located(field), located.layout.encoding == .bcd || located.layout.encoding.isEBCDIC,
            located.layout.kind != .signedNumeric
        else { return nil }
        return number(located, 0..<located.length)
    }

    /// The number that some of a value's characters are.
    private func number(_ field: LocatedField, _ characters: Range<Int>) -> UInt64? {
        let span = bytes.span
        var end = characters.upperBound
        while end > characters.lowerBound, field.character(end - 1, in: span) == 0x20 { end -= 1 }
        guard 1...19 ~= end - characters.lowerBound else { return nil }
        var value: UInt64 = 0
        for position in characters.lowerBound..<end {
            let digit = field.character(position, in: span) &- 0x30
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ UInt64(digit)
        }
        return value
    }

    /// The value as text without the spaces behind it: the digits of packed fields, `D` for a packed separator,
    /// hexadecimal characters as they stand; nil for a field that is not present or holds raw bytes.
    public func text(_ field: Int) -> String? {
        guard let located = located(field), located.layout.encoding != .binary else { return nil }
        if located.layout.encoding == .ascii || located.layout.encoding == .hex {
            var end = located.range.upperBound
            while end > located.range.lowerBound, bytes[end - 1] == 0x20 { end -= 1 }
            return String(decoding: bytes[located.range.lowerBound..<end], as: UTF8.self)
        }
        return located.text(in: bytes.span, trimmed: true)
    }

    // MARK: - Subfields

    /// The value of a subfield by its number or tag, as text with the spaces behind it; hexadecimal for raw bytes; nil
    /// if it is not there.
    public func text(_ field: Int, part key: String) -> String? {
        guard let located = located(field), let place = place(of: key, located) else { return nil }
        if let digits = place.digits { return located.text(digits, in: bytes.span) }
        guard let layout = place.part?.layout, layout.encoding != .binary else { return Hex.text(bytes[place.value]) }
        return LocatedField(layout: layout, range: place.value, length: place.length).text(in: bytes.span)
    }

    /// The value of a subfield by its position, as text.
    public func text(_ field: Int, part position: Int) -> String? { text(field, part: "\(position)") }

    /// The value of a subfield of 1 to 19 digits.
    public func number(_ field: Int, part position: Int) -> UInt64? {
        guard let located = located(field), let place = place(of: "\(position)", located) else { return nil }
        if let digits = place.digits { return number(located, digits) }
        guard let layout = place.part?.layout, layout.kind == .numeric else { return nil }
        return number(LocatedField(layout: layout, range: place.value, length: place.length), 0..<place.length)
    }

    private func place(of key: String, _ field: LocatedField) -> SubfieldPlace? {
        guard field.layout.content == .composite else { return nil }
        var found: SubfieldPlace?
        // Decoding has walked these bytes; in a view of lint what is sound of them counts.
        try? spec.compiled.composites[Int(field.layout.composite)].walk("", field, in: bytes.span) { place in
            if place.key == key, found == nil { found = place }
        }
        return found
    }

    // MARK: - Data objects

    /// The data objects of a field whose content is BER-TLV; without elements for other fields.
    public func tlv(_ field: Int) -> TLVView {
        guard let range = range(of: field), layout(of: field)?.content.isBERTLV == true else {
            return TLVView(bytes: bytes, range: 0..<0)
        }
        return TLVView(bytes: bytes, range: range)
    }

    /// The data objects of a field whose content is BER-TLV, in their order; empty for other fields.
    public func elements(of field: Int) -> [BERTLVElement] { tlv(field).elements }

    /// The value of the first data object with that tag in a BER-TLV field.
    public func element(_ tag: UInt32, of field: Int) -> ArraySlice<UInt8>? { tlv(field).first(tag) }
}

extension LocatedField {
    /// The characters as text; `trimmed` leaves out the spaces behind them.
    func text(in bytes: Span<UInt8>, trimmed: Bool = false) -> String {
        var count = characterCount
        if trimmed { while count > 0, character(count - 1, in: bytes) == 0x20 { count -= 1 } }
        return text(0..<count, in: bytes)
    }

    func text(_ positions: Range<Int>, in bytes: Span<UInt8>) -> String {
        if layout.encoding == .ascii {
            // May be UTF-8, whose characters are not bytes.
            let first = range.lowerBound + positions.lowerBound
            let characters = (first..<first + positions.count).map { bytes[$0] }
            return String(decoding: characters, as: UTF8.self)
        }
        var text = ""
        for position in positions { text.unicodeScalars.append(Unicode.Scalar(character(position, in: bytes))) }
        return text
    }
}
