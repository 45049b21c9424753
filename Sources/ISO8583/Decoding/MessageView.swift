// SPDX-License-Identifier: Apache-2.0

/// An index over the bytes of a received message: decoded in one pass, values stay where they are.
///
/// The message type, the bitmaps, every length, every character and the end of the message have been checked when a
/// view exists; whether the fields are those its message type needs is `checkPresence()`. The bytes are kept as they
/// came, so an authentication code is always checked over what was received.
///
/// ## Topics
/// ### Decoding
/// - ``init(_:spec:)``
/// - ``checkPresence()``
/// ### Values
/// - ``number(_:)``
/// - ``text(_:)``
/// - ``bytes(_:)``
/// ### Authentication
/// - ``macField``
/// - ``macCoverage``
public struct MessageView: Sendable {
    /// The whole message as received.
    public let bytes: [UInt8]
    /// The dialect it was read by.
    public let spec: MessageSpec
    /// The message type.
    public let mti: MTI
    let ruleIndex: Int?
    private let index: FieldIndex

    /// Reads a message.
    ///
    /// - Throws: the first thing that is wrong with it.
    public init(_ bytes: [UInt8], spec: MessageSpec) throws(DecodeError) {
        let compiled = spec.compiled
        let span = bytes.span
        guard span.count <= compiled.messageBytesMax else {
            throw DecodeError(
                path: "", offset: compiled.messageBytesMax,
                kind: .messageTooLong(length: span.count, maximum: compiled.messageBytesMax))
        }
        let mti = try Self.readMTI(span, compiled)
        let ruleIndex = spec.ruleIndex(of: mti)
        if ruleIndex == nil, compiled.refusesOtherMessages { throw DecodeError(0, at: 0, .unsupportedMTI) }
        var offset = compiled.mtiBytes
        let fields = try Self.readBitmaps(span, compiled, &offset)
        var index = FieldIndex(fields: fields, start: offset)
        var position = 0
        let layouts = compiled.fields
        var rest = fields
        while let field = rest.popFirst() {
            guard let layout = layouts[field] else { throw DecodeError(field, at: offset, .unknownField) }
            let value = try layout.locate(field, in: span, at: offset)
            offset = value.upperBound
            index.ends[position] = offset
            position += 1
        }
        guard offset == span.count else {
            throw DecodeError(path: "", offset: offset, kind: .trailingBytes(span.count - offset))
        }
        self.bytes = bytes
        self.spec = spec
        self.mti = mti
        self.ruleIndex = ruleIndex
        self.index = index
    }

    /// The fields that are present; the bitmap itself is not counted.
    public var fields: FieldSet { index.fields }

    /// Whether the field is present.
    public func has(_ field: Int) -> Bool { fields.contains(field) }

    /// Where the value of a field lies, without its length prefix; nil if it is not present.
    public func range(of field: Int) -> Range<Int>? {
        index.range(of: field, spec.compiled)
    }

    /// The value of a field as it was sent, without its length prefix; nil if it is not present.
    public func bytes(_ field: Int) -> ArraySlice<UInt8>? {
        range(of: field).map { bytes[$0] }
    }

    /// The authentication code's field: the last field, if the dialect keeps a code there. A code with fields behind it
    /// would not protect them and is none.
    public var macField: Int? { spec.compiled.macField(of: fields) }

    /// The bytes that the authentication code covers: all before it. Nil without a code.
    public var macCoverage: Range<Int>? {
        macField.flatMap { range(of: $0) }.map { 0..<$0.lowerBound }
    }

    // MARK: - Reading the head

    private static func readMTI(
        _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled
    ) throws(DecodeError) -> MTI {
        let needed = compiled.mtiBytes
        guard bytes.count >= needed else {
            throw DecodeError(0, at: 0, .truncated(declared: needed, left: bytes.count))
        }
        var value: UInt16 = 0
        for index in 0..<needed {
            let byte = bytes[index]
            if compiled.mtiEncoding == .bcd {
                guard byte >> 4 <= 9, byte & 15 <= 9 else { throw DecodeError(0, at: index, .badCharacter) }
                value = value << 8 | UInt16(byte)
            } else {
                guard byte &- 0x30 <= 9 else { throw DecodeError(0, at: index, .badCharacter) }
                value = value << 4 | UInt16(byte &- 0x30)
            }
        }
        return MTI(unchecked: value)
    }

    private static func readBitmaps(
        _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled, _ offset: inout Int
    ) throws(DecodeError) -> FieldSet {
        let start = offset
        var fields = FieldSet(primary: try readBitmap(bytes, compiled, &offset))
        let hasSecondary = fields.contains(1)
        fields.remove(1)
        if hasSecondary {
            guard compiled.secondary != .never else { throw DecodeError(1, at: start, .unknownField) }
            let secondStart = offset
            fields.secondary = try readBitmap(bytes, compiled, &offset)
            if compiled.secondary == .whenNeeded, fields.secondary == 0 {
                throw DecodeError(1, at: secondStart, .badBitmap)
            }
        } else if compiled.secondary == .always {
            throw DecodeError(1, at: start, .badBitmap)
        }
        guard fields.count <= compiled.fieldCountMax else {
            throw DecodeError(1, at: start, .tooManyFields(maximum: compiled.fieldCountMax))
        }
        return fields
    }

    private static func readBitmap(
        _ bytes: Span<UInt8>, _ compiled: MessageSpec.Compiled, _ offset: inout Int
    ) throws(DecodeError) -> UInt64 {
        let needed = compiled.bitmapBytes
        guard bytes.count - offset >= needed else {
            throw DecodeError(1, at: offset, .truncated(declared: needed, left: bytes.count - offset))
        }
        var word: UInt64 = 0
        for index in offset..<offset + needed {
            let byte = bytes[index]
            if compiled.bitmapEncoding == .binary {
                word = word << 8 | UInt64(byte)
            } else if byte &- 0x30 <= 9 {
                word = word << 4 | UInt64(byte &- 0x30)
            } else if byte &- 0x41 < 6 {
                word = word << 4 | UInt64(byte &- 0x37)
            } else {
                throw DecodeError(1, at: index, .badCharacter)
            }
        }
        offset += needed
        return word
    }
}
