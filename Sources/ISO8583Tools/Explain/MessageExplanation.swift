// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// A message in words: where each field lies, what it is called, what it says and means; secrets masked.
public struct MessageExplanation: Sendable {
    /// A field, a part of one, or what stands before the fields.
    public struct Row: Equatable, Sendable {
        /// As in `Message.Part`; `length`, `tpdu` and `header` before the message.
        public let path: String
        public let name: FieldName
        /// Counted from the first byte of the frame.
        public let offset: Int
        /// Bytes, with tag and length before the value.
        public let count: Int
        /// Masked.
        public let value: String
        /// What a coded value means.
        public let meaning: String?
        public let parts: [Row]
    }

    public let framing: String
    public let spec: String
    /// The transaction, where the specification has a rule for it.
    public let transaction: FieldName?
    public let rows: [Row]
    /// The bytes that the authentication code covers, counted from the first byte of the frame, and its field.
    public let macCoverage: (field: Int, range: Range<Int>)?
    public let findings: MessageFindings

    /// - Parameter frame: of any bytes: what cannot be read is a finding.
    public init(_ frame: OpenedFrame, spec: MessageSpec) {
        let findings = MessageFindings(frame, spec: spec)
        self.findings = findings
        framing = "\(frame.layout)"
        self.spec = spec.name
        let lead = frame.layout.leadBytes
        var rows = Self.lead(frame)
        guard let view = findings.lint.view else {
            (self.rows, transaction, macCoverage) = (rows, nil, nil)
            return
        }
        transaction = view.rule?.names
        rows.append(
            Row(
                path: "0", name: FieldName(zh: "消息类型", en: "message type"), offset: lead, count: view.mtiRange.count,
                value: view.mti.description, meaning: Self.words(view.mti), parts: []))
        let numbers = findings.lint.announced.fields.map { "\($0)" }.joined(separator: " ")
        rows.append(
            Row(
                path: "1", name: FieldName(zh: "位图", en: "bitmap"), offset: lead + view.bitmapRange.lowerBound,
                count: view.bitmapRange.count, value: numbers, meaning: nil, parts: []))
        let shown = ShownValue(view, isSound: findings.isSound)
        rows += Message(view).fields.map { Self.row($0, shown, view, lead) }
        self.rows = rows
        macCoverage = view.macField.flatMap { field in
            view.macCoverage.map { (field, $0.lowerBound + lead..<$0.upperBound + lead) }
        }
    }

    private static func lead(_ frame: OpenedFrame) -> [Row] {
        var rows: [Row] = []
        var offset = 0
        func add(_ path: String, _ zh: String, _ en: String, _ count: Int, _ value: String) {
            rows.append(
                Row(
                    path: path, name: FieldName(zh: zh, en: en), offset: offset, count: count, value: value,
                    meaning: nil, parts: []))
            offset += count
        }
        if let length = frame.layout.length { add("length", "长度", "length", length.count, "\(frame.announced ?? 0)") }
        if let tpdu = frame.tpdu { add("tpdu", "TPDU", "addresses", TPDU.count, Hex.text(tpdu.bytes)) }
        if !frame.header.isEmpty { add("header", "报文头", "header", frame.header.count, Hex.text(frame.header)) }
        return rows
    }

    private static func row(_ part: Message.Part, _ shown: ShownValue, _ view: MessageView, _ lead: Int) -> Row {
        let parts = part.parts.map { row($0, shown, view, lead) }
        let isOpen = shown.sensitivity(of: part) == .none
        // A field that is shown by its parts is not shown twice.
        let isDivided = !parts.isEmpty && part.kind == .binary
        return Row(
            path: part.path, name: part.name, offset: part.range.lowerBound + lead, count: part.range.count,
            value: isDivided ? "[\(part.bytes.count) bytes]" : shown.text(part),
            meaning: isOpen ? shown.nationalText(part) ?? FieldMeaning.of(part, in: view) : nil, parts: parts)
    }

