// SPDX-License-Identifier: Apache-2.0
import Catalogue

/// The table of a drill in one language.
struct Words {
    let language: Language

    init(_ language: Language) { self.language = language }

    private func word(_ en: String, _ zh: String) -> String { language == .zh ? zh : en }

    var fault: String { word("not as it must be", "不符") }

    /// The columns with their widths; the title is the last, so that its own width matters to nobody.
    private var columns: [(name: String, width: Int)] {
        [
            ("", 6), (word("code", "代码"), 6), (word("level", "级别"), 6), (word("detected", "检出"), 10),
            (word("till", "终端"), 9), (word("host", "后台"), 12), (word("zeroised", "清除密钥"), 22),
            (word("refused", "拒绝解除"), 9), (word("cleared by", "解除人"), 13), (word("trades", "恢复交易"), 9),
        ]
    }

    var heading: String { line(columns.map(\.name), word("warning", "警告")) }

    func line(_ result: DrillResult) -> String {
        let seen = result.seen
        let seconds = Int(seen.seconds * 10)
        return line(
            [
                result.hasPassed ? "ok" : "FAIL", result.code.rawValue, result.expectation.severity.name,
                result.isDetected ? "\(seconds / 10).\(seconds % 10) s" : word("no", "否"), till(seen.till),
                seen.host ?? "—", result.zeroised.isEmpty ? "—" : result.zeroised.joined(separator: " "),
                "\(seen.refused.count)",
                seen.people.isEmpty ? word("proof", "自证") : seen.people.joined(separator: " "),
                seen.after == "approved" ? word("yes", "是") : word("no", "否"),
            ], result.code.entry.title[language])
    }

    private func till(_ outcome: String?) -> String {
        switch outcome {
        case "refused": word("refused", "拒绝")
        case "approved": word("sells", "可交易")
        case let other: other ?? "—"
        }
    }

    func sum(_ passed: Int, of count: Int) -> String {
        word("\(passed) of \(count) rows as they must be", "\(count) 行中 \(passed) 行符合要求")
    }

    private func line(_ cells: [String], _ last: String) -> String {
        zip(cells, columns).map { Self.padded($0, $1.width) }.joined() + last
    }

    /// Chinese characters take two places.
    private static func padded(_ text: String, _ width: Int) -> String {
        let count = text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
        return text + String(repeating: " ", count: max(1, width - count))
    }
}
