// SPDX-License-Identifier: Apache-2.0

/// A piece of software whose authenticity the module answers for.
public enum SoftwareComponent: UInt8, CaseIterable, Sendable {
    /// The module's own executable (S01).
    case module = 1
    /// The POS application (P01).
    case application = 2
}
