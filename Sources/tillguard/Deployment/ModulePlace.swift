// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// Where a server's module runs.
enum ModulePlace: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// In the server's own: for tests, benchmarks and replays.
    case inProcess = "in-process"
    /// In a process of its own, which the server starts and looks after.
    case process
}
