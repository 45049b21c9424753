// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What became of one known answer.
public struct VectorOutcome: Sendable, Equatable {
    /// The vector's name in its file.
    public let id: String
    /// The operation it asks for.
    public let operation: String
    /// Why it failed; empty when it passed. No reason holds key bytes.
    public let failures: [String]

    /// Whether everything the vector expects was computed and is the same.
    public var passed: Bool { failures.isEmpty }
}

/// What became of a file of known answers.
public struct VectorReport: Sendable, Equatable {
    /// The subject that the file names, or an empty text.
    public let topic: String
    /// One a vector, in the file's order.
    public let outcomes: [VectorOutcome]

    /// How many vectors passed.
    public var passed: Int { outcomes.count { $0.passed } }
    /// How many vectors failed.
    public var failed: Int { outcomes.count - passed }

    /// Topic, counts, and each failure with its reasons.
    public var json: JSON {
        let failures = outcomes.filter { !$0.passed }.map { outcome -> JSON in
            [
                "id": .string(outcome.id), "op": .string(outcome.operation),
                "reasons": .array(outcome.failures.map(JSON.string)),
            ]
        }
        return [
            "topic": .string(topic), "passed": .integer(Int64(passed)), "failed": .integer(Int64(failed)),
            "failures": .array(failures),
        ]
    }
}

/// Why a file of known answers cannot be run at all.
public enum VectorFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is not JSON.
    case notJSON(JSONError)
    /// There is no array named `vectors`, or it is empty.
    case noVectors
    /// The file says how many vectors it has, and has another number.
    case wrongCount(said: Int64, found: Int)

    public var description: String {
        switch self {
        case .notJSON(let error): "not JSON: \(error)"
        case .noVectors: "no vectors"
        case .wrongCount(let said, let found): "says \(said) vectors and has \(found)"
        }
    }
}
