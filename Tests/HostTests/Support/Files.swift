// SPDX-License-Identifier: Apache-2.0
import Foundation
import SecurityTriggers
import Vocabulary

/// Files of the repository, read where no other file needs Foundation.
enum Files {
    private static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    static let shippedRules: RuleSet? = {
        let file = root.appending(path: "Rules/default.rules")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return try? RuleSet(parsing: text)
    }()

    /// The records of a golden file: a line each, a name and hexadecimal digits; lines that begin with `#` left out.
    static func golden(_ name: String) throws -> [(name: String, bytes: [UInt8])] {
        let text = try String(contentsOf: root.appending(path: "Tests/Vectors/host/\(name)"), encoding: .utf8)
        return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let bytes = Hex.bytes(parts[1]) else { throw CocoaError(.fileReadCorruptFile) }
            return (String(parts[0]), bytes)
        }
    }
}
