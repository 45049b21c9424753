// SPDX-License-Identifier: Apache-2.0

/// Where the fields of one message lie: the outcome of the one pass over its bytes, made without allocation.
///
/// For callers that keep the bytes elsewhere, in a socket's buffer; `MessageView` keeps index and bytes together.
public struct MessageIndex: Sendable {
    /// The message type.
    public internal(set) var mti: MTI
    /// The fields that are present; bitmaps are not counted.
    public internal(set) var fields: FieldSet
    /// Where the first field, with its prefix, begins: behind the bitmaps.
    var start: Int
    var choices = OverlayChoices()
    /// The message's rule, or -1.
    var rule = -1
    var ends = OffsetTable()

    /// Reads a message: its type, its bitmaps, every length, every character and the end are checked.
    ///
    /// - Throws: the first thing that is wrong with it.
    public init(reading bytes: Span<UInt8>, spec: borrowing MessageSpec) throws(DecodeError) {
        self.init(mti: MTI(unchecked: 0), fields: FieldSet(), start: 0)
        try read(bytes, spec: spec)
    }

    /// Reads another message into the same memory, which saves making and moving it: an index is large.
    ///
    /// - Throws: the first thing that is wrong with it; the index then has no fields.
    public mutating func read(_ bytes: Span<UInt8>, spec: borrowing MessageSpec) throws(DecodeError) {
        let compiled = spec.compiled
        fields = FieldSet()
        let head = try MessageHead(reading: bytes, compiled)
        mti = head.mti
        fields = head.fields
        start = head.end
        choices = OverlayChoices()
        rule = -1
        let place = recognise(bytes.bytes, compiled.address(ofPlan: 0))
        if !place.isLast || place.offset != bytes.count { try readRest(from: place, bytes, compiled) }
        if !compiled.rules.isEmpty, let index = findRule(bytes, compiled) { rule = index }
    }

    init(mti: MTI, fields: FieldSet, start: Int) {
        self.mti = mti
        self.fields = fields
        self.start = start
    }

    /// Reads the fields from the first that no plan recognises on.
    @inline(never)
    private mutating func readRest(
        from place: Place, _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled
    ) throws(DecodeError) {
        var guessed = false
        do throws(DecodeError) {
            try readFields(from: place, bytes, compiled, looksAhead: true, &guessed)
        } catch {
            guard guessed else {
                fields = FieldSet()
                throw error
            }
            // An overlay that depends on a field behind it was taken because that field looked right there. Without it:
            let first = error
            choices = OverlayChoices()
            do throws(DecodeError) {
                try readFields(from: place, bytes, compiled, looksAhead: false, &guessed)
            } catch {
                fields = FieldSet()
                throw first
            }
        }
    }

    private mutating func readFields(
        from place: Place, _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled, looksAhead: Bool,
        _ guessed: inout Bool
    ) throws(DecodeError) {
        let raw = bytes.bytes
        var (position, offset) = (place.position, place.offset)
        var rest = fields
        for _ in 0..<position { _ = rest.popFirst() }
        while let field = rest.popFirst() {
            if let end = FieldPlan.end(compiled.address(ofPlan: field), in: raw, at: offset) {
                offset = end
            } else {
                offset = try readField(field, bytes, compiled, at: offset, looksAhead: looksAhead, &guessed)
            }
            ends[position] = offset
            position &+= 1
        }
        guard offset == bytes.count else {
            throw DecodeError(path: "", offset: offset, kind: .trailingBytes(bytes.count - offset))
        }
        if let fault = layoutFault(bytes, compiled) { throw fault }
    }

    /// What is wrong where a field was taken in one layout and a field behind it, once read, asks for another.
    @inline(__always)
    func layoutFault(_ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled) -> DecodeError? {
        let guesses = fields.intersection(compiled.decidedBehind)
        return guesses.isEmpty ? nil : layoutFault(among: guesses, bytes, compiled)
    }

