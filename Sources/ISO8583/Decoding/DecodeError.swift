// SPDX-License-Identifier: Apache-2.0

/// Why received bytes are not a message of the dialect: where and what, but never a value.
public struct DecodeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found.
    public enum Kind: Equatable, Sendable {
        /// The message ends inside a part: the bytes the part needs and those that are left for it; digits in subfields
        /// of packed digits.
        case truncated(declared: Int, left: Int)
        /// A character that the field's kind does not allow; for packed fields a nibble.
        case badCharacter(expected: CharacterClass, found: CharacterClass)
        /// A nibble that fills up an odd number of digits is not the one the dialect writes.
        case badPadding
        /// A length prefix that is no number, or no length a value can have.
        case badLengthPrefix
        /// A length over the field's maximum, in digits or bytes.
        case lengthOverMaximum(declared: Int, maximum: Int)
        /// A length under the field's minimum, in digits or bytes.
        case lengthUnderMinimum(declared: Int, minimum: Int)
        /// The bitmap announces a field that the dialect does not have.
        case unknownField
        /// A further bitmap is there without need, or missing where the dialect always has it.
        case badBitmap
        /// More fields than the dialect allows.
        case tooManyFields(maximum: Int)
        /// Bytes behind the last field; digits behind the last subfield of packed digits.
        case trailingBytes(Int)
        /// A message longer than the dialect allows.
        case messageTooLong(length: Int, maximum: Int)
        /// The field is laid out otherwise than a field behind it says.
        case layoutMismatch
        /// A message type that the dialect has no rule for.
        case unsupportedMTI
        /// A message type that the dialect has rules for, none of which this message is of.
        case unsupportedTransaction
        /// A field that the message's rule requires.
        case missingField
        /// A field that the message's rule does not name.
        case unexpectedField
        /// A BER-TLV tag or length that is not well formed, or not the length EMV gives that tag.
        case badElement
        /// A tag that a divided field does not have.
        case unknownTag

        /// Whether what follows in the message cannot be read.
        public var isStructural: Bool {
            switch self {
            case .truncated, .badLengthPrefix, .unknownField, .badBitmap, .tooManyFields, .trailingBytes,
                .messageTooLong:
                true
            default: false
            }
        }
    }

    /// The field number, `0` for the message type, `1` for the bitmap; for a part of a field, the field, a point and the
    /// subfield or tag, as in `60.3` or `55.9F26`; empty for the message as a whole.
    public var path: String
    /// The byte of the message where the offending part, or its length, begins.
    public var offset: Int
    /// What was found there.
    public var kind: Kind

    public init(path: String, offset: Int, kind: Kind) {
        self.path = path
        self.offset = offset
        self.kind = kind
    }

    /// Out of line: text is made only where something is wrong.
    @inline(never)
    init(_ field: Int, at offset: Int, _ kind: Kind) { self.init(path: "\(field)", offset: offset, kind: kind) }

    public var description: String {
        "\(path.isEmpty ? "message" : "field \(path)") at byte \(offset): \(kind)"
    }
}
