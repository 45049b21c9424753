// SPDX-License-Identifier: Apache-2.0

extension MessageBuilder {
    /// Encodes the message. What comes out always decodes by the same specification.
    ///
    /// Presence rules are not checked here, since holes are filled later; see `missingFields()`.
    ///
    /// - Throws: the first thing that went wrong since the builder was made, or what is wrong with the whole.
    public func encode() throws(EncodeError) -> EncodedMessage {
        let compiled = spec.compiled
        let (fields, mac) = try encodedFields()
        try checkLayouts()
        // Once, because reading an inline array that belongs to `self` copies it.
        let slots = self.slots
        let slot = slots.span
        var size = compiled.head.bytes(announcing: fields)
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
        var offset = compiled.head.write(mti, fields, to: &output)
        var index = MessageIndex(mti: mti, fields: fields, start: offset)
        index.choices = choices
        var position = 0
        rest = fields
        while let field = rest.popFirst() {
            guard let layout = compiled.layout(of: field, choices) else { continue }
            let isHole = field == mac
            offset = write(field, layout, slot[field], isHole: isHole, source, to: &output, at: offset)
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

    /// The fields to encode beside others that stay, and the reserved code's field if it is not set by hand.
    func encodedFields(beside others: FieldSet = FieldSet()) throws(EncodeError) -> (fields: FieldSet, mac: Int?) {
        if let failure { throw failure }
        let compiled = spec.compiled
        if compiled.head.refusesOtherMessages, !compiled.types.contains(mti) {
            throw EncodeError(field: 0, kind: .unsupportedMTI)
        }
        var all = fields.union(others)
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
        guard all.count <= compiled.head.fieldCountMax else {
            throw EncodeError(field: 0, kind: .tooManyFields(maximum: compiled.head.fieldCountMax))
        }
        return (all, mac)
    }

    /// Bytes that a field takes with its prefix.
    func encodedSize(of field: Int, isHole: Bool) -> Int {
        guard let layout = spec.compiled.layout(of: field, choices) else { return 0 }
        return Int(layout.prefixBytes)
            + (isHole ? layout.encodedLength(Int(layout.maximum)) : slots[field].count)
    }

    /// Writes a field with its prefix; returns where the next begins.
    func write(_ field: Int, isHole: Bool, to output: inout MutableSpan<UInt8>, at offset: Int) -> Int {
        guard let layout = spec.compiled.layout(of: field, choices) else { return offset }
        return write(field, layout, slots[field], isHole: isHole, values.span, to: &output, at: offset)
    }

    @inline(__always)
    private func write(
        _ field: Int, _ layout: FieldSpec, _ slot: Slot, isHole: Bool, _ source: Span<UInt8>,
        to output: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        var offset = start
        if layout.isVariable {
            let length = length(of: field, layout, size: slot.count)
            layout.write(announcement: layout.announcement(of: length), to: &output, at: offset)
            offset += Int(layout.prefixBytes)
        }
        if isHole {
            let size = layout.encodedLength(Int(layout.maximum))
            // A hole in characters must still decode.
            if layout.encoding == .hex { for index in offset..<offset + size { output[index] = 0x30 } }
            return offset + size
        }
        var from = Int(slot.start)
        let end = Int(slot.end)
        while from < end {
            output[offset] = source[from]
            offset &+= 1
            from &+= 1
        }
        return offset
    }
}
