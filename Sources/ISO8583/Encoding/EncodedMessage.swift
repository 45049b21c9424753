// SPDX-License-Identifier: Apache-2.0

/// An encoded message whose fields can still be found, so that a security module can fill in its holes.
public struct EncodedMessage: Sendable {
    /// The whole message.
    public var bytes: [UInt8]
    /// The dialect it is written in.
    public let spec: MessageSpec
    let index: MessageIndex

    init(bytes: [UInt8], spec: MessageSpec, index: MessageIndex) {
        self.bytes = bytes
        self.spec = spec
        self.index = index
    }

    /// The fields that are present.
    public var fields: FieldSet { index.fields }

    /// Where the value of a field lies, without its length prefix; nil if it is not present.
    public func range(of field: Int) -> Range<Int>? {
        index.range(of: field, spec.compiled)
    }

    /// The authentication code's field, if the message has one.
    public var macField: Int? { spec.compiled.macField(of: fields) }

    /// The bytes that the authentication code covers: all before it, from where the dialect says. Nil without a code.
    public var macCoverage: Range<Int>? {
        guard let code = macField.flatMap({ range(of: $0) }) else { return nil }
        return spec.compiled.macStart(fieldsAt: index.start)..<code.lowerBound
    }

    /// Fills a hole. The field must be present and the value of its length; anything else is a programmer's error.
    public mutating func fill(_ field: Int, with value: some Collection<UInt8>) {
        guard let range = range(of: field), range.count == value.count else {
            preconditionFailure("field \(field) is not a hole of \(value.count) bytes")
        }
        bytes.replaceSubrange(range, with: Array(value))
    }
}
