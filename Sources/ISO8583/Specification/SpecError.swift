// SPDX-License-Identifier: Apache-2.0

/// Everything that is wrong with a specification file, in the order of the file.
public struct SpecError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One finding.
    public struct Problem: Equatable, Sendable, CustomStringConvertible {
        /// Where in the JSON: member names joined by points, positions in brackets, empty for the whole file.
        public var path: String
        /// What is wrong and what would be right.
        public var message: String

        public init(path: String, message: String) {
            self.path = path
            self.message = message
        }
        public var description: String { path.isEmpty ? message : "\(path): \(message)" }
    }

    /// At least one.
    public var problems: [Problem]
    /// - Parameter problems: in the order of the file.
    public init(problems: [Problem]) { self.problems = problems }
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
