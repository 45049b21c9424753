// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Runs files of known answers: each vector names an operation, its inputs and everything that is to come out.
///
/// A vector fails when its operation is unknown, when a value differs, and when it expects a value that nothing here
/// computes: what was not compared did not pass.
public enum VectorRunner {
    /// Runs every vector of a file.
    ///
    /// - Parameter text: UTF-8 JSON: an object whose member `vectors` lists objects with `id`, `op`, `inputs` and
    ///   `expected`.
    public static func run(_ text: [UInt8]) throws(VectorFileError) -> VectorReport {
        let json: JSON
        do { json = try JSON(parsing: text) } catch { throw .notJSON(error) }
        guard let vectors = json["vectors"]?.array ?? json.array, !vectors.isEmpty else { throw .noVectors }
        if let said = json["count"]?.integer, said != Int64(vectors.count) {
            throw .wrongCount(said: said, found: vectors.count)
        }
        return VectorReport(topic: json["topic"]?.string ?? "", outcomes: vectors.map(run))
    }

    /// Runs one vector.
    public static func run(_ vector: JSON) -> VectorOutcome {
        let name = vector["op"]?.string ?? ""
        var check = VectorCheck(vector)
        if let operation = operations.first(where: { $0.name == name }) {
            do throws(VectorFailure) {
                try operation.run(&check)
                check.finish()
            } catch { check.fail(error.reason) }
        } else {
            check.fail("unknown op \"\(name)\"")
        }
        return VectorOutcome(id: vector["id"]?.string ?? "?", operation: name, failures: check.failures)
    }

    /// The names of the operations that vectors may ask for.
    public static var operationNames: [String] { operations.map(\.name) }

    static let operations: [VectorOperation] =
        dukptOperations + pinOperations + macOperations + keyBlockOperations + chineseOperations + agreementOperations
        + cardOperations + cryptogramOperations + secureMessagingOperations + transportOperations + signatureOperations
}

/// An operation that a vector can name.
struct VectorOperation: Sendable {
    let name: String
    let run: @Sendable (inout VectorCheck) throws(VectorFailure) -> Void

    init(_ name: String, _ run: @escaping @Sendable (inout VectorCheck) throws(VectorFailure) -> Void) {
        self.name = name
        self.run = run
    }
}
