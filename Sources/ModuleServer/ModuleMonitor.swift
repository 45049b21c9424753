// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleWire

/// Looks at a module's process and does nothing else.
public final class ModuleMonitor: Sendable {
    private let line: ModuleLine

    /// - Parameter path: of the module's socket. Nothing is asked yet.
    public init(at path: String, patience: ModulePatience = ModulePatience()) {
        line = ModuleLine(path, .monitor, patience)
    }

    /// What the process says of itself.
    public func status() throws(ModuleUnavailable) -> ModuleServiceStatus {
        line.lock.lock()
        defer { line.lock.unlock() }
        guard case .status(let status) = try line.ask(.status) else { throw .unreadable }
        return status
    }
}
