// SPDX-License-Identifier: Apache-2.0

/// Collects the fields of a message in any order and encodes them once.
///
/// Values are kept encoded with their prefixes as they will stand in the message; fields set in ascending order take
/// the least time. Setting a field again replaces its value. A value that does not fit its field is remembered and
/// thrown by `encode()`, so that callers check once.
///
/// ## Topics
/// ### Values
/// - ``set(_:number:)``
/// - ``set(_:text:)``
/// - ``set(_:bytes:)``
/// - ``copy(_:from:)``
/// - ``reserveMAC()``
/// ### Encoding
/// - ``encode()``
/// - ``encode(into:)``
/// - ``restart(_:)``
public struct MessageBuilder: Sendable {
    /// The message type.
    public private(set) var mti: MTI
    /// The dialect to write.
    public let spec: MessageSpec
    /// The fields set so far, but for a reserved authentication code.
    public internal(set) var fields = FieldSet()
    /// The first thing that went wrong.
    var failure: EncodeError?
    private(set) var wantsMAC = false
    /// The fields in their order from `lead` on, with their prefixes, `size` bytes; then one that is being written; zeros
    /// behind, at least a word of them.
    var values: [UInt8]
    /// Bytes of the fields that are set, with their prefixes.
    var size = 0
    /// Where they end, counted from `lead`.
    var ends = OffsetTable()
    /// How many they are, and the last of them.
    var (count, last) = (0, 0)
    /// Bytes of the field that the general path is writing behind the others; -1 without.
    var opened = -1
    /// Fields whose packed value has an odd number of digits.
    var odd = FieldSet()
    /// In which layouts overlaid fields have been written.
    private(set) var choices = OverlayChoices()

    /// What is copied when the first field is set, for values that need a single block of memory: making an array of
    /// zeros takes longer.
    private static let blank = [UInt8](repeating: 0, count: 512)

    /// A message without fields.
    public init(_ mti: MTI, spec: MessageSpec) {
        self.mti = mti
        self.spec = spec
        values = Self.blank
    }

    /// A response to a received message, with those of the given fields that the request has.
    public init(answering request: MessageView, echoing fields: FieldSet) {
        self.init(request.mti.response, spec: request.spec)
        var rest = fields.intersection(request.fields)
        while let field = rest.popFirst() { copy(field, from: request) }
    }

    /// Forgets the fields and begins another message of the dialect in the same memory.
    public mutating func restart(_ mti: MTI) {
        self.mti = mti
        failure = nil
        wantsMAC = false
        fields = FieldSet()
        odd = FieldSet()
        choices = OverlayChoices()
        clear(size, at: Self.lead)
        size = 0
        (count, last) = (0, 0)
    }

    /// Sets a field of digits or characters to a number: with zeros before it up to the length of a fixed field or the
    /// least length of a variable one.
    public mutating func set(_ field: Int, number: UInt64) {
        if !setDigits(field, number) { setGeneral(field, number) }
    }

    @inline(never)
    private mutating func setGeneral(_ field: Int, _ number: UInt64) {
        write(field) { (builder, layout) in builder.set(field, layout, number: number) }
    }

    /// Sets a field to text: with spaces behind it up to the length of a fixed field of characters, with zeros before
    /// it in a fixed field of digits.
    public mutating func set(_ field: Int, text: String) {
        let isSet = text.utf8.withContiguousStorageIfAvailable { characters in
            setPlain(field, characters.span.bytes, 0..<characters.count, isText: true)
        }
        if isSet != true { setGeneral(field, text) }
    }

    @inline(never)
    private mutating func setGeneral(_ field: Int, _ text: String) {
        write(field) { (builder, layout) in
            guard layout.encoding.isText || layout.encoding == .bcd else { return builder.fail(field, .notText) }
            if layout.encoding.isEBCDIC, !text.utf8.allSatisfy({ $0 < 0x80 }) {
                let scalars = text.unicodeScalars.map { $0.value }
                guard scalars.allSatisfy({ $0 < 0x100 }) else { return builder.fail(field, .badCharacter) }
                let characters = scalars.map { UInt8(truncatingIfNeeded: $0) }
                return builder.set(field, layout, characters: characters.span)
            }
            builder.set(field, layout, characters: text.utf8Span.span)
        }
    }

    /// Sets a field to bytes as they stand in the message: raw bytes, characters, packed digits, or the hexadecimal
    /// characters of a hexadecimal field. Packed bytes hold the fixed field's digits, or two digits each.
    public mutating func set(_ field: Int, bytes: [UInt8]) {
        if !setPlain(field, bytes.span.bytes, 0..<bytes.count, isText: false) { setGeneral(field, bytes) }
    }

