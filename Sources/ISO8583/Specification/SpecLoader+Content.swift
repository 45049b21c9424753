// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension SpecLoader {
    /// Composites in one specification.
    private static let compositesMax = 1_000

    /// `"sub": "ber-tlv"`, `"emv"` or `"opaque"`, or an object that describes subfields. Without it raw bytes of
    /// variable length in field 55 are BER-TLV.
    mutating func content(_ field: JSON, at path: String, number: Int?, _ spec: inout FieldSpec) {
        let here = join(path, "sub")
        let isRaw = spec.kind == .binary && spec.encoding == .binary
        guard let sub = field["sub"] else {
            if number == 55, isRaw, spec.isVariable { spec.content = .berTLV }
            return
        }
        if sub.string != nil {
            spec.content =
                word(
                    field, "sub", at: path,
                    of: ["opaque": FieldSpec.Content.opaque, "ber-tlv": .berTLV, "emv": .emv]) ?? .opaque
            if spec.content.isBERTLV, !isRaw { fail(here, "data objects need kind b and enc binary") }
            return
        }
        guard let sub = object(sub, at: here, names: []) else { return }
        let composite: CompositeSpec? =
            switch word(sub, "type", at: here, of: ["positional": 0, "bitmapped": 1, "tagged": 2]) {
            case 0: positional(sub, at: here, parent: spec)
            case 1: bitmapped(sub, at: here, parent: spec)
            case 2: tagged(sub, at: here, parent: spec)
            default: nil
            }
        guard let composite else { return }
        guard composites.count < Self.compositesMax else {
            return fail(here, "more than \(Self.compositesMax) divided fields")
        }
        spec.content = .composite
        spec.composite = UInt16(composites.count)
        composites.append(composite)
    }

    /// Subfields one behind the other. In packed digits a subfield has `kind` and `max` digits alone; elsewhere it is
    /// laid out like any field. The last may have `"len": "rest"`.
    private mutating func positional(_ sub: JSON, at path: String, parent: FieldSpec) -> CompositeSpec? {
        guard let sub = object(sub, at: path, names: ["type", "required", "rest", "fields"] + Self.remarks),
            let members = part(sub, "fields", at: path, names: [])?.members, !members.isEmpty
        else { return nil }
        let required = integer(sub, "required", at: path, in: 0...members.count)
        let keepsRest = word(sub, "rest", at: path, of: ["keep": true, "refuse": false])
        let isPacked = parent.encoding == .bcd
        if isPacked, parent.kind != .numeric { fail(join(path, "type"), "only packed fields of kind n are divided so") }
        var parts: [CompositeSpec.Part] = []
        for (index, member) in members.enumerated() {
            let here = join(join(path, "fields"), member.name)
            if member.name != "\(index + 1)" { fail(here, "expected \(index + 1)") }
            guard let field = object(member.value, at: here, names: ["name"] + Self.layoutWords + Self.remarks)
            else { continue }
            let name = name(field, at: here)
            let isRest = field["len"]?.string == "rest"
            if isRest, index != members.count - 1 { fail(join(here, "len"), "only the last subfield takes the rest") }
            let layout =
                isPacked || isRest
                ? looseLayout(field, at: here, encoding: isPacked ? .bcd : nil, isRest: isRest)
                : fieldSpec(field, at: here, number: nil)
            if let layout { parts.append(CompositeSpec.Part(key: member.name, name: name, layout: layout)) }
        }
        guard let required, let keepsRest else { return nil }
        return CompositeSpec(
            form: .positional(required: required), parts: parts, keepsRest: keepsRest, countsCharacters: isPacked)
    }

    /// A layout without a prefix and, for the rest of a value, without a fixed length.
    private mutating func looseLayout(
        _ field: JSON, at path: String, encoding: FieldSpec.Encoding?, isRest: Bool
    ) -> FieldSpec? {
        for name in ["lenEnc", "lenUnit", "lenBytes", "pad"] + (encoding == nil ? [] : ["enc", "sub"])
        where field[name] != nil {
            fail(join(path, name), "not here")
        }
        if !isRest, field["len"] != nil, field["len"]?.string != "fixed" {
            fail(join(path, "len"), "packed subfields are fixed, or the rest")
        }
        var members = (field.members ?? []).filter { !["len", "min"].contains($0.name) }
        members.append(.init("len", "fixed"))
        // Packed digits are checked as digits: the layout is that of one character each.
        if encoding != nil { members.append(.init("enc", "ascii")) }
        guard var layout = fieldSpec(.object(members), at: path, number: nil) else { return nil }
        if encoding != nil, layout.kind != .numeric { fail(join(path, "kind"), "packed digits are of kind n") }
        guard isRest else { return layout }
        guard let minimum = optionalInteger(field, "min", at: path, in: 0...Int(layout.maximum), else: 0) else {
            return nil
        }
        layout.minimum = UInt32(minimum)
        return layout
    }

    /// `"bitmap": {"enc": "binary", "bytes": 8}`, then the subfields it announces in ascending order.
    private mutating func bitmapped(_ sub: JSON, at path: String, parent: FieldSpec) -> CompositeSpec? {
        let bitmapPath = join(path, "bitmap")
        guard let sub = object(sub, at: path, names: ["type", "bitmap", "fields"] + Self.remarks),
            let bitmap = part(sub, "bitmap", at: path, names: ["enc", "bytes"])
        else { return nil }
        refusePacked(parent, at: path)
        let encoding = word(
            bitmap, "enc", at: bitmapPath, of: ["binary": FieldSpec.Encoding.binary, "hexascii": .hex])
        let bytes = integer(bitmap, "bytes", at: bitmapPath, in: 1...8)
        guard let members = part(sub, "fields", at: path, names: [])?.members else { return nil }
        var parts: [(number: Int, part: CompositeSpec.Part)] = []
        for member in members {
            let here = join(join(path, "fields"), member.name)
            guard let number = Int(member.name), "\(number)" == member.name, 1...8 * (bytes ?? 8) ~= number else {
                fail(here, "expected a number that the bitmap can announce")
                continue
            }
            guard let field = object(member.value, at: here, names: ["name"] + Self.layoutWords + Self.remarks)
            else { continue }
            let name = name(field, at: here)
            guard let layout = fieldSpec(field, at: here, number: nil) else { continue }
            parts.append((number, CompositeSpec.Part(key: member.name, name: name, layout: layout)))
        }
        guard let encoding, let bytes else { return nil }
        return CompositeSpec(
            form: .bitmapped(encoding: encoding, bytes: bytes),
            parts: parts.sorted { $0.number < $1.number }.map(\.part), keepsRest: false, countsCharacters: false)
    }

    /// `"tag": {"enc": "ascii", "bytes": 2}`, `"length"` with `len`, `lenEnc`, `lenUnit` and `max` as a field has them,
    /// and what known tags hold.
    private mutating func tagged(_ sub: JSON, at path: String, parent: FieldSpec) -> CompositeSpec? {
        guard let sub = object(sub, at: path, names: ["type", "tag", "length", "unknown", "fields"] + Self.remarks),
            let tag = part(sub, "tag", at: path, names: ["enc", "bytes"])
        else { return nil }
        refusePacked(parent, at: path)
        let tagPath = join(path, "tag")
        let encoding = word(
            tag, "enc", at: tagPath,
            of: ["ascii": FieldSpec.Encoding.ascii, "ebcdic": .ebcdic037, "bcd": .bcd, "binary": .binary])
        let bytes = integer(tag, "bytes", at: tagPath, in: 1...4)
        let keepsUnknown = word(sub, "unknown", at: path, of: ["keep": true, "refuse": false])
        let lengthPath = join(path, "length")
        let prefix = part(
            sub, "length", at: path, names: ["len", "lenBytes", "lenEnc", "lenUnit", "max"] + Self.remarks
        ).flatMap { value -> FieldSpec? in
            let members = (value.members ?? []) + [.init("kind", "b"), .init("enc", "binary")]
            return fieldSpec(.object(members), at: lengthPath, number: nil)
        }
        var parts: [CompositeSpec.Part] = []
        for member in part(sub, "fields", at: path, names: [])?.members ?? [] {
            let here = join(join(path, "fields"), member.name)
            guard let field = object(member.value, at: here, names: ["name"] + Self.layoutWords + Self.remarks)
            else { continue }
            let name = name(field, at: here)
            for word in ["len", "lenEnc", "lenUnit", "lenBytes", "pad"] where field[word] != nil {
                fail(join(here, word), "the length before it is described under length")
            }
            let shape = (field.members ?? []).filter { $0.name != "min" } + [.init("len", "fixed")]
            guard var layout = fieldSpec(.object(shape), at: here, number: nil),
                let minimum = optionalInteger(field, "min", at: here, in: 0...Int(layout.maximum), else: 0)
            else { continue }
            layout.minimum = UInt32(minimum)
            parts.append(CompositeSpec.Part(key: member.name, name: name, layout: layout))
        }
        guard let encoding, let bytes, let keepsUnknown, let prefix else { return nil }
        let form = CompositeSpec.TaggedForm(
            tagEncoding: encoding, tagBytes: bytes, length: prefix, keepsUnknown: keepsUnknown)
        return CompositeSpec(form: .tagged(form), parts: parts, keepsRest: false, countsCharacters: false)
    }

    private mutating func refusePacked(_ parent: FieldSpec, at path: String) {
        guard parent.encoding == .bcd || parent.encoding == .hex else { return }
        fail(join(path, "type"), "packed and hexadecimal values are divided by position alone")
    }
}
