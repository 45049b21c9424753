// SPDX-License-Identifier: Apache-2.0

/// What one message type must and may carry.
public struct MessageRule: Sendable {
    /// Whether the last field must be a message authentication code.
    public enum MACRule: UInt8, Sendable { case required, optional, never }

    /// A field that is required depending on others.
    struct Condition: Sendable {
        var field: Int
        /// Required when any of these is present.
        var with: FieldSet
        /// Required when none of these is present; empty means that this half does not apply.
        var without: FieldSet

        func requires(in present: FieldSet) -> Bool {
            !with.intersection(present).isEmpty || (!without.isEmpty && without.intersection(present).isEmpty)
        }
    }

    /// The type the rule is for.
    public let mti: MTI
    /// What the message is called, for people.
    public let name: String
    /// Whether a host of this dialect acts upon the message; one it only knows is answered as not supported.
    public let isServed: Bool
    /// Whether the last field must be an authentication code.
    public let mac: MACRule
    /// Fields that must always be there.
    public let mandatory: FieldSet
    /// All fields that may be there: mandatory, conditional, optional and the authentication code.
    public let allowed: FieldSet
    let conditions: [Condition]
}
