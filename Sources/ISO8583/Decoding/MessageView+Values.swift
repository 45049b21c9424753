// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension MessageView {
    /// The length of a present field's value in digits or bytes, as its prefix announces it.
    func length(of field: Int, _ layout: FieldSpec, _ range: Range<Int>) -> Int {
        guard layout.isVariable else { return Int(layout.maximum) }
        // Safe: decoding has read this prefix before.
        let announced = layout.announced(in: bytes.span, at: range.lowerBound - Int(layout.prefixBytes)) ?? 0
        return layout.length(announced: announced) ?? 0
    }

    /// The value of a field that holds 1 to 19 digits, possibly with spaces behind them; nil for anything else.
    public func number(_ field: Int) -> UInt64? {
        guard let range = range(of: field), let layout = spec.compiled.fields[field] else { return nil }
        if layout.encoding == .bcd { return packedNumber(field, layout, range) }
        guard layout.encoding == .ascii else { return nil }
        let span = bytes.span
        var end = range.upperBound
        while end > range.lowerBound, span[end - 1] == 0x20 { end -= 1 }
        guard 1...19 ~= end - range.lowerBound else { return nil }
        var value: UInt64 = 0
        var index = range.lowerBound
        while index < end {
            let digit = span[index] &- 0x30
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ UInt64(digit)
            index += 1
        }
        return value
    }

    private func packedNumber(_ field: Int, _ layout: FieldSpec, _ range: Range<Int>) -> UInt64? {
        let length = length(of: field, layout, range)
        guard layout.kind == .numeric, 1...19 ~= length else { return nil }
        let span = bytes.span
        // Digits are nibbles; the pad nibble, if there is one, stands before or behind them.
        let first = layout.padSide == .left && length % 2 == 1 ? 1 : 0
        var value: UInt64 = 0
        for digit in first..<first + length {
            let byte = span[range.lowerBound + digit / 2]
            value = value &* 10 &+ UInt64(digit % 2 == 0 ? byte >> 4 : byte & 15)
        }
        return value
    }

    /// The value as text without the spaces behind it: the digits of packed fields, `D` for a packed separator,
    /// hexadecimal characters as they stand; nil for a field that is not present or holds raw bytes.
    public func text(_ field: Int) -> String? {
        guard let range = range(of: field), let layout = spec.compiled.fields[field] else { return nil }
        switch layout.encoding {
        case .binary: return nil
        case .ascii, .hex:
            var end = range.upperBound
            while end > range.lowerBound, bytes[end - 1] == 0x20 { end -= 1 }
            return String(decoding: bytes[range.lowerBound..<end], as: UTF8.self)
        case .bcd:
            let packed = bytes[range]
            if layout.kind == .signedNumeric {
                return String(decoding: packed.prefix(1), as: UTF8.self) + Hex.text(packed.dropFirst())
            }
            let nibbles = Hex.text(packed)
            let length = length(of: field, layout, range)
            guard length < nibbles.utf8.count else { return nibbles }
            return String(layout.padSide == .left ? nibbles.dropFirst() : nibbles.dropLast())
        }
    }

    /// The data objects of a field whose content is BER-TLV, in their order; empty for other fields.
    public func elements(of field: Int) -> [BERTLVElement] {
        guard var walk = walk(over: field) else { return [] }
        var elements: [BERTLVElement] = []
        // Safe: decoding has walked these bytes before without an error.
        while let element = try? walk.next(in: bytes.span) { elements.append(element) }
        return elements
    }

    /// The value of the first data object with that tag in a BER-TLV field.
    public func element(_ tag: UInt32, of field: Int) -> ArraySlice<UInt8>? {
        guard var walk = walk(over: field) else { return nil }
        while let element = try? walk.next(in: bytes.span) {
            if element.tag == tag { return bytes[element.range] }
        }
        return nil
    }

    private func walk(over field: Int) -> BERTLVWalk? {
        guard let range = range(of: field), let content = spec.compiled.fields[field]?.content, content.isBERTLV
        else { return nil }
        return BERTLVWalk(field: field, offset: range.lowerBound, end: range.upperBound, content: content)
    }
}
