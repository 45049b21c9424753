// SPDX-License-Identifier: Apache-2.0

/// What one kind of message must and may carry, and how the two sides treat it.
public struct MessageRule: Sendable {
    /// Whether the last field must be a message authentication code.
    public enum MACRule: UInt8, Sendable { case required, optional, never }

    /// What the sender does when no answer comes.
    public enum Unanswered: UInt8, Sendable {
        /// Nothing: the outcome does not matter.
        case nothing
        /// It reverses the message.
        case reverse
        /// It sends the message again until an answer comes.
        case `repeat`
    }

    /// A field that is required depending on others.
    struct Requirement: Sendable {
        var field: Int
        /// Required when any of these is present.
        var with: FieldSet
        /// Required when none of these is present; empty means that this half does not apply.
        var without: FieldSet
        /// Required when all of these hold; empty means that this part does not apply.
        var when: [Condition]
    }

    /// The type the rule is for.
    public let mti: MTI
    /// The name of the transaction in the file; the message type where the file has one rule for it.
    public let id: String
    /// What the message is called.
    public let names: FieldName
    /// Whether a host of this dialect acts upon the message; one it only knows is answered as not supported.
    public let isServed: Bool
    /// Whether the last field must be an authentication code.
    public let mac: MACRule
    /// What the sender does when no answer comes.
    public let unanswered: Unanswered
    /// How long the sender waits for an answer, in seconds; 0 when it expects none.
    public let timeoutSeconds: Int
    /// The fields whose values tie an answer to its request.
    public let muxKey: FieldSet
    /// Fields that must always be there.
    public let mandatory: FieldSet
    /// All fields that may be there: mandatory, conditional, optional and the authentication code.
    public let allowed: FieldSet
    let requirements: [Requirement]
    /// What a message of the type must have to be of this rule.
    let when: [Condition]

    /// What the message is called, in English.
    public var name: String { names.en }
}
