// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// Runs files of known answers of ISO 8583: messages, fields, lengths, broken messages, keys, codes and response codes
/// of UnionPay terminals, each file by the format that it names.
///
/// A vector fails when a value differs, when nothing of it can be compared, and when it asks for what is not known.
public enum MessageVectorRunner {
    /// Longer files are refused.
    public static let vectorsMax = 100_000

    /// The formats that are run.
    public static var formats: [String] { runners.map(\.format) }

    private typealias Run = @Sendable (inout MessageVectorCheck, SpecLibrary) throws(VectorProblem) -> Void

    private static let runners: [(format: String, run: Run)] = [
        ("iso8583-vectors/1", { check, library throws(VectorProblem) in try message(&check, library) }),
        ("field-encoding/1", { check, _ throws(VectorProblem) in try fieldEncoding(&check) }),
        ("framing/1", { check, _ throws(VectorProblem) in try framing(&check) }),
        ("malformed/1", { check, library throws(VectorProblem) in try malformed(&check, library) }),
        ("unionpay-keys/1", { check, _ throws(VectorProblem) in try keyDownload(&check) }),
        ("unionpay-mac/1", { check, _ throws(VectorProblem) in try authenticationCode(&check) }),
        ("unionpay-pin/1", { check, _ throws(VectorProblem) in try pinBlock(&check) }),
        ("response-codes/1", { check, _ throws(VectorProblem) in try responseCode(&check) }),
    ]

    /// Runs every vector of a file, and loads every specification that it holds.
    ///
    /// - Parameters:
    ///   - text: UTF-8 JSON with `format` and `vectors`, `codes` or `specs`.
    ///   - library: where specifications are looked for by name, behind those of the file and those beside it.
    ///   - beside: the file of that name beside the vectors, or nil. It is asked for the file that `spec` names, for
    ///     `specs.json` without that member.
    public static func run(
        _ text: [UInt8], library: SpecLibrary = SpecLibrary(), beside: (String) -> [UInt8]? = { _ in nil }
    ) throws(MessageVectorFileError) -> MessageVectorReport {
        let json: JSON
        do { json = try JSON(parsing: text) } catch { throw .notJSON(error) }
        guard let format = json["format"]?.string else { throw .noFormat }
        guard let run = runners.first(where: { $0.format == format })?.run else { throw .unknownFormat(format) }
        let vectors = json["vectors"]?.array ?? json["codes"]?.array ?? []
        let specs = json["specs"].map { _ in SpecLibrary.problems(in: json) } ?? []
        guard !vectors.isEmpty || !specs.isEmpty else { throw .noVectors }
        guard vectors.count <= vectorsMax else { throw .tooMany(vectors.count) }
        if let said = json["count"]?.integer, said != Int64(vectors.count) {
            throw .wrongCount(said: said, found: vectors.count)
        }
        var library = library
        do throws(SpecError) {
            let name = json["spec"]?.string ?? "specs.json"
            if !name.contains("/"), let file = beside(name) { try library.add(json: file) }
            if !specs.isEmpty { try library.add(json: text) }
        } catch { throw .specs(.init(text: "\(error.problems[0])")) }
        let loaded = specs.map { spec in
            MessageVectorOutcome(
                id: spec.name, failures: (spec.error?.problems ?? []).map(\.description), notes: [])
        }
        return MessageVectorReport(
            format: format,
            outcomes: loaded + vectors.enumerated().map { outcome(of: $0.element, at: $0.offset, library, run) })
    }

    private static func outcome(
        of vector: JSON, at position: Int, _ library: SpecLibrary, _ run: Run
    ) -> MessageVectorOutcome {
        var check = MessageVectorCheck(vector)
        do throws(VectorProblem) {
            if let op = vector["op"] { throw VectorProblem("unknown op \(op.text)") }
            try run(&check, library)
            check.finish()
        } catch { check.fail(error.reason) }
        let id = vector["id"]?.string ?? vector["code"]?.string ?? "vector \(position + 1)"
        return MessageVectorOutcome(id: id, failures: check.failures, notes: check.notes)
    }

    // MARK: - What messages have in common

    /// The specification that a vector names, or holds.
    static func spec(_ check: inout MessageVectorCheck, _ library: SpecLibrary) throws(VectorProblem) -> MessageSpec {
        if let own = check.json["spec"], own.members != nil {
            check.use("spec")
            return try check.attempt { () throws(SpecError) in try MessageSpec(json: Array(own.text.utf8)) }
        }
        let name = try check.text("spec")
        let found = try check.attempt { () throws(SpecError) in try library.spec(named: name) }
        guard let found else { throw VectorProblem("no specification is called \"\(name)\"") }
        return found
    }

    /// The message's bytes behind what its frame has before it.
    static func frame(_ check: inout MessageVectorCheck) throws(VectorProblem) -> OpenedFrame {
        let bytes = try check.bytes("hex")
        let name = check.has("frame") ? try check.text("frame") : "body"
        guard let layout = FrameLayout(name) else { throw VectorProblem("no frame is called \"\(name)\"") }
        return try check.attempt { () throws(FrameFault) in try layout.open(bytes) }
    }
}
