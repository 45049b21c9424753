// SPDX-License-Identifier: Apache-2.0

extension MessageBuilder {
    /// Encodes the message. What comes out always decodes by the same specification.
    ///
    /// Presence rules are not checked here, since holes are filled later; see `missingFields()`.
    ///
    /// - Throws: the first thing that went wrong since the builder was made, or what is wrong with the whole.
    public func encode() throws(EncodeError) -> EncodedMessage {
        let (fields, mac) = try encodedFields()
        try checkLayouts()
        let size = try encodedSize(of: fields, mac)
        // The fields with room for the head before them and for a code behind them, copied at once.
        let start = Self.lead - spec.compiled.head.bytes(announcing: fields)
        let isWhole = start + size <= values.count
        var bytes = isWhole ? Array(values[start..<start + size]) : [UInt8](repeating: 0, count: size)
        var output = bytes.mutableSpan
        let index = write(fields, mac, to: &output, copiesFields: !isWhole)
        return EncodedMessage(bytes: bytes, spec: spec, index: index)
    }

    /// Encodes the message to the beginning of memory that the caller keeps; nothing is allocated.
    ///
    /// - Returns: where its fields lie, and as `end` how many bytes it takes.
    /// - Throws: what `encode()` throws; `noRoom` where the memory is too small, which then is as it was.
    public func encode(into output: inout MutableSpan<UInt8>) throws(EncodeError) -> MessageIndex {
        let (fields, mac) = try encodedFields()
        try checkLayouts()
        let size = try encodedSize(of: fields, mac)
        guard size <= output.count else {
            throw EncodeError(field: 0, kind: .noRoom(needed: size, given: output.count))
        }
        return write(fields, mac, to: &output, copiesFields: true)
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
        guard compiled.head.fieldCountMax >= FieldSet.fieldMax || all.count <= compiled.head.fieldCountMax else {
            throw EncodeError(field: 0, kind: .tooManyFields(maximum: compiled.head.fieldCountMax))
        }
        return (all, mac)
    }

    private func encodedSize(of fields: FieldSet, _ mac: Int?) throws(EncodeError) -> Int {
        let compiled = spec.compiled
        var size = compiled.head.bytes(announcing: fields) + self.size
        if let mac { size += try holeSize(of: mac) }
        guard size <= compiled.head.messageBytesMax else {
            throw EncodeError(field: 0, kind: .messageTooLong(length: size, maximum: compiled.head.messageBytesMax))
        }
        return size
    }

    /// Bytes of a reserved authentication code.
    func holeSize(of field: Int) throws(EncodeError) -> Int {
        guard let layout = spec.field(field) else { throw EncodeError(field: field, kind: .unknownField) }
        return layout.encodedLength(Int(layout.maximum))
    }

    /// Writes the message; the room has been checked. A reserved code comes last, as `encodedFields` sees to.
    @inline(__always)
    private func write(
        _ fields: FieldSet, _ mac: Int?, to output: inout MutableSpan<UInt8>, copiesFields: Bool
    ) -> MessageIndex {
        let start = spec.compiled.head.write(mti, fields, to: &output)
        var index = MessageIndex(mti: mti, fields: fields, start: start)
        index.choices = choices
        index.ends = ends
        index.ends.shift(by: start, count)
        var raw = output.mutableBytes
        if copiesFields { raw.copy(values.span.bytes, from: Self.lead, to: Self.lead + size, at: start) }
        if let mac { index.ends[count] = writeHole(mac, to: &raw, at: start + size) }
        return index
    }

    /// A hole in characters must still decode.
    func writeHole(_ field: Int, to output: inout MutableRawSpan, at start: Int) -> Int {
        guard let layout = spec.field(field) else { return start }
        let end = start + layout.encodedLength(Int(layout.maximum))
        let filler: UInt8 = layout.encoding == .hex ? 0x30 : 0
        output.fill(end - start, at: start, with: filler)
        return end
    }
}
