// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What became of one known answer.
public struct MessageVectorOutcome: Sendable, Equatable {
    /// The vector's name in its file.
    public let id: String
    /// Why it failed; empty when it passed.
    public let failures: [String]
    /// What was seen beside: members that nothing here compares, faults of the published message itself.
    public let notes: [String]

    /// Whether everything that was compared is the same.
    public var passed: Bool { failures.isEmpty }
}

/// What became of a file of known answers.
public struct MessageVectorReport: Sendable, Equatable {
    /// The format that the file names.
    public let format: String
    /// One a vector, in the file's order.
    public let outcomes: [MessageVectorOutcome]

    /// How many vectors passed.
    public var passed: Int { outcomes.count { $0.passed } }
    /// How many vectors failed.
    public var failed: Int { outcomes.count - passed }

    /// Each failure on a line, then what was seen beside.
    public var lines: [String] {
        outcomes.flatMap { outcome in
            (outcome.passed ? [] : ["\(outcome.id): \(outcome.failures.joined(separator: "; "))"])
                + outcome.notes.map { "\(outcome.id): note: \($0)" }
        }
    }

    /// Format, counts, each failure with its reasons, and what was seen beside.
    public var json: JSON {
        func list(_ name: String, _ texts: (MessageVectorOutcome) -> [String]) -> JSON {
            .array(
                outcomes.filter { !texts($0).isEmpty }.map { outcome in
                    .object([.init("id", .string(outcome.id)), .init(name, .array(texts(outcome).map(JSON.string)))])
                })
        }
        return [
            "format": .string(format), "passed": .integer(Int64(passed)), "failed": .integer(Int64(failed)),
            "failures": list("reasons") { $0.failures },
            "notes": list("notes") { $0.notes },
        ]
    }
}

/// Why a file of known answers cannot be run at all.
public enum MessageVectorFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is not JSON.
    case notJSON(JSONError)
    /// The file names no format.
    case noFormat
    /// A format that nothing here runs.
    case unknownFormat(String)
    /// Nothing to run, or more than is run at once.
    case noVectors
    case tooMany(Int)
    /// The file says how many vectors it has, and has another number.
    case wrongCount(said: Int64, found: Int)
    /// A file of specifications beside it cannot be read.
    case specs(SpecProblem)

    /// The first thing that is wrong with a file of specifications.
    public struct SpecProblem: Equatable, Sendable {
        public let text: String
    }

    public var description: String {
        switch self {
        case .notJSON(let error): "not JSON: \(error)"
        case .noFormat: "names no format"
        case .unknownFormat(let name): "unknown format \"\(name)\""
        case .noVectors: "no vectors"
        case .tooMany(let count): "\(count) vectors, expected at most \(MessageVectorRunner.vectorsMax)"
        case .wrongCount(let said, let found): "says \(said) vectors and has \(found)"
        case .specs(let problem): "its specifications: \(problem.text)"
        }
    }
}
