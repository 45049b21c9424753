// SPDX-License-Identifier: Apache-2.0

extension MessageBuilder {
    /// Encodes the message. What comes out always decodes by the same specification.
    ///
    /// Presence rules are not checked here, since holes are filled later; see `missingFields()`.
    ///
    /// - Throws: the first thing that went wrong since the builder was made, or what is wrong with the whole.
    public func encode() throws(EncodeError) -> EncodedMessage {
        if let failure { throw failure }
        let compiled = spec.compiled
        if compiled.head.refusesOtherMessages, !compiled.types.contains(mti) {
            throw EncodeError(field: 0, kind: .unsupportedMTI)
        }
        let (fields, mac) = try fieldsWithMAC()
        guard fields.count <= compiled.head.fieldCountMax else {
            throw EncodeError(field: 0, kind: .tooManyFields(maximum: compiled.head.fieldCountMax))
        }
        try checkLayouts()
        let maps = fields.tertiary != 0 ? 3 : fields.secondary != 0 || compiled.head.secondary == .always ? 2 : 1
        // Once, because reading an inline array that belongs to `self` copies it.
        let slots = self.slots
        let slot = slots.span
        var size = compiled.head.mtiBytes + compiled.head.bitmapBytes * maps
        var rest = fields
        while let field = rest.popFirst() {
            guard let layout = compiled.layout(of: field, choices) else {
                throw EncodeError(field: field, kind: .unknownField)
            }
            size += Int(layout.prefixBytes)
            size += field == mac ? layout.encodedLength(Int(layout.maximum)) : slot[field].count
        }
        guard size <= compiled.head.messageBytesMax else {
            throw EncodeError(field: 0, kind: .messageTooLong(length: size, maximum: compiled.head.messageBytesMax))
        }

        var bytes = [UInt8](repeating: 0, count: size)
        var output = bytes.mutableSpan
        let source = values.span
        var offset = writeHead(fields, maps: maps, to: &output)
        var index = MessageIndex(mti: mti, fields: fields, start: offset)
        index.choices = choices
        var position = 0
        rest = fields
        while let field = rest.popFirst() {
            guard let layout = compiled.layout(of: field, choices) else { continue }
            if layout.isVariable {
                layout.write(
                    announcement: layout.announcement(of: length(of: field, layout, size: slot[field].count)),
                    to: &output, at: offset)
                offset += Int(layout.prefixBytes)
            }
            if field == mac {
                let size = layout.encodedLength(Int(layout.maximum))
                // A hole in characters must still decode.
                if layout.encoding == .hex { for index in offset..<offset + size { output[index] = 0x30 } }
                offset += size
            } else {
                var from = Int(slot[field].start)
                let end = Int(slot[field].end)
                while from < end {
                    output[offset] = source[from]
                    offset &+= 1
                    from &+= 1
                }
            }
            index.ends[position] = offset
            position += 1
        }
        return EncodedMessage(bytes: bytes, spec: spec, index: index)
    }

    /// What the message's rule needs and is not set, in ascending order. The rule is the first of the message's type
    /// whose conditions hold; without such a one nothing is missing.
    public func missingFields() -> [Int] {
        let bytes = values.span
        guard let index = spec.compiled.ruleIndex(of: mti, in: bytes, locate: { located($0) }) else { return [] }
        var present = fields
        if wantsMAC, let position = spec.compiled.macPosition(for: fields) { present.insert(position) }
        return spec.compiled.rules[index].missing(in: present, spec.compiled, bytes: bytes) { located($0) }.fields
    }

    /// The fields to encode, and the reserved code's field if it is not set by hand.
    private func fieldsWithMAC() throws(EncodeError) -> (fields: FieldSet, mac: Int?) {
        let compiled = spec.compiled
        var all = fields
        var mac: Int?
        if wantsMAC {
            guard let position = compiled.macPosition(for: all) else { throw EncodeError(field: 0, kind: .noMACField) }
            if !all.contains(position) { mac = position }
            all.insert(position)
        }
        let codes = all.intersection(compiled.head.macFields)
        if let code = codes.last, compiled.macField(of: all) != code {
            throw EncodeError(field: code, kind: .macNotLast)
        }
        return (all, mac)
    }

    /// Writes message type and bitmaps; returns where the fields begin.
    private func writeHead(_ fields: FieldSet, maps: Int, to output: inout MutableSpan<UInt8>) -> Int {
        let head = spec.compiled.head
        head.write(mti, to: &output)
        var offset = head.mtiBytes
        for map in 0..<maps {
            // The first bit of each announces the next.
            let next: UInt64 = map + 1 < maps ? 1 << 63 : 0
            let word = next | (map == 0 ? fields.primary : map == 1 ? fields.secondary : fields.tertiary)
            if head.bitmapEncoding == .binary {
                for index in 0..<8 {
                    output[offset + index] = UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * index))
                }
            } else {
                for index in 0..<16 {
                    let nibble = UInt8(word >> UInt64(60 - 4 * index) & 15)
                    output[offset + index] = EBCDIC.byte(FieldSpec.hexCharacter(nibble), head.bitmapEncoding)
                }
            }
            offset += head.bitmapBytes
        }
        return offset
    }
}

extension MessageSpec.Head {
    /// Writes a message type at the beginning.
    func write(_ mti: MTI, to output: inout MutableSpan<UInt8>) {
        if mtiEncoding == .bcd {
            output[0] = UInt8(truncatingIfNeeded: mti.rawValue >> 8)
            output[1] = UInt8(truncatingIfNeeded: mti.rawValue)
        } else {
            for index in 0..<4 {
                let digit = 0x30 + UInt8(mti.rawValue >> UInt16(12 - 4 * index) & 15)
                output[index] = EBCDIC.byte(digit, mtiEncoding)
            }
        }
    }
}