    @inline(never)
    private func layoutFault(
        among guesses: FieldSet, _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled
    ) -> DecodeError? {
        compiled.misplaced(among: guesses, mti, choices, in: bytes) { located($0, in: bytes, compiled) }
            .map { DecodeError($0, at: extent(at: fields.position(of: $0)).lowerBound, .layoutMismatch) }
    }

    /// What the plan does not recognise: any field, right or wrong. Returns where it ends.
    @inline(never)
    private mutating func readField(
        _ field: Int, _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled, at offset: Int, looksAhead: Bool,
        _ guessed: inout Bool
    ) throws(DecodeError) -> Int {
        guard var layout = compiled.fields[field] else { throw DecodeError(field, at: offset, .unknownField) }
        if layout.overlaySlot != 0 {
            layout = resolve(field, layout, bytes, compiled, at: offset, looksAhead: looksAhead, &guessed)
        }
        let extent = try layout.measure(field, in: bytes, at: offset)
        try layout.check(field, in: bytes, extent, compiled)
        return extent.end
    }

    func findRule(_ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled) -> Int? {
        compiled.ruleIndex(of: mti, in: bytes) { located($0, in: bytes, compiled) }
    }

    // MARK: - Looking up

    /// Where the last field ends, which is the message's length.
    public var end: Int {
        let count = fields.count
        return count == 0 ? start : ends[count - 1]
    }

    /// The value of a field without its length prefix; nil if it is not present.
    public func range(of field: Int, spec: MessageSpec) -> Range<Int>? { range(of: field, spec.compiled) }

    @inline(__always)
    func range(of field: Int, _ compiled: MessageSpec.Compiled) -> Range<Int>? {
        guard fields.contains(field) else { return nil }
        let plan = compiled.plan(of: field)
        let prefixBytes = plan.isOnly ? plan.prefixBytes : compiled.layout(of: field, choices)?.prefixBytes ?? 0
        let extent = extent(at: fields.position(of: field))
        return Range(uncheckedBounds: (extent.lowerBound &+ Int(prefixBytes), extent.upperBound))
    }

    /// Where the `position`-th of the fields lies with its prefix.
    @inline(__always)
    func extent(at position: Int) -> Range<Int> { ends.extent(position, start: start) }

    func located(_ field: Int, in bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled) -> LocatedField? {
        guard let layout = compiled.layout(of: field, choices), let range = range(of: field, compiled) else {
            return nil
        }
        return LocatedField(layout: layout, range: range, length: layout.length(in: bytes, range))
    }

    // MARK: - Overlays

    /// The layout that a field has in this message, noted in `choices`.
    @inline(never)
    mutating func resolve(
        _ field: Int, _ layout: FieldSpec, _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled, at offset: Int,
        looksAhead: Bool, _ guessed: inout Bool
    ) -> FieldSpec {
        for (index, overlay) in compiled.overlays[Int(layout.overlaySlot) - 1].enumerated() where overlay.isFor(mti) {
            let isAhead = overlay.looksAhead(from: field)
            if isAhead, !looksAhead { continue }
            let holds = overlay.conditions.hold(in: bytes) { other in
                other < field
                    ? located(other, in: bytes, compiled)
                    : ahead(to: other, from: field, as: overlay.layout, bytes, compiled, at: offset)
            }
            guard holds else { continue }
            if isAhead { guessed = true }
            choices[layout.overlaySlot] = index + 1
            return overlay.layout
        }
        return layout
    }

    /// Where a field behind `field` would lie if that had the given layout; nil where it is not present or no value of
    /// its kind stands there.
    private func ahead(
        to other: Int, from field: Int, as layout: FieldSpec, _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled,
        at start: Int
    ) -> LocatedField? {
        guard fields.contains(other) else { return nil }
        var offset = start
        for number in field...other where fields.contains(number) {
            guard let own = number == field ? layout : compiled.fields[number],
                let extent = try? own.measure(number, in: bytes, at: offset),
                own.firstFlaw(in: bytes, from: extent.start, to: extent.end, length: extent.length) == nil
            else { return nil }
            offset = extent.end
            if number == other {
                return LocatedField(layout: own, range: extent.start..<extent.end, length: extent.length)
            }
        }
        return nil
    }
}
