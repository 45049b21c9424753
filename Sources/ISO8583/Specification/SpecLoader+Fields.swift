// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension SpecLoader {
    /// Fields by number, 0 to 192.
    struct FieldTable {
        var specs = [FieldSpec?](repeating: nil, count: FieldSet.fieldMax + 1)
        var names = [FieldName](repeating: FieldName(zh: "", en: ""), count: FieldSet.fieldMax + 1)
    }

    /// What describes a layout.
    static let layoutWords = [
        "kind", "min", "max", "len", "lenBytes", "lenEnc", "lenUnit", "enc", "pad", "sensitive", "sub",
    ]

    mutating func fieldTable(_ top: JSON, at path: String, lastField: Int) -> FieldTable {
        var table = FieldTable()
        guard let fields = top["fields"] else {
            fail(path, "missing")
            return table
        }
        guard let fields = object(fields, at: path, names: []), let members = fields.members else { return table }
        // Field 65 announces the third bitmap, where there can be one.
        let isField = { (number: Int) in number >= 2 && number <= lastField && !(lastField > 128 && number == 65) }
        for member in members {
            if let number = Int(member.name), "\(number)" == member.name, isField(number) { declared.insert(number) }
        }
        for member in members {
            let here = join(path, member.name)
            guard let number = Int(member.name), declared.contains(number), "\(number)" == member.name else {
                fail(here, "expected a field number 2...\(lastField)")
                continue
            }
            guard
                let field = object(
                    member.value, at: here, names: ["name"] + Self.layoutWords + ["overlays"] + Self.remarks)
            else { continue }
            table.names[number] = name(field, at: here)
            guard var spec = fieldSpec(field, at: here, number: number) else { continue }
            if field["overlays"] != nil { spec.overlaySlot = overlaySlot(field, spec, at: here, number: number) }
            table.specs[number] = spec
        }
        return table
    }

    /// The layout of a field of the message or of a subfield.
    ///
    /// - Parameter number: the field's number; nil for a subfield.
    mutating func fieldSpec(_ field: JSON, at path: String, number: Int?) -> FieldSpec? {
        var kind = word(
            field, "kind", at: path,
            of: [
                "n": FieldSpec.Kind.numeric, "x+n": .signedNumeric, "a": .alphabetic, "an": .alphanumeric,
                "ans": .text, "utf8": .utf8, "z": .track, "b": .binary,
            ])
        // Track 2 has a separator whatever a file calls it; older layouts give it the attribute n.
        if number == 35, kind == .numeric { kind = .track }
        let encoding = word(
            field, "enc", at: path,
            of: [
                "ascii": FieldSpec.Encoding.ascii, "bcd": .bcd, "binary": .binary, "hexascii": .hex,
                "ebcdic": .ebcdic037, "ebcdic1047": .ebcdic1047, "sign+bcd": .bcd,
            ])
        guard let kind, let encoding else { return nil }
        let isSigned = field["enc"]?.string == "sign+bcd"
        guard Self.encodings(of: kind).contains(encoding), !isSigned || kind == .signedNumeric,
            isSigned || kind != .signedNumeric || encoding != .bcd
        else {
            fail(join(path, "enc"), "a field of this kind cannot be encoded so")
            return nil
        }
        guard let length = length(field, at: path, kind: kind, encoding: encoding) else { return nil }
        let pad = pad(field, at: path, encoding: encoding, length: length, kind: kind)
        var spec = FieldSpec(
            kind: kind, encoding: encoding, minimum: UInt32(length.minimum), maximum: UInt32(length.maximum),
            prefixBytes: UInt8(length.prefixBytes), prefixEncoding: length.prefixEncoding, unit: length.unit,
            padSide: pad.side, padNibble: pad.nibble,
            sensitivity: sensitivity(field, at: path, number: number), content: .opaque)
        content(field, at: path, number: number, &spec)
        return spec
    }

    private static func encodings(of kind: FieldSpec.Kind) -> [FieldSpec.Encoding] {
        switch kind {
        case .numeric, .signedNumeric, .track: [.ascii, .bcd, .ebcdic037, .ebcdic1047]
        case .alphabetic, .alphanumeric, .text: [.ascii, .ebcdic037, .ebcdic1047]
        case .utf8: [.ascii]
        case .binary: [.binary, .hex]
        }
    }

    /// A word, or for files that only say that a field is sensitive, true or false. Without it the fields that hold
    /// card data in every edition of ISO 8583 are masked.
    private mutating func sensitivity(_ field: JSON, at path: String, number: Int?) -> FieldSpec.Sensitivity {
        let usual: FieldSpec.Sensitivity =
            switch number {
            case 2, 34: .pan
            case 35, 36, 45: .track
            case 52, 55: .secret
            default: .none
            }
        guard let value = field["sensitive"] else { return usual }
        if let flag = value.bool { return flag ? (usual == .none ? .secret : usual) : .none }
        return word(
            field, "sensitive", at: path,
            of: ["no": FieldSpec.Sensitivity.none, "pan": .pan, "track": .track, "secret": .secret]) ?? .secret
    }

    // MARK: - Overlays

    private mutating func overlaySlot(_ field: JSON, _ base: FieldSpec, at path: String, number: Int) -> UInt8 {
        let here = join(path, "overlays")
        guard let list = field["overlays"]?.array, (1...OverlayChoices.overlaysMax).contains(list.count) else {
            fail(here, "expected a list of 1...\(OverlayChoices.overlaysMax) overlays")
            return 0
        }
        var found: [Overlay] = []
        for (index, element) in list.enumerated() {
            let place = "\(here)[\(index)]"
            guard let overlay = object(element, at: place, names: ["mti", "when"] + Self.layoutWords + Self.remarks)
            else { continue }
            let types = overlay["mti"] == nil ? [] : types(overlay, "mti", at: place)
            let conditions = overlay["when"] == nil ? [] : conditions(overlay, "when", at: place)
            if overlay["mti"] == nil, overlay["when"] == nil { fail(place, "expected mti or when") }
            for condition in conditions where condition.field == number {
                fail(join(place, "when"), "a field's layout cannot depend on itself")
            }
            guard var layout = fieldSpec(overlay, at: place, number: number) else { continue }
            if overlay["sensitive"] == nil { layout.sensitivity = base.sensitivity }
            found.append(Overlay(types: types, conditions: conditions, layout: layout))
        }
        guard overlays.count < OverlayChoices.slotsMax else {
            fail(here, "at most \(OverlayChoices.slotsMax) fields can have overlays")
            return 0
        }
        overlays.append(found)
        let slot = UInt8(overlays.count)
        for index in overlays[overlays.count - 1].indices {
            overlays[overlays.count - 1][index].layout.overlaySlot = slot
        }
        return slot
    }
}
