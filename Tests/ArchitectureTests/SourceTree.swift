// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The project's own files, as a test reads them.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct File {
        /// Relative to the project's root.
        var path: String
        var text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

        /// Lines without comments and string contents, good enough to look for words of code.
        var code: String {
            lines.map { line -> String in
                var outside = ""
                var isString = false
                var previous: Character = " "
                for character in line {
                    if !isString, character == "/", previous == "/" { return String(outside.dropLast()) }
                    if character == "\"", previous != "\\" { isString.toggle() }
                    if !isString { outside.append(character) }
                    previous = character
                }
                return outside
            }.joined(separator: "\n")
        }

        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), words.count > index + 1,
                    words[..<index].allSatisfy({ ["@testable", "public", "internal", "package"].contains($0) })
                else { return nil }
                return String(words[index + 1].split(separator: ".")[0])
            }
        }
    }

    static func swiftFiles(under folder: String) -> [File] {
        files(under: folder) { $0.hasSuffix(".swift") }
    }

    static func files(under folder: String, _ wanted: (String) -> Bool) -> [File] {
        let base = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path) else { return [] }
        var files: [File] = []
        while let name = walk.nextObject() as? String {
            guard wanted(name), let text = try? String(contentsOf: base.appending(path: name), encoding: .utf8) else {
                continue
            }
            files.append(File(path: "\(folder)/\(name)", text: text))
        }
        return files.sorted { $0.path < $1.path }
    }
}
