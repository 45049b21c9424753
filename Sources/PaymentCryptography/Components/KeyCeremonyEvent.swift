// SPDX-License-Identifier: Apache-2.0

/// A line of a ceremony's log: who did what, when, and with which check value; never material.
public struct KeyCeremonyEvent: Equatable, Sendable {
    /// What happened.
    public enum Kind: Equatable, Sendable {
        /// The ceremony was opened for a key of this check value.
        case opened(checkValue: [UInt8])
        /// A custodian's component or share, of this check value, was taken.
        case entered(custodian: String, checkValue: [UInt8])
        /// An entry was refused. Whoever is no custodian goes unnamed: what was typed as a name may be a component.
        case refused(custodian: String?, reason: KeyCeremonyError)
        /// The ceremony is over.
        case ended(KeyCeremonyEnd)
    }

    /// In microseconds of the caller's clock; never before the line above.
    public let at: Int64
    /// What happened.
    public let kind: Kind
}

/// How a ceremony ended. Nothing of what was entered is left after any of them.
public enum KeyCeremonyEnd: Equatable, Sendable {
    /// The key was formed and handed over.
    case formed
    /// Somebody stopped it.
    case abandoned
    /// Its time ran out.
    case expired
    /// One wrong entry too many.
    case tooManyRefused
    /// Every entry was right and the key is not, or is not to be used: its custodians hold parts of different keys.
    case wrongKey(KeyComponentError)
}

/// Why a ceremony cannot be opened, or what was asked of it is refused.
public enum KeyCeremonyError: Error, Equatable, Sendable {
    /// The purpose is not one line of 1 to 64 bytes.
    case purpose
    /// The expected check value has not three bytes at least, or more than its algorithm gives.
    case checkValueLength
    /// Not 2 to 9 custodians of components or 2 to 255 of shares, or their names are not different lines of 1 to 64 bytes.
    case custodians
    /// The threshold is not 2 to the number of custodians.
    case threshold
    /// Not 0 to 99 wrong entries.
    case refusedMax
    /// The ceremony would be over before it begins.
    case deadline
    /// No custodian of this ceremony.
    case stranger
    /// A custodian who has entered already: nobody enters two.
    case enteredBefore
    /// A component where shares are needed, or a share where components are.
    case otherDivision
    /// As many as are needed were entered already.
    case complete
    /// The component or share itself is refused.
    case refused(KeyComponentError)
    /// So many of those who are needed have entered.
    case notEnough(entered: Int, needed: Int)
    /// The ceremony is over.
    case over(KeyCeremonyEnd)
}
