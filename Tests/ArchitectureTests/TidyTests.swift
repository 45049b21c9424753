// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("Tidy tree")
struct TidyTests {
    static let code = SourceTree.swiftFiles(under: "Sources") + SourceTree.swiftFiles(under: "Tests")

    @Test("every Swift file states its licence in the first line")
    func licenceIsStated() {
        for file in Self.code { #expect(file.lines.first == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)") }
    }

    @Test("no source file is longer than 400 lines, and no line than 120 characters")
    func filesAreShort() {
        for file in SourceTree.swiftFiles(under: "Sources") {
            #expect(file.lines.count <= 400, "\(file.path) has \(file.lines.count) lines")
            for (number, line) in file.lines.enumerated() where line.count > 120 && !isComment(line) {
                Issue.record("\(file.path):\(number + 1) has \(line.count) characters")
            }
        }
    }

    /// The formatter leaves the ends of comments to their author.
    private func isComment(_ line: Substring) -> Bool { line.drop { $0 == " " }.hasPrefix("//") }

    @Test("no shell forces a step or leaves a note to itself")
    func nothingIsForced() {
        let words = ["try!", "as!", "fatalError(", "TODO", "FIXME", "XXX"]
        for file in SourceTree.swiftFiles(under: "Sources") {
            let code = file.code
            for word in words { #expect(!code.contains(word), "\(file.path) contains \(word)") }
        }
    }

    @Test("no test waits by sleeping")
    func testsDoNotSleep() {
        let words = ["sleep" + "(", "usleep" + "(", "Task." + "sleep"]
        for file in SourceTree.swiftFiles(under: "Tests") {
            for word in words { #expect(!file.text.contains(word), "\(file.path) contains \(word)") }
        }
    }

    @Test("the project names no path of a machine")
    func noPathsOfAMachine() {
        let texts = SourceTree.files(under: "docs") { $0.hasSuffix(".md") } + Self.code
        for file in texts {
            for word in ["/" + "work/", "/" + "root/", "/" + "home/"] {
                #expect(!file.text.contains(word), "\(file.path) contains \(word)")
            }
        }
    }

    @Test("the house's readme stands in both languages")
    func readmesStand() throws {
        for name in [
            "README.md", "README.zh-CN.md", "docs/architecture.md", "docs/threat-model.md", "docs/benchmarks.md",
        ] {
            #expect(FileManager.default.fileExists(atPath: SourceTree.root.appending(path: name).path), "\(name)")
        }
    }
}