    /// Class and function of a message type (ISO 8583:1987 4.1).
    private static func words(_ mti: MTI) -> String {
        let classes: [(zh: String, en: String)] = [
            ("", ""), ("授权", "authorisation"), ("金融", "financial"), ("文件、批上送", "file, batch upload"),
            ("冲正", "reversal"),
            ("批结算", "settlement"), ("管理", "administrative"), ("费用", "fee"), ("网络管理", "network management"),
        ]
        let number = Int(mti.rawValue >> 8 & 15)
        guard classes.indices.contains(number), number > 0 else { return "未知 unknown" }
        let isAdvice = mti.rawValue & 0x20 != 0
        let function: (zh: String, en: String) =
            switch (isAdvice, mti.isResponse) {
            case (false, false): ("请求", "request")
            case (false, true): ("应答", "response")
            case (true, false): ("通知", "advice")
            case (true, true): ("通知应答", "advice response")
            }
        let again = mti.isRepeat ? "，重发 , repeat" : ""
        return "\(classes[number].zh)\(function.zh) \(classes[number].en) \(function.en)\(again)"
    }

    // MARK: - Report

    /// A line a field, parts moved in; then the code's coverage and what is wrong.
    public var lines: [String] {
        var lines = ["\(spec) in \(framing)" + (transaction.map { ": \(Self.title($0))" } ?? "")]
        lines.append("  at  bytes  field")
        for row in rows { Self.add(row, depth: 0, to: &lines) }
        if let macCoverage {
            let (first, last) = (macCoverage.range.lowerBound, macCoverage.range.upperBound - 1)
            lines.append(
                "MAC, field \(macCoverage.field), covers bytes \(first) to \(last), \(macCoverage.range.count) bytes")
        }
        return lines + findings.lines
    }

    private static func add(_ row: Row, depth: Int, to lines: inout [String]) {
        let margin = String(repeating: "  ", count: depth)
        let place = "\(padded(row.offset, 4))  \(padded(row.count, 5))"
        let meaning = row.meaning.map { "  (\($0))" } ?? ""
        lines.append("\(place)  \(margin)\(row.path) \(title(row.name)): \(row.value)\(meaning)")
        for part in row.parts { add(part, depth: depth + 1, to: &lines) }
    }

    private static func padded(_ number: Int, _ count: Int) -> String {
        let text = "\(number)"
        return String(repeating: " ", count: max(0, count - text.utf8.count)) + text
    }

    static func title(_ name: FieldName) -> String { name.zh == name.en ? name.en : "\(name.zh) \(name.en)" }

    /// The same for programs.
    public var json: JSON {
        var members: [JSON.Member] = [.init("spec", .string(spec)), .init("framing", .string(framing))]
        if let transaction {
            members.append(.init("transaction", ["zh": .string(transaction.zh), "en": .string(transaction.en)]))
        }
        members.append(.init("fields", .array(rows.map(Self.json))))
        if let macCoverage {
            members.append(
                .init(
                    "mac",
                    [
                        "field": .integer(Int64(macCoverage.field)),
                        "from": .integer(Int64(macCoverage.range.lowerBound)),
                        "to": .integer(Int64(macCoverage.range.upperBound)),
                    ]))
        }
        return .object(members + [.init("findings", findings.json)])
    }

    private static func json(_ row: Row) -> JSON {
        var members: [JSON.Member] = [
            .init("path", .string(row.path)), .init("zh", .string(row.name.zh)), .init("en", .string(row.name.en)),
            .init("offset", .integer(Int64(row.offset))), .init("length", .integer(Int64(row.count))),
            .init("value", .string(row.value)),
        ]
        if let meaning = row.meaning { members.append(.init("meaning", .string(meaning))) }
        if !row.parts.isEmpty { members.append(.init("parts", .array(row.parts.map(json)))) }
        return .object(members)
    }
}
