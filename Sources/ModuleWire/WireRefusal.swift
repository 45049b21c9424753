// SPDX-License-Identifier: Apache-2.0

/// Why a frame was not done. The module's state is as it was, and the event is counted.
public enum WireRefusal: UInt8, Error, CaseIterable, Sendable {
    /// Longer than any frame may be, or too short to be one: where the next one begins is not known, and the line ends.
    case frameLength = 1
    /// Not exactly one command of its kind within the limits.
    case malformed = 2
    /// No command of this version.
    case unknownCommand = 3
    /// Asked before the introduction.
    case notIntroduced = 4
    /// Introduced already.
    case introducedAlready = 5
    /// The role that the client introduced itself with does not include the command.
    case notPermitted = 6
    /// Another version of the protocol, or a public key that is none.
    case introduction = 7
    /// As many clients as may be are there; the line ends.
    case busy = 8
    /// Too many refusals on one line, which ends.
    case tooManyRefusals = 9
    /// A PIN block that holds no PIN, or a terminal that no key is made for.
    case unusable = 10
}
