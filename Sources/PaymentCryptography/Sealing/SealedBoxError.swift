// SPDX-License-Identifier: Apache-2.0

/// Why something was not sealed, or not opened.
public enum SealedBoxError: Error, Equatable, Sendable {
    /// More plaintext than a box takes; in bytes.
    case tooLong(Int)
    /// Not of a box's form: too short, too long, or of an unknown version.
    case malformed
    /// Not sealed for this key with this associated data, or changed. There is one reason only.
    case notAuthentic
    /// The session has sealed as many records as it may.
    case spent
    /// No fresh key could be made for it.
    case noKey
}
