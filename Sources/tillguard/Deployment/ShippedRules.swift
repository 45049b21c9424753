// SPDX-License-Identifier: Apache-2.0
import Foundation
import SecurityTriggers

/// Rule files: the shipped one, and any other.
enum RuleFiles {
    /// The text that a new data directory starts with; `Rules/default.rules` of the repository.
    static var shipped: String { String(decoding: PackageResources.default_rules, as: UTF8.self) }

    static func read(_ path: String) throws -> (text: String, rules: RuleSet) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw DeploymentError.rulesUnreadable(path, "no such file")
        }
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw DeploymentError.rulesUnreadable(path, "cannot be read as UTF-8")
        }
        do throws(RuleFileError) { return (text, try RuleSet(parsing: text)) } catch {
            throw DeploymentError.rulesRefused(path, "\(error)")
        }
    }
}
