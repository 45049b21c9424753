// SPDX-License-Identifier: Apache-2.0

/// Why a module's process does not serve.
public enum ModuleServerError: Error, Equatable, Sendable {
    /// The path of the socket is longer than the system allows (107 bytes).
    case pathTooLong
    /// A module is being served there.
    case isServed
    case socket(errno: Int32)
    /// The kernel does not shut the process off.
    case hardening(errno: Int32)
    /// An algorithm does not give its known answer.
    case selfTest
}