    @inline(never)
    private mutating func setGeneral(_ field: Int, _ bytes: [UInt8]) {
        write(field) { (builder, layout) in
            let length = layout.length(ofEncoded: bytes.count)
            builder.set(field, layout, encoded: bytes, bytes.indices, length: length)
        }
    }

    /// The same from any text.
    @inlinable
    public mutating func set(_ field: Int, text: some StringProtocol) { set(field, text: String(text)) }

    /// The same from any bytes, which are copied once, instead of byte by byte through their witnesses.
    @inlinable
    public mutating func set(_ field: Int, bytes: some Collection<UInt8>) { set(field, bytes: Array(bytes)) }

    /// Sets a field to bytes as they stand in the message whose length in digits or bytes is known.
    mutating func set(_ field: Int, encoded: [UInt8], length: Int) {
        write(field) { (builder, layout) in
            let own = layout.encodedLength(length) == encoded.count ? length : layout.length(ofEncoded: encoded.count)
            builder.set(field, layout, encoded: encoded, encoded.indices, length: own)
        }
    }

    /// Sets a field of raw bytes to as many zeros, a hole that a security module fills in after encoding.
    public mutating func reserve(_ field: Int, count: Int) {
        set(field, bytes: repeatElement(0, count: count))
    }

    /// Adds the authentication code as eight zero bytes, or what the dialect's field holds: in field 128 when a field
    /// over 64 is present, in field 64 otherwise.
    public mutating func reserveMAC() { wantsMAC = true }

    /// Takes a field's value from a received message of the same dialect, digit for digit; removes the field here if
    /// the message does not have it.
    public mutating func copy(_ field: Int, from view: MessageView) {
        guard let range = view.range(of: field) else { return remove(field) }
        if setPlain(field, view.bytes.span.bytes, range, isText: false) { return }
        guard let located = view.located(field) else { return }
        let source = view.bytes
        write(field) { (builder, layout) in
            let isSame = located.layout == layout
            let length = isSame ? located.length : layout.length(ofEncoded: located.range.count)
            builder.set(field, layout, encoded: source, located.range, length: length)
        }
    }

    mutating func fail(_ field: Int, _ kind: EncodeError.Kind) {
        if failure == nil { failure = EncodeError(field: field, kind: kind) }
    }
}

// MARK: - Layouts

extension MessageBuilder {
    /// Writes a field by its layout. One that depends on other fields' values is taken as the fields set so far say, or
    /// else as the first that the value fits; `encode()` checks it.
    @inline(__always)
    mutating func write(_ field: Int, _ body: (inout MessageBuilder, FieldSpec) -> Void) {
        guard let layout = spec.field(field) else { return fail(field, .unknownField) }
        guard layout.overlaySlot != 0 else {
            body(&self, layout)
            return closeOpened(field)
        }
        let saved = failure
        var first: EncodeError?
        for choice in candidates(layout) {
            failure = nil
            let own = choice == 0 ? layout : spec.compiled.overlays[Int(layout.overlaySlot) - 1][choice - 1].layout
            body(&self, own)
            guard let failed = failure else {
                choices[layout.overlaySlot] = choice
                failure = saved
                return closeOpened(field)
            }
            if first == nil { first = failed }
        }
        failure = saved ?? first
        closeOpened(field)
    }

    /// The layouts to try, the likeliest first.
    private func candidates(_ layout: FieldSpec) -> [Int] {
        let overlays = spec.compiled.overlays[Int(layout.overlaySlot) - 1]
        let open = overlays.indices.filter { overlays[$0].isFor(mti) }
        guard let now = open.first(where: { holds(overlays[$0].conditions) }) else {
            return [0] + open.map { $0 + 1 }
        }
        // One that no value can change stands alone.
        if overlays[now].conditions.isEmpty { return [now + 1] }
        return [now + 1, 0] + open.filter { $0 != now }.map { $0 + 1 }
    }

    func holds(_ conditions: [Condition]) -> Bool {
        conditions.hold(in: values.span) { located($0) }
    }

    /// Whether overlaid fields have been written in the layouts that the message gives them.
    func checkLayouts() throws(EncodeError) {
        let wrong = spec.compiled.misplaced(among: fields, mti, choices, in: values.span) { located($0) }
        if let wrong { throw EncodeError(field: wrong, kind: .layoutMismatch) }
    }

    /// A value that has been set, in `values`.
    func located(_ field: Int) -> LocatedField? {
        guard fields.contains(field), let layout = spec.compiled.layout(of: field, choices) else { return nil }
        let extent = extent(of: field)
        let range = extent.lowerBound + Int(layout.prefixBytes)..<extent.upperBound
        return LocatedField(layout: layout, range: range, length: length(of: field, layout, size: range.count))
    }
}
