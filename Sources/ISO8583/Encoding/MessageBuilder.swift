// SPDX-License-Identifier: Apache-2.0

/// Collects the fields of a message in any order and encodes them once.
///
/// Values are kept encoded, one behind the other in a single buffer. Setting a field again replaces its value. A value
/// that does not fit its field is remembered and thrown by `encode()`, so that callers check once.
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
public struct MessageBuilder: Sendable {
    /// The message type.
    public let mti: MTI
    /// The dialect to write.
    public let spec: MessageSpec
    /// The fields set so far, but for a reserved authentication code.
    public private(set) var fields = FieldSet()
    /// The first thing that went wrong.
    private(set) var failure: EncodeError?
    private(set) var wantsMAC = false
    /// Encoded values up to `used`, zeros behind.
    private(set) var values: [UInt8]
    private var used = 0
    /// Where the encoded values lie in `values`.
    private(set) var slots = InlineArray<129, Slot>(repeating: Slot())
    /// Fields whose packed value has an odd number of digits.
    private var odd = FieldSet()

    /// From where to where.
    struct Slot: Sendable {
        var start: UInt16 = 0
        var end: UInt16 = 0
        var count: Int { Int(end) - Int(start) }
    }

    /// Values up to this many bytes in all need a single allocation.
    private static let usualBytes = 512

    /// A message without fields.
    public init(_ mti: MTI, spec: MessageSpec) {
        self.mti = mti
        self.spec = spec
        values = [UInt8](repeating: 0, count: Self.usualBytes)
    }

    /// A response to a received message, with those of the given fields that the request has.
    public init(answering request: MessageView, echoing fields: FieldSet) {
        self.init(request.mti.response, spec: request.spec)
        var rest = fields.intersection(request.fields)
        while let field = rest.popFirst() { copy(field, from: request) }
    }

    /// Sets a field of digits or characters to a number: with zeros before it up to the length of a fixed field or the
    /// least length of a variable one.
    public mutating func set(_ field: Int, number: UInt64) {
        guard let layout = layout(of: field) else { return }
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        switch (layout.encoding, layout.kind) {
        case (.ascii, .numeric), (.ascii, .alphanumeric), (.ascii, .text), (.bcd, .numeric): break
        default: return fail(field, .notText)
        }
        let length = max(digits, Int(layout.minimum))
        guard let start = open(field, layout, length: length) else { return }
        var bytes = values.mutableSpan
        rest = number
        if layout.encoding == .ascii {
            var index = start + length - 1
            while index >= start {
                bytes[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                index -= 1
            }
        } else {
            var digit = length - 1
            while digit >= 0 {
                layout.write(nibble: UInt8(truncatingIfNeeded: rest % 10), digit, of: length, to: &bytes, at: start)
                rest /= 10
                digit -= 1
            }
        }
    }

    /// Sets a field to text: with spaces behind it up to the length of a fixed field of characters, with zeros before
    /// it in a fixed field of digits.
    public mutating func set(_ field: Int, text: some StringProtocol) {
        guard let layout = layout(of: field) else { return }
        guard layout.encoding == .ascii || layout.encoding == .bcd else { return fail(field, .notText) }
        let text = String(text)
        set(field, layout, characters: text.utf8Span.span)
    }

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
            for index in 0..<length {
                let isText = index >= lead && index - lead < characters.count
                bytes[start + index] = isText ? characters[index - lead] : padsLeft ? 0x30 : 0x20
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

    /// Sets a field to bytes as they stand in the message: raw bytes, characters, packed digits, or the hexadecimal
    /// characters of a hexadecimal field. Packed bytes hold the fixed field's digits, or two digits each.
    public mutating func set(_ field: Int, bytes: some Collection<UInt8>) {
        guard let layout = layout(of: field) else { return }
        set(field, layout, encoded: bytes, length: layout.length(ofEncoded: bytes.count))
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
        guard let range = view.range(of: field), let source = view.spec.field(field) else { return remove(field) }
        guard let layout = layout(of: field) else { return }
        guard source == layout else { return set(field, bytes: view.bytes[range]) }
        set(field, layout, encoded: view.bytes[range], length: view.length(of: field, source, range))
    }

    /// Takes a field out again.
    public mutating func remove(_ field: Int) { fields.remove(field) }

    // MARK: - Writing values

    mutating func fail(_ field: Int, _ kind: EncodeError.Kind) {
        if failure == nil { failure = EncodeError(field: field, kind: kind) }
    }

    mutating func layout(of field: Int) -> FieldSpec? {
        if let layout = spec.field(field) { return layout }
        fail(field, .unknownField)
        return nil
    }

    private mutating func set(_ field: Int, _ layout: FieldSpec, encoded: some Collection<UInt8>, length: Int?) {
        guard let length else {
            return fail(field, layout.badLength(encoded.count))
        }
        guard let start = open(field, layout, length: length) else { return }
        var index = start
        for byte in encoded {
            values[index] = byte
            index += 1
        }
        if layout.encoding != .binary || layout.content.isBERTLV { check(field, layout, start: start, length: length) }
    }

    /// Makes room for a value of that length, zeros, and returns its start; nil for a length the field cannot have.
    private mutating func open(_ field: Int, _ layout: FieldSpec, length: Int) -> Int? {
        guard length <= layout.acceptedMaximum, length >= Int(layout.minimum) else {
            fail(field, layout.badLength(length))
            return nil
        }
        let start = used
        let end = start + layout.encodedLength(length)
        guard end <= OffsetTable.offsetMax else {
            fail(field, .messageTooLong(length: end, maximum: spec.messageBytesMax))
            return nil
        }
        if end > values.count {
            values.append(contentsOf: repeatElement(0, count: max(end - values.count, values.count)))
        }
        used = end
        slots[field] = Slot(start: UInt16(truncatingIfNeeded: start), end: UInt16(truncatingIfNeeded: end))
        if layout.encoding == .bcd {
            if length % 2 == 1 { odd.insert(field) } else { odd.remove(field) }
        }
        fields.insert(field)
        return start
    }

    /// The length in digits or bytes of a value that has been set.
    func length(of field: Int, _ layout: FieldSpec, size: Int) -> Int {
        switch layout.encoding {
        case .ascii, .binary: return size
        case .hex: return size / 2
        case .bcd: return size * 2 - (odd.contains(field) ? 1 : 0)
        }
    }

    private mutating func check(_ field: Int, _ layout: FieldSpec, start: Int, length: Int) {
        let flaw = layout.firstFlaw(in: values.span, from: start, to: used, length: length)
        if flaw != nil || !layout.hasSoundContent(values.span, from: start, to: used) {
            fail(field, .badCharacter)
        }
    }
}
