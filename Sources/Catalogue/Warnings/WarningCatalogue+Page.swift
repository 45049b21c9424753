// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension WarningCatalogue {
    /// The catalogue as a page in Markdown, in both languages: a table, and a runbook for each code.
    public static var page: String {
        var page = """
            # The warning catalogue 安全模块警告目录

            \(entries.count) codes, written from `Sources/Catalogue/Data/warnings.json`, which also drives the software: edit that file, and
            `tillguard module warnings --page > docs/warnings.md` writes this one.

            S1 and S2 are warnings (警告): everything stops. S3 and S4 are advisories (提示), and each has something that makes it graver.
            Nobody at the till clears anything. R1 is one remote operator, D2 two people, SC the service centre; auto means by the
            module's own proof and an accepted sign-on.

            | Code | Title | 名称 | Found by | Severity: what stops, what is erased | Cleared by |
            | --- | --- | --- | --- | --- | --- |

            """
        for entry in entries { page += entry.row + "\n" }
        for cause in CauseClass.allCases {
            page += "\n## \(cause.rawValue): \(cause.title.en) \(cause.title.zh)\n"
            for entry in entries where entry.causeClass == cause { page += "\n" + entry.section }
        }
        return page
    }
}

extension WarningEntry {
    /// Code, title, detectors, levels and clearance as a row of a table.
    fileprivate var row: String {
        let levels = levels.map { level in
            var text = "\(level.severity.name): \(level.halts.title(.en))"
            if level.zeroises != .none { text += ", \(level.zeroises.title(.en))" }
            if let when = level.when { text += " (\(when.en))" }
            return text
        }
        let cells = [
            code.rawValue, title.en, title.zh, detectedBy.map(\.rawValue).joined(separator: ", "),
            levels.joined(separator: "; "),
            ([clearance] + [otherwise].compactMap(\.self)).map(\.name).joined(separator: ", else "),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// What is seen, who clears it and under which condition, what it turns into, and the steps.
    public var section: String {
        var lines = ["### \(code.rawValue) \(title.en) \(title.zh)", "", sign.en + " " + sign.zh, ""]
        lines.append("Cleared: \(clearanceCondition.en) \(clearanceCondition.zh)")
        for level in levels {
            guard let after = level.after else { continue }
            lines += ["", "Becomes \(level.severity.name) after \(after.microseconds / 3_600_000_000) hours."]
        }
        if let becomes {
            lines += ["", "Becomes \(becomes.code.rawValue) when \(becomes.when.en) \(becomes.when.zh)."]
        }
        lines.append("")
        for (index, step) in runbook.enumerated() {
            let check = step.check.map { " `\($0.rawValue)`" } ?? ""
            lines.append("\(index + 1). \(step.text.en) \(step.text.zh)\(check)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
