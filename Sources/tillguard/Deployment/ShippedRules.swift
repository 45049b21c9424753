// SPDX-License-Identifier: Apache-2.0
import Foundation
import SecurityTriggers

/// Rule files: the shipped one, and any other.
enum RuleFiles {
    /// The text that a new data directory starts with; `Rules/default.rules` of the repository.
    static var shipped: String { String(decoding: PackageResources.default_rules, as: UTF8.self) }

    static func read(_ path: String) throws -> (text: String, rules: RuleSet) {
        let text = try text(path)
        return (text, try rules(text, of: path))
    }

    static func orShipped(_ path: String?) throws -> RuleSet {
        try path.map { try read($0).rules } ?? RuleSet(parsing: shipped)
    }

    static func text(_ path: String) throws -> String {
        guard FileManager.default.fileExists(atPath: path) else {
            throw DeploymentError.rulesUnreadable(path, "no such file")
        }
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw DeploymentError.rulesUnreadable(path, "cannot be read as UTF-8")
        }
    }

    static func rules(_ text: String, of path: String) throws -> RuleSet {
        do throws(RuleFileError) { return try RuleSet(parsing: text) } catch {
            throw DeploymentError.rulesRefused(path, "\(error)")
        }
    }
}
