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
        if compiled.refusesOtherMessages, spec.ruleIndex(of: mti) == nil {
            throw EncodeError(field: 0, kind: .unsupportedMTI)
        }
        let (fields, mac) = try fieldsWithMAC()
        guard fields.count <= compiled.fieldCountMax else {
            throw EncodeError(field: 0, kind: .tooManyFields(maximum: compiled.fieldCountMax))
        }
        let hasSecondary = compiled.secondary == .always || fields.secondary != 0
        let layouts = compiled.fields
        // Once, because reading an inline array that belongs to `self` copies it.
        let slots = self.slots
        let slot = slots.span
        var size = compiled.mtiBytes + compiled.bitmapBytes * (hasSecondary ? 2 : 1)
        var rest = fields
        while let field = rest.popFirst() {
            guard let layout = layouts[field] else { throw EncodeError(field: field, kind: .unknownField) }
            size += Int(layout.prefixBytes)
            size += field == mac ? layout.encodedLength(Int(layout.maximum)) : slot[field].count
        }
        guard size <= compiled.messageBytesMax else {
            throw EncodeError(field: 0, kind: .messageTooLong(length: size, maximum: compiled.messageBytesMax))
        }

        var bytes = [UInt8](repeating: 0, count: size)
        var output = bytes.mutableSpan
        let source = values.span
        var offset = writeHead(fields, hasSecondary: hasSecondary, to: &output)
        var index = FieldIndex(fields: fields, start: offset)
        var position = 0
        rest = fields
        while let field = rest.popFirst() {
            guard let layout = layouts[field] else { continue }
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

    /// What the message's type needs and is not set, in ascending order.
    public func missingFields() -> [Int] {
        guard let rule = spec.rule(for: mti) else { return [] }
        var present = fields
        if wantsMAC, let position = spec.compiled.macPosition(for: fields) { present.insert(position) }
        return rule.missing(in: present, spec.compiled).fields
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
        let codes = all.intersection(compiled.macFields)
        if let code = codes.last, compiled.macField(of: all) != code {
            throw EncodeError(field: code, kind: .macNotLast)
        }
        return (all, mac)
    }

    /// Writes message type and bitmaps; returns where the fields begin.
    private func writeHead(_ fields: FieldSet, hasSecondary: Bool, to output: inout MutableSpan<UInt8>) -> Int {
        let compiled = spec.compiled
        var offset = 0
        if compiled.mtiEncoding == .bcd {
            output[0] = UInt8(truncatingIfNeeded: mti.rawValue >> 8)
            output[1] = UInt8(truncatingIfNeeded: mti.rawValue)
        } else {
            for index in 0..<4 { output[index] = 0x30 + UInt8(mti.rawValue >> UInt16(12 - 4 * index) & 15) }
        }
        offset = compiled.mtiBytes
        for map in 0..<(hasSecondary ? 2 : 1) {
            let word = map == 0 ? fields.primary | (hasSecondary ? 1 << 63 : 0) : fields.secondary
            if compiled.bitmapEncoding == .binary {
                for index in 0..<8 {
                    output[offset + index] = UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * index))
                }
            } else {
                for index in 0..<16 {
                    let nibble = UInt8(word >> UInt64(60 - 4 * index) & 15)
                    output[offset + index] = nibble < 10 ? 0x30 + nibble : 0x37 + nibble
                }
            }
            offset += compiled.bitmapBytes
        }
        return offset
    }
}
