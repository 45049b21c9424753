// SPDX-License-Identifier: Apache-2.0
import Host

/// What the host knows of its models: their lives, and how those in force fare. No projection has it, since only the host's
/// process has seen what models said.
public protocol ModelPort: Sendable {
    func models() async throws -> (book: ModelBook, reports: [ModelReport])
}
