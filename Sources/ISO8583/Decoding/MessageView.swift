// SPDX-License-Identifier: Apache-2.0

/// An index over the bytes of a received message: decoded in one pass, values stay where they are.
///
/// The message type, the bitmaps, every length, every character and the end of the message have been checked when a
/// view exists; whether the fields are those its rule needs is `checkPresence()`. The bytes are kept as they came, so
/// an authentication code is always checked over what was received. A view of `lint` may hold the first fields alone.
///
/// ## Topics
/// ### Decoding
/// - ``init(_:spec:)``
/// - ``lint(_:spec:)``
/// - ``checkPresence()``
/// ### Values
/// - ``number(_:)``
/// - ``text(_:)``
/// - ``bytes(_:)``
/// - ``tlv(_:)``
/// ### Authentication
/// - ``macField``
/// - ``macCoverage``
public struct MessageView: Sendable {
    /// The whole message as received.
    public let bytes: [UInt8]
    /// The dialect it was read by.
    public let spec: MessageSpec
    let index: MessageIndex

    /// Reads a message.
    ///
    /// - Throws: the first thing that is wrong with it.
    public init(_ bytes: [UInt8], spec: MessageSpec) throws(DecodeError) {
        index = try MessageIndex(reading: bytes.span, spec: spec)
        self.bytes = bytes
        self.spec = spec
    }

    init(_ bytes: [UInt8], spec: MessageSpec, index: MessageIndex) {
        self.bytes = bytes
        self.spec = spec
        self.index = index
    }

    /// The message type.
    public var mti: MTI { index.mti }

    /// The fields that are present; the bitmap itself is not counted.
    public var fields: FieldSet { index.fields }

    /// Whether the field is present.
    public func has(_ field: Int) -> Bool { fields.contains(field) }

    /// The layout that a field has in this message, overlays considered; nil if the dialect does not have the field.
    public func layout(of field: Int) -> FieldSpec? {
        spec.compiled.fields.indices.contains(field) ? spec.compiled.layout(of: field, index.choices) : nil
    }

    /// Where the value of a field lies, without its length prefix; nil if it is not present.
    public func range(of field: Int) -> Range<Int>? { index.range(of: field, spec.compiled) }

    /// The value of a field as it was sent, without its length prefix; nil if it is not present.
    public func bytes(_ field: Int) -> ArraySlice<UInt8>? {
        range(of: field).map { bytes[$0] }
    }

    /// The authentication code's field: the last field, if the dialect keeps a code there. A code with fields behind it
    /// would not protect them and is none.
    public var macField: Int? { spec.compiled.macField(of: fields) }

    /// The bytes that the authentication code covers: all before it, from where the dialect says. Nil without a code.
    public var macCoverage: Range<Int>? {
        guard let code = macField.flatMap({ range(of: $0) }) else { return nil }
        return spec.compiled.macStart(fieldsAt: index.start)..<code.lowerBound
    }

    /// Where the message type lies.
    public var mtiRange: Range<Int> { 0..<spec.compiled.head.mtiBytes }

    /// Where the bitmaps lie.
    public var bitmapRange: Range<Int> { spec.compiled.head.mtiBytes..<index.start }

    func located(_ field: Int) -> LocatedField? {
        guard spec.compiled.fields.indices.contains(field) else { return nil }
        return index.located(field, in: bytes.span, spec.compiled)
    }
}
