// SPDX-License-Identifier: Apache-2.0

/// Why a message cannot be encoded: which field and what, but never a value.
public struct EncodeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found.
    public enum Kind: Equatable, Sendable {
        /// The dialect does not have the field.
        case unknownField
        /// A character that the field's kind does not allow, or subfields that are not as specified.
        case badCharacter
        /// A value whose length, in digits or bytes, the field cannot have.
        case badLength(given: Int, minimum: Int, maximum: Int)
        /// A number, or text, was given for a field of raw bytes.
        case notText
        /// The value was written in a layout that the message's other fields do not give the field.
        case layoutMismatch
        /// The field is not in the message.
        case missingField
        /// An authentication code with fields behind it, which it would not protect.
        case macNotLast
        /// A code was asked for and the dialect has no field for it.
        case noMACField
        /// More fields than the dialect allows.
        case tooManyFields(maximum: Int)
        /// A message longer than the dialect allows.
        case messageTooLong(length: Int, maximum: Int)
        /// The caller's memory is smaller than the message.
        case noRoom(needed: Int, given: Int)
        /// A message type that the dialect has no rule for.
        case unsupportedMTI
    }

    /// The field number; 0 for the message as a whole.
    public var field: Int
    /// What was found.
    public var kind: Kind

    public init(field: Int, kind: Kind) {
        self.field = field
        self.kind = kind
    }
    public var description: String { "\(field == 0 ? "message" : "field \(field)"): \(kind)" }
}
