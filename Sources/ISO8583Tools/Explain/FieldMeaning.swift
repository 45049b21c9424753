// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Vocabulary

/// What coded values mean, in words: response codes, types of UnionPay's transactions, ways of reading a card.
enum FieldMeaning {
    /// - Returns: nil for a value that says what it says.
    static func of(_ part: Message.Part, in view: MessageView) -> String? {
        let text = trimmed(part.text)
        switch part.path {
        case "22": return entryMode(text)
        case "39": return responseCode(text, view.mti)
        case "53": return part.parts.isEmpty && view.spec.name.hasPrefix("unionpay") ? security(text) : nil
        case "53.1": return first(text, in: pinFormats)
        case "53.2": return first(text, in: algorithms)
        case "53.3": return first(text, in: trackEncryption)
        case "60": return part.parts.isEmpty && view.spec.name.hasPrefix("unionpay") ? batch(text, view.mti) : nil
        case "60.1" where isUnionPay(view): return first(text, in: types)
        case "60.3" where isUnionPay(view): return networkCode(text, view.mti)
        case "60.4" where isUnionPay(view): return first(text, in: readingCapabilities)
        case "60.5" where isUnionPay(view): return first(text, in: chipConditions)
        default: return nil
        }
    }

    private static func isUnionPay(_ view: MessageView) -> Bool { view.layout(of: 60)?.kind == .numeric }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }

    private static func first(_ code: some StringProtocol, in table: [(code: String, words: String)]) -> String? {
        table.first { $0.code == code }?.words
    }

    // MARK: - DE 39

    /// The code's meaning and what a terminal does; in a reversal the reason for it.
    private static func responseCode(_ text: String, _ mti: MTI) -> String? {
        if mti.rawValue & 0x0F00 == 0x0400, !mti.isResponse, let reason = first(text, in: reversalReasons) {
            return reason
        }
        guard let code = Catalogue.ResponseCode(text) else { return nil }
        guard let entry = ResponseEntry.entry(code) else {
            let display = ResponseEntry.unionPayDisplay(code)
            return "不在表中 not in the table; 终端显示 terminal shows: \(display.zh) / \(display.en)"
        }
        var words: [String] = []
        if let meaning = entry.meaning { words.append(meaning) }
        if let international = entry.international { words.append(international) }
        words.append("终端显示 terminal shows: \(entry.display.zh) / \(entry.display.en)")
        if !entry.classes.isEmpty {
            words.append(
                entry.classes.map { "class \($0.rawValue), \(action($0))" }.joined(separator: " or "))
        }
        if entry.asksForSignOn { words.append("重新签到 signs on before the next transaction") }
        return words.joined(separator: "; ")
    }

    private static func action(_ value: ResponseClass) -> String {
        switch value {
        case .approved: "成功 done"
        case .retry: "失败可重试 failed, may be tried again"
        case .final: "失败不重试 failed, not to be tried again"
        case .operatorActs: "操作员处理 failed, the operator acts"
        case .systemFault: "系统故障不重试 fault of the system, not to be tried again"
        }
    }

    private static let reversalReasons: [(code: String, words: String)] = [
        ("98", "冲正原因：未及时收到应答 reversal: no answer in time"),
        ("96", "冲正原因：已批准，终端未能完成 reversal: approved, the terminal could not finish"),
        ("A0", "冲正原因：应答 MAC 错 reversal: approved, the code of the answer was wrong"),
        ("06", "冲正原因：其他 reversal: another reason"),
    ]

    // MARK: - DE 22, 53

    private static func entryMode(_ text: String) -> String? {
        guard text.utf8.count == 3, let way = first(text.prefix(2), in: entryWays) else { return nil }
        return first(text.suffix(1), in: pinEntries).map { "\(way); \($0)" } ?? way
    }

    private static let entryWays: [(code: String, words: String)] = [
        ("00", "未指明 not stated"), ("01", "手工 keyed by hand"), ("02", "磁条 magnetic stripe"), ("03", "条码 barcode"),
        ("05", "芯片 chip"), ("07", "非接芯片 contactless chip"), ("91", "非接磁条 contactless stripe"),
        ("95", "芯片，数据不可靠 chip, data may be unreliable"), ("98", "非接芯片 contactless chip"),
    ]
    private static let pinEntries: [(code: String, words: String)] = [
        ("0", "PIN 未知 PIN not stated"), ("1", "有 PIN with PIN"), ("2", "无 PIN without PIN"),
    ]
    private static let pinFormats: [(code: String, words: String)] = [
        ("0", "无 PIN no PIN"), ("1", "不带主账号 without PAN"), ("2", "带主账号 with PAN"),
    ]
    private static let algorithms: [(code: String, words: String)] = [
        ("0", "单倍长 DES single DES"), ("6", "双倍长 3DES double-length 3DES"), ("3", "SM4"),
    ]
    private static let trackEncryption: [(code: String, words: String)] = [
        ("0", "磁道不加密 track in the clear"), ("1", "磁道加密 track encrypted"),
    ]

    private static func security(_ text: String) -> String? {
        let digits = text.prefix(3).map { String($0) }
        let words = zip(digits, [pinFormats, algorithms, trackEncryption]).compactMap { first($0, in: $1) }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    // MARK: - DE 60

    /// A field that its layout does not divide, by the places of its digits: 2, 6, 3, 1, 1.
    private static func batch(_ text: String, _ mti: MTI) -> String? {
        guard text.utf8.count >= 8 else { return nil }
        func digits(_ range: Range<Int>) -> Substring {
            text.dropFirst(range.lowerBound).prefix(range.count)
        }
        var words = [first(digits(0..<2), in: types) ?? "类型 type \(digits(0..<2))", "批次 batch \(digits(2..<8))"]
        if let network = networkCode(String(digits(8..<11)), mti) { words.append(network) }
        if let reading = first(digits(11..<12), in: readingCapabilities) { words.append(reading) }
        if let chip = first(digits(12..<13), in: chipConditions) { words.append(chip) }
        return words.joined(separator: "; ")
    }

    private static let types: [(code: String, words: String)] = [
        ("00", "网络管理、批结算 management, settlement"), ("01", "余额查询 balance inquiry"), ("10", "预授权 pre-authorisation"),
        ("11", "预授权撤销 pre-authorisation void"), ("20", "预授权完成 completion"), ("21", "预授权完成撤销 completion void"),
        ("22", "消费 purchase"), ("23", "消费撤销 purchase void"), ("25", "退货 refund"), ("30", "离线结算 offline sale"),
        ("32", "结算调整 adjustment"), ("34", "小费调整 tip adjustment"), ("99", "主密钥下载 master key download"),
    ]
    private static let networkCodes: [(code: String, words: String)] = [
        ("001", "签到，单倍长 sign-on, single DES"), ("002", "签退 sign-off"), ("003", "签到，双倍长 sign-on, double-length keys"),
        ("004", "签到，双倍长和磁道密钥 sign-on, double-length keys and a track key"), ("005", "签到，SM4 sign-on, SM4"),
        ("201", "批结算、批上送 settlement, batch upload"), ("202", "批上送结束，不平 end of upload, out of balance"),
        ("203", "TC 上送，已平 upload of certificates, balanced"),
        ("205", "TC 上送，不平 upload of certificates, out of balance"),
        ("207", "批上送结束，已平 end of upload, balanced"), ("301", "回响测试 echo"), ("370", "公钥下载 CA keys"),
        ("372", "公钥下载 CA keys"), ("380", "芯片参数下载 chip parameters"), ("381", "芯片参数下载 chip parameters"),
        ("382", "芯片参数下载 chip parameters"),
    ]
    private static let readingCapabilities: [(code: String, words: String)] = [
        ("5", "可读芯片 reads chips"), ("6", "可读芯片和非接 reads chips and contactless"),
    ]
    private static let chipConditions: [(code: String, words: String)] = [
        ("0", "未使用 not used"), ("1", "上一笔不是芯片失败 the last reading of a chip did not fail"),
        ("2", "上一笔芯片失败 the last reading of a chip failed"),
    ]

    /// Card transactions have no network code: there the digits are filled up.
    private static func networkCode(_ text: String, _ mti: MTI) -> String? {
        [0x0300, 0x0500, 0x0800].contains(mti.rawValue & 0x0F00) ? first(text, in: networkCodes) : nil
    }
}
