// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers

/// Why a change of the lists was refused.
public enum ListRefusal: Error, Equatable, Sendable {
    /// Not a letter, then letters, figures and low lines.
    case name
    /// A source or reason that is too long, or could hold a card's number; or a reason that is missing.
    case text
    case unknownList
    /// There is a list of that name.
    case alreadyExists
    /// The list of that name is of this kind.
    case wrongKind(ListKind)
    /// The very same file is in force.
    case unchanged
    /// The entry's expiry has passed.
    case expired
    /// Not between 1970 and 2106.
    case expiry
    /// The key is in force already, for as long.
    case alreadyListed
    /// The list does not hold the key at this time.
    case notListed
    case tooManyLists
    /// So much was changed by hand that the list must be loaded anew, without those changes.
    case tooManyChanges
    /// Rules in force or watched name the list.
    case inUse
    /// The list's file has not been handed in.
    case fileMissing
}
