// SPDX-License-Identifier: Apache-2.0

/// Why a step in the life of a rule set was refused.
public enum RuleRefusal: Error, Equatable, Sendable {
    /// A set is in force: it takes a proposal and a second person.
    case alreadyInForce
    /// The text is the one in force.
    case unchanged
    /// The same text waits already.
    case alreadyProposed
    /// The file bears the name of the set in force and no higher number than it.
    case versionNotHigher
    case tooManyWaiting
    case unknownVersion
    /// Its state does not allow the step.
    case notAllowed(RuleVersion.State)
    /// The same person may not do both halves.
    case secondPersonRequired
    /// Another set is in force by now than the difference was shown against.
    case baseChanged
    /// A score does not name a feature that the model in force under its model's name asks for.
    case modelDoesNotFit
    /// This version of the host cannot read the text any more.
    case unreadable
}
