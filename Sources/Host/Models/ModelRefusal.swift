// SPDX-License-Identifier: Apache-2.0
import RiskModels

/// Why a step in the life of a model was refused.
public enum ModelRefusal: Error, Equatable, Sendable {
    /// Empty, too long, or of other than printable ASCII.
    case badName
    /// The text is no model, or its drift figures are none of it.
    case unreadable(RiskModelError)
    /// A score of the rules in force does not name a feature that the model asks for.
    case doesNotFit(RiskModelError)
    /// The text is the one in force under its name.
    case unchanged
    /// The same text waits already.
    case alreadyProposed
    case tooManyWaiting
    /// So many names have a model in force that another one has no room.
    case tooManyNames
    case unknownVersion
    /// Its state does not allow the step.
    case notAllowed(ModelVersion.State)
    /// The same person may not do both halves.
    case secondPersonRequired
}
