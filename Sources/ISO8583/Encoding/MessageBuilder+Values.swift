// SPDX-License-Identifier: Apache-2.0

extension MessageBuilder {
    mutating func set(_ field: Int, _ layout: FieldSpec, number: UInt64) {
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        switch (layout.encoding, layout.kind) {
        case (.bcd, .numeric): break
        case (.ascii, .numeric), (.ascii, .alphanumeric), (.ascii, .text): break
        case (.ebcdic037, .numeric), (.ebcdic037, .alphanumeric), (.ebcdic037, .text): break
        case (.ebcdic1047, .numeric), (.ebcdic1047, .alphanumeric), (.ebcdic1047, .text): break
        default: return fail(field, .notText)
        }
        let length = max(digits, Int(layout.minimum))
        guard let start = open(field, layout, length: length) else { return }
        rest = number
        var bytes = values.mutableSpan
        if layout.encoding == .bcd {
            var digit = length - 1
            while digit >= 0 {
                layout.write(nibble: UInt8(truncatingIfNeeded: rest % 10), digit, of: length, to: &bytes, at: start)
                rest /= 10
                digit -= 1
            }
        } else {
            // EBCDIC digits are F0 to F9 in every code page.
            let zero: UInt8 = layout.encoding == .ascii ? 0x30 : 0xF0
            var index = start + length - 1
            while index >= start {
                bytes[index] = zero + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                index -= 1
            }
        }
        if layout.content != .opaque { check(field, layout, start: start, length: length) }
    }

    /// - Parameter characters: UTF-8, or ISO 8859-1 for an EBCDIC field.
    mutating func set(_ field: Int, _ layout: FieldSpec, characters: Span<UInt8>) {
        let padsLeft = layout.kind == .numeric
        let length = layout.isVariable ? characters.count : max(characters.count, Int(layout.maximum))
        let padding = length - characters.count
        if padding > 0, layout.kind == .signedNumeric || layout.kind == .track {
            return fail(field, layout.badLength(characters.count))
        }
        guard let start = open(field, layout, length: length) else { return }
        let lead = padsLeft ? padding : 0
        var bytes = values.mutableSpan
        if layout.encoding == .ascii {
            var output = bytes.mutableBytes
            output.copy(characters.bytes, from: 0, to: characters.count, at: start + lead)
            var index = padsLeft ? start : start + characters.count
            let end = index + padding
            while index < end {
                output.storeBytes(of: padsLeft ? 0x30 : 0x20, toByteOffset: index, as: UInt8.self)
                index &+= 1
            }
            return check(field, layout, start: start, length: length)
        }
        if layout.encoding.isText {
            for index in 0..<length {
                let isText = index >= lead && index - lead < characters.count
                let character = isText ? characters[index - lead] : padsLeft ? 0x30 : 0x20
                bytes[start + index] = EBCDIC.byte(character, layout.encoding)
            }
            return check(field, layout, start: start, length: length)
        }
        let signs = layout.kind == .signedNumeric ? 1 : 0
        if signs == 1 { bytes[start] = characters[0] }
        for digit in 0..<length - signs {
            let source = digit + signs - lead
            let character: UInt8 = source >= signs && source < characters.count ? characters[source] : 0x30
            let isSeparator = layout.kind == .track && (character == 0x3D || character == 0x44)
            guard character &- 0x30 <= 9 || isSeparator else { return fail(field, .badCharacter) }
            layout.write(
                nibble: isSeparator ? 0xD : character - 0x30, digit, of: length - signs, to: &bytes, at: start + signs)
        }
        check(field, layout, start: start, length: length)
    }

    mutating func set(_ field: Int, _ layout: FieldSpec, encoded: [UInt8], _ range: Range<Int>, length: Int?) {
        guard let length else {
            return fail(field, layout.badLength(range.count))
        }
        guard let start = open(field, layout, length: length) else { return }
        var span = values.mutableSpan
        var output = span.mutableBytes
        output.copy(encoded.span.bytes, from: range.lowerBound, to: range.upperBound, at: start)
        if layout.encoding != .binary || layout.content != .opaque {
            check(field, layout, start: start, length: length)
        }
    }

    private mutating func check(_ field: Int, _ layout: FieldSpec, start: Int, length: Int) {
        let extent = FieldSpec.Extent(start: start, end: start + layout.encodedLength(length), length: length)
        do throws(DecodeError) {
            try layout.check(field, in: values.span, extent, spec.compiled)
        } catch {
            fail(field, .badCharacter)
        }
    }

    /// The length in digits or bytes of a value that has been set.
    func length(of field: Int, _ layout: FieldSpec, size: Int) -> Int {
        switch layout.encoding {
        case .ascii, .binary, .ebcdic037, .ebcdic1047: return size
        case .hex: return size / 2
        case .bcd: return layout.kind == .signedNumeric ? size * 2 - 1 : size * 2 - (isOdd(field) ? 1 : 0)
        }
    }
}
