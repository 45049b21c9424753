// SPDX-License-Identifier: Apache-2.0
import Foundation
import SecurityTriggers

enum Files {
    static let shippedRules: RuleSet? = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Rules/default.rules")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return try? RuleSet(parsing: text)
    }()
}
