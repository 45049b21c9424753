// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import SecurityTriggers

/// The conformance tests of CEL that lie within the language's subset; `Scripts/cel_vectors.py` says which and why.
@Suite("Conditions give what CEL gives")
struct ConformanceTests {
    private static let file = RuleVectors.folder.deletingLastPathComponent().appending(path: "cel.json")

    /// The border within these tests: what they ask for and the language refuses when it reads it.
    static let refused: [String: RuleFileError.Code] = [
        "comparisons/in_list_literal/elem_in_mixed_type_list": .type, "parse/nest/parens": .limit,
        "parse/repeat/conditional": .limit, "parse/repeat/not": .limit, "parse/repeat/unary_neg": .limit,
    ]

    private static func vectors() throws -> [JSON] {
        try JSON(parsing: Array(try String(contentsOf: file, encoding: .utf8).utf8))["vectors"]?.array ?? []
    }

    /// The value as the language writes it, after the comparison that must hold; nil for an error.
    private static func comparison(_ vector: JSON) throws -> String? {
        if vector["error"] != nil { return nil }
        if let value = vector["int"]?.string { return "== " + value }
        if let value = vector["bool"]?.bool { return "== \(value)" }
        if let value = vector["string"]?.string {
            return "== \"" + value.unicodeScalars.map { "\\U" + Hex.text(UInt64($0.value)).suffix(8) }.joined() + "\""
        }
        switch try #require(vector["double"]?.string) {
        case "nan": return nil
        case "inf": return "== 1.0 / 0.0"
        case "-inf": return "== -1.0 / 0.0"
        case let value: return "== " + value
        }
    }

    private static func outcome(_ condition: String) -> Result<RuleResult.Outcome?, RuleFileError> {
        do throws(RuleFileError) {
            let rules = try RuleSet(parsing: "tillguard-rules 1\nrule r { when " + condition + " then decline }")
            return .success(Triggers(rules).evaluate(purchase()).results.first?.outcome)
        } catch { return .failure(error) }
    }

    @Test("each of CEL's vectors has its value, an error being unknown")
    func vectors() throws {
        let vectors = try Self.vectors()
        #expect(vectors.count == 355)
        var refused: Set<String> = []
        for vector in vectors {
            let name = try #require(vector["name"]?.string)
            let expression = try #require(vector["expr"]?.string)
            let comparison = try Self.comparison(vector)
            let isNaN = vector["double"]?.string == "nan"
            let condition =
                isNaN ? "(\(expression)) != (\(expression))" : "(\(expression)) " + (comparison ?? "== (\(expression))")
            switch Self.outcome(condition) {
            case .success(let outcome):
                #expect(outcome == (comparison == nil && !isNaN ? .unknown : .hit), "\(name): \(condition)")
            case .failure(let error):
                refused.insert(name)
                #expect(Self.refused[name] == error.code, "\(name): \(condition): \(error)")
            }
        }
        #expect(refused.count == Self.refused.count)
    }
}
