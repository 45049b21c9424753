// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// Two messages field by field, masked.
public struct MessageDifference: Sendable {
    /// What is not the same.
    public struct Change: Equatable, Sendable {
        public let path: String
        public let name: FieldName
        /// Masked; nil where the message does not have the field.
        public let left: String?
        public let right: String?
    }

    /// In the order of the fields.
    public let changes: [Change]
    /// How many fields are the same.
    public let sameCount: Int

    /// - Throws: what makes type or bitmap of one of the messages unreadable; what can be read of both is compared.
    public init(
        _ left: OpenedFrame, _ right: OpenedFrame, leftSpec: MessageSpec, rightSpec: MessageSpec
    ) throws(DecodeError) {
        let first = try Side(left, leftSpec)
        let second = try Side(right, rightSpec)
        var changes: [Change] = []
        if first.view.mti != second.view.mti {
            changes.append(
                Change(
                    path: "0", name: FieldName(zh: "消息类型", en: "message type"), left: first.view.mti.description,
                    right: second.view.mti.description))
        }
        var same = 0
        for field in first.announced.union(second.announced).fields {
            let path = "\(field)"
            let (one, other) = (first.message[path], second.message[path])
            let before = changes.count
            Self.compare(one, other, first, second, &changes)
            if one == nil, other == nil {
                changes.append(
                    Change(
                        path: path, name: first.view.spec.names(of: field), left: "[unreadable]", right: "[unreadable]")
                )
            }
            if changes.count == before { same += 1 }
        }
        self.changes = changes
        sameCount = same
    }

    private struct Side {
        let view: MessageView
        let announced: FieldSet
        let message: Message
        let shown: ShownValue

        init(_ frame: OpenedFrame, _ spec: MessageSpec) throws(DecodeError) {
            let lint = MessageView.lint(frame.body, spec: spec)
            guard let view = lint.view else {
                throw lint.findings.first ?? DecodeError(path: "", offset: 0, kind: .badBitmap)
            }
            self.view = view
            announced = lint.announced
            message = Message(view)
            shown = ShownValue(view, isSound: lint.isSound)
        }
    }

    private static func compare(
        _ left: Message.Part?, _ right: Message.Part?, _ first: Side, _ second: Side, _ changes: inout [Change]
    ) {
        guard let left, let right else {
            guard let part = left ?? right else { return }
            changes.append(
                Change(
                    path: part.path, name: part.name, left: left.map { first.shown.text($0) },
                    right: right.map { second.shown.text($0) }))
            return
        }
        guard left.bytes != right.bytes || left.length != right.length || left.text != right.text else { return }
        let before = changes.count
        if !left.parts.isEmpty, !right.parts.isEmpty {
            var rest = right.parts
            for part in left.parts {
                let twin = rest.firstIndex { $0.path == part.path }.map { rest.remove(at: $0) }
                compare(part, twin, first, second, &changes)
            }
            for part in rest { compare(nil, part, first, second, &changes) }
        }
        // What the parts do not explain, such as their order, is a change of the whole.
        guard changes.count == before else { return }
        var values = (first.shown.text(left), second.shown.text(right))
        if values.0 == values.1 { values.1 += " (differs where it is not shown)" }
        changes.append(Change(path: left.path, name: left.name, left: values.0, right: values.1))
    }

    // MARK: - Report

    /// A change a line: `-` only in the first, `+` only in the second, `~` in both.
    public var lines: [String] {
        changes.map { change in
            let name = "\(change.path) \(MessageExplanation.title(change.name))"
            switch (change.left, change.right) {
            case (let left?, nil): return "- \(name): \(left)"
            case (nil, let right?): return "+ \(name): \(right)"
            case (let left, let right): return "~ \(name): \(left ?? "") -> \(right ?? "")"
            }
        } + ["\(changes.count) differ, \(sameCount) fields are the same"]
    }

    /// The same for programs.
    public var json: JSON {
        let list = changes.map { change -> JSON in
            [
                "path": .string(change.path), "zh": .string(change.name.zh), "en": .string(change.name.en),
                "left": change.left.map(JSON.string) ?? .null, "right": change.right.map(JSON.string) ?? .null,
            ]
        }
        return ["changes": .array(list), "same": .integer(Int64(sameCount))]
    }
}
