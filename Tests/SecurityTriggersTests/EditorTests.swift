// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import SecurityTriggers

@Suite("The grammars of editors have the words of the language")
struct EditorTests {
    private func text(_ path: String) throws -> String {
        let root = RuleVectors.folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Editors/" + path), encoding: .utf8)
    }

    /// Words of the language, each once.
    private var words: Set<String> {
        let literals = [ValueType.pin, .status, .kind, .entry].flatMap { $0.literals.map(\.word) }
        let functions =
            VelocityDeclaration.Function.allCases.map(\.rawValue) + CallFunction.allCases.map(\.rawValue) + ["same"]
        let arguments = VelocityDeclaration.Function.allCases.flatMap { Words.arguments(of: $0) }
        return Set(
            Words.keywords + Words.orders + functions + arguments + Fact.names + EventFact.allCases.map(\.rawValue)
                + SameFact.allCases.map(\.rawValue) + literals + ["true", "false"])
    }

    @Test("the TextMate grammar")
    func textMate() throws {
        let grammar = try JSON(parsing: Array(text("tillguard-rules.tmLanguage.json").utf8))
        var found: Set<String> = []
        for group in ["keyword", "action", "function", "fact", "event", "value"] {
            let pattern = try #require(grammar["repository"]?[group]?["match"]?.string)
            let start = try #require(pattern.range(of: "(?:")?.upperBound)
            let end = try #require(pattern[start...].firstIndex(of: ")"))
            for word in pattern[start..<end].split(separator: "|") {
                found.insert(String(word).replacingOccurrences(of: "\\.", with: "."))
            }
        }
        #expect(found.symmetricDifference(words).sorted() == [])
        for pattern in grammar["patterns"]?.array ?? [] {
            let name = try #require(pattern["include"]?.string)
            #expect(grammar["repository"]?[String(name.dropFirst())] != nil, "\(name)")
        }
    }

    @Test("the Vim syntax")
    func vim() throws {
        let lines = try text("vim/syntax/tillguard-rules.vim").split(separator: "\n")
        let found = lines.filter { $0.hasPrefix("syn keyword ") }.flatMap { $0.split(separator: " ").dropFirst(3) }
        #expect(Set(found.map(String.init)).symmetricDifference(words).sorted() == [])
    }

    @Test("the package of VS Code names files that are there")
    func vsCode() throws {
        let package = try JSON(parsing: Array(text("vscode/package.json").utf8))
        let grammar = try #require(package["contributes"]?["grammars"]?.array?.first)
        #expect(grammar["scopeName"]?.string == "source.tillguard-rules")
        let path = try #require(grammar["path"]?.string)
        #expect(try text("vscode/" + path.dropFirst(2)) == text("tillguard-rules.tmLanguage.json"))
        let language = try #require(package["contributes"]?["languages"]?.array?.first)
        let configuration = try #require(language["configuration"]?.string)
        _ = try JSON(parsing: Array(text("vscode/" + configuration.dropFirst(2)).utf8))
    }
}
