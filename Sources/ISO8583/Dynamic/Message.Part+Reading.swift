// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Message.Part {
    /// A field of a view, which holds it.
    init(field: Int, in view: MessageView) {
        let bytes = view.bytes.span
        guard let located = view.located(field) else { preconditionFailure("a view holds its fields") }
        let layout = located.layout
        let start = located.range.lowerBound - Int(layout.prefixBytes)
        self.init(
            path: "\(field)", name: view.spec.names(of: field), layout: layout, value: located.range,
            length: located.length, range: start..<located.range.upperBound, in: view)
        if layout.encoding != .binary { text = located.text(in: bytes) }
    }

    private init(
        path: String, name: FieldName, layout: FieldSpec?, value: Range<Int>, length: Int, range: Range<Int>,
        in view: MessageView
    ) {
        let bytes = Array(view.bytes[value])
        self.init(
            path: path, name: name, kind: layout?.kind, sensitivity: layout?.sensitivity ?? .none, bytes: bytes,
            text: Hex.text(bytes), length: length, range: range, parts: [])
        guard let layout else { return }
        if layout.content == .composite {
            let located = LocatedField(layout: layout, range: value, length: length)
            parts = Self.subfields(of: located, path, layout, in: view)
        } else if layout.content.isBERTLV {
            parts = Self.objects(in: TLVView(bytes: view.bytes, range: value), path, layout.sensitivity, depth: 1)
        }
    }

    /// What is sound of a divided value.
    private static func subfields(
        of parent: LocatedField, _ path: String, _ layout: FieldSpec, in view: MessageView
    ) -> [Message.Part] {
        let compiled = view.spec.compiled
        var parts: [Message.Part] = []
        try? compiled.composites[Int(layout.composite)].walk(path, parent, in: view.bytes.span) { place in
            let unknown = place.key == CompositeSpec.rest ? FieldName(zh: "其余", en: "the rest") : nil
            var part = Message.Part(
                path: "\(path).\(place.key)",
                name: place.part?.name ?? unknown ?? FieldName(zh: place.key, en: place.key),
                layout: place.part?.layout, value: place.value, length: place.length, range: place.range, in: view)
            if let digits = place.digits {
                part.text = parent.text(digits, in: view.bytes.span)
                part.kind = .numeric
            } else if let own = place.part?.layout, own.encoding != .binary {
                let located = LocatedField(layout: own, range: place.value, length: place.length)
                part.text = located.text(in: view.bytes.span)
            }
            // A part is no less secret than the whole.
            if part.sensitivity == .none { part.sensitivity = layout.sensitivity }
            parts.append(part)
        }
        return parts
    }

    private static func objects(
        in tlv: TLVView, _ path: String, _ sensitivity: FieldSpec.Sensitivity, depth: Int
    ) -> [Message.Part] {
        guard depth <= BERTLVWalk.depthMax else { return [] }
        return tlv.elements.map { element in
            let here = "\(path).\(element.tagText)"
            let bytes = Array(tlv.value(of: element))
            return Message.Part(
                path: here, name: EMVTag.name(of: element.tag), kind: .binary, sensitivity: sensitivity, bytes: bytes,
                text: Hex.text(bytes), length: bytes.count, range: element.start..<element.range.upperBound,
                parts: element.isConstructed
                    ? objects(in: tlv.nested(in: element), here, sensitivity, depth: depth + 1) : [])
        }
    }
}
