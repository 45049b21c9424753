// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why a module's process does not serve.
public enum ModuleServerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path of the socket is longer than the system allows (107 bytes).
    case pathTooLong
    /// A module is being served there.
    case isServed
    case socket(errno: Int32)
    /// The kernel does not shut the process off.
    case hardening(errno: Int32)
    /// An algorithm does not give its known answer.
    case selfTest

    public var description: String {
        switch self {
        case .pathTooLong: "the path of the module's socket is longer than 107 bytes"
        case .isServed: "another module is served on this socket"
        case .socket(let errno): "the module's socket: \(String(cString: strerror(errno)))"
        case .hardening(let errno): "this system does not shut the process off: \(String(cString: strerror(errno)))"
        case .selfTest: "the self-test found an algorithm that does not give its known answer"
        }
    }
}
