// SPDX-License-Identifier: Apache-2.0

/// A message as a tree of its fields, for tools and tests: everything by name, nothing by speed.
///
/// Decoding and encoding again gives the same bytes, also for a message that lint has found wanting, as long as every
/// announced field could be read.
public struct Message: Equatable, Sendable {
    /// One field, subfield or data object.
    public struct Part: Equatable, Sendable {
        /// The field's number; for its parts with the subfield's number or tag behind a point, `60.3`, `55.9F26`.
        public var path: String
        /// What it is called, in both languages.
        public var name: FieldName
        /// What characters it may have; nil for what the specification does not know.
        public var kind: FieldSpec.Kind?
        /// How tools must mask it.
        public var sensitivity: FieldSpec.Sensitivity
        /// The value as it stands in the message; for a subfield of packed digits the bytes that hold them.
        public var bytes: [UInt8]
        /// The value as text with the spaces behind it, hexadecimal for raw bytes.
        public var text: String
        /// The value's length in digits or bytes.
        public var length: Int
        /// Where it lies in the message, with what stands before the value: tag and length.
        public var range: Range<Int>
        /// What it is divided into; empty for what is not, or not as specified.
        public var parts: [Part]
    }

    /// The message type.
    public var mti: MTI
    /// The name of the specification it was read by.
    public let dialect: String
    /// Its fields in ascending order.
    public var fields: [Part]
    private let spec: MessageSpec
    private let choices: OverlayChoices

    /// The fields that a view holds.
    public init(_ view: MessageView) {
        mti = view.mti
        dialect = view.spec.name
        spec = view.spec
        choices = view.index.choices
        fields = view.fields.fields.map { Part(field: $0, in: view) }
    }

    /// Reads a message.
    ///
    /// - Throws: the first thing that is wrong with it.
    public init(_ bytes: [UInt8], spec: MessageSpec) throws(DecodeError) {
        self.init(try MessageView(bytes, spec: spec))
    }

    /// The part at that path, `3`, `60.3` or `55.9F26`; the first where a tag repeats.
    public subscript(path: String) -> Part? { Self.find(path, in: fields) }

    private static func find(_ path: String, in parts: [Part]) -> Part? {
        for part in parts {
            if part.path == path { return part }
            if path.hasPrefix(part.path + "."), let found = find(path, in: part.parts) { return found }
        }
        return nil
    }

    /// The message's bytes: type and bitmaps, then each field's value behind the prefix that its length asks for.
    ///
    /// - Throws: what is wrong with the numbers of the fields.
    public func encoded() throws(EncodeError) -> [UInt8] {
        let compiled = spec.compiled
        var set = FieldSet()
        var layouts: [FieldSpec] = []
        for part in fields {
            guard let number = Int(part.path), compiled.fields.indices.contains(number),
                let layout = compiled.layout(of: number, choices), (set.last ?? 0) < number
            else { throw EncodeError(field: Int(part.path) ?? 0, kind: .unknownField) }
            set.insert(number)
            layouts.append(layout)
        }
        let values = zip(fields, layouts).map { Int($1.prefixBytes) + $0.bytes.count }
        var bytes = [UInt8](repeating: 0, count: values.reduce(compiled.head.bytes(announcing: set), +))
        var output = bytes.mutableSpan
        var offset = compiled.head.write(mti, set, to: &output)
        for (part, layout) in zip(fields, layouts) {
            if layout.isVariable {
                layout.write(announcement: layout.announcement(of: part.length), to: &output, at: offset)
                offset += Int(layout.prefixBytes)
            }
            for byte in part.bytes {
                output[offset] = byte
                offset += 1
            }
        }
        return bytes
    }

    /// A builder with every field of the message, to change some.
    public func builder() -> MessageBuilder {
        var builder = MessageBuilder(mti, spec: spec)
        // Fields that others' layouts depend on stand in ascending order; a second pass settles those behind.
        for _ in 0..<(spec.compiled.overlays.isEmpty ? 1 : 2) {
            for part in fields {
                guard let number = Int(part.path) else { continue }
                builder.set(number, encoded: part.bytes, length: part.length)
            }
        }
        return builder
    }

    public static func == (left: Message, right: Message) -> Bool {
        left.mti == right.mti && left.dialect == right.dialect && left.fields == right.fields
    }
}
