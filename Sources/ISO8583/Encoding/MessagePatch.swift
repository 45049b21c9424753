// SPDX-License-Identifier: Apache-2.0

/// A received message with another type and some other fields, as an answer is: what stays is copied byte for byte and
/// not looked at again.
public struct MessagePatch: Sendable {
    private let view: MessageView
    private var kept: FieldSet
    /// The fields that are new, and the new message type.
    private var edits: MessageBuilder

    /// - Parameters:
    ///   - mti: the new message type.
    ///   - kept: what stays; nil for every field but the authentication code.
    public init(_ view: MessageView, mti: MTI, keeping kept: FieldSet? = nil) {
        self.view = view
        self.kept = (kept ?? view.fields.subtracting(view.spec.macFields)).intersection(view.fields)
        edits = MessageBuilder(mti, spec: view.spec)
    }

    /// Sets a field to text, as `MessageBuilder` does.
    public mutating func set(_ field: Int, text: String) { edits.set(field, text: text) }
    /// The same from any text.
    @inlinable
    public mutating func set(_ field: Int, text: some StringProtocol) { set(field, text: String(text)) }
    /// Sets a field to a number, as `MessageBuilder` does.
    public mutating func set(_ field: Int, number: UInt64) { edits.set(field, number: number) }
    /// Sets a field to bytes, as `MessageBuilder` does.
    public mutating func set(_ field: Int, bytes: [UInt8]) { edits.set(field, bytes: bytes) }
    /// The same from any bytes.
    @inlinable
    public mutating func set(_ field: Int, bytes: some Collection<UInt8>) { set(field, bytes: Array(bytes)) }
    /// Adds the authentication code as zero bytes, to be filled in.
    public mutating func reserveMAC() { edits.reserveMAC() }
    /// Takes a field out.
    public mutating func remove(_ field: Int) {
        kept.remove(field)
        edits.remove(field)
    }

    /// Encodes the message.
    ///
    /// - Throws: what a builder throws; `layoutMismatch` for a field that stays and is laid out otherwise in a message of
    ///   the new type.
    public func encode() throws(EncodeError) -> EncodedMessage {
        let compiled = view.spec.compiled
        let (fields, mac) = try edits.encodedFields(beside: kept)
        var ends = view.index.ends
        var old = kept.subtracting(edits.fields)
        if let mac { old.remove(mac) }
        var size = compiled.head.bytes(announcing: fields)
        var rest = fields
        while let field = rest.popFirst() {
            if old.contains(field) {
                size += extent(of: field, &ends).count
            } else {
                size += field == mac ? try edits.holeSize(of: field) : edits.extent(of: field).count
            }
        }
        guard size <= compiled.head.messageBytesMax else {
            throw EncodeError(
                field: 0, kind: .messageTooLong(length: size, maximum: compiled.head.messageBytesMax))
        }
        var bytes = [UInt8](repeating: 0, count: size)
        var output = bytes.mutableSpan
        let (source, edited) = (view.bytes.span.bytes, edits.values.span.bytes)
        var offset = compiled.head.write(edits.mti, fields, to: &output)
        var index = MessageIndex(mti: edits.mti, fields: fields, start: offset)
        index.choices = edits.choices
        var raw = output.mutableBytes
        // Fields that stay and stand one behind the other are copied at once.
        var run = 0..<0
        var position = 0
        rest = fields
        while let field = rest.popFirst() {
            if old.contains(field) {
                let own = extent(of: field, &ends)
                if own.lowerBound != run.upperBound {
                    raw.copy(source, from: run.lowerBound, to: run.upperBound, at: offset - run.count)
                    run = own
                } else {
                    run = run.lowerBound..<own.upperBound
                }
                offset += own.count
                if !compiled.plan(of: field).isOnly, let slot = compiled.fields[field]?.overlaySlot, slot != 0 {
                    index.choices[slot] = view.index.choices[slot]
                }
            } else {
                raw.copy(source, from: run.lowerBound, to: run.upperBound, at: offset - run.count)
                run = 0..<0
                if field == mac {
                    offset = edits.writeHole(field, to: &raw, at: offset)
                } else {
                    let own = edits.extent(of: field)
                    raw.copy(edited, from: own.lowerBound, to: own.upperBound, at: offset)
                    offset += own.count
                }
            }
            index.ends[position] = offset
            position += 1
        }
        raw.copy(source, from: run.lowerBound, to: run.upperBound, at: offset - run.count)
        try checkLayouts(index, bytes)
        return EncodedMessage(bytes: bytes, spec: view.spec, index: index)
    }

    /// Where a field of the received message lies, with its prefix, by its ends.
    @inline(__always)
    private func extent(of field: Int, _ ends: inout OffsetTable) -> Range<Int> {
        ends.ownExtent(view.index.fields.position(of: field), start: view.index.start)
    }

    private func checkLayouts(_ index: MessageIndex, _ bytes: [UInt8]) throws(EncodeError) {
        let compiled = view.spec.compiled
        let wrong = compiled.misplaced(among: index.fields, edits.mti, index.choices, in: bytes.span) {
            index.located($0, in: bytes.span, compiled)
        }
        if let wrong { throw EncodeError(field: wrong, kind: .layoutMismatch) }
    }
}
