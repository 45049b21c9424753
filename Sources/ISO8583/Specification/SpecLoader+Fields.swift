// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension SpecLoader {
    /// Fields by number, 0 to 128.
    struct FieldTable {
        var specs = [FieldSpec?](repeating: nil, count: 129)
        var names = [String](repeating: "", count: 129)
        /// Every field the file has an entry for, even a faulty one, so that a fault is reported once.
        var declared = FieldSet()
    }

    /// Longer values are refused even when a prefix could announce them.
    private static let lengthMax = 9_999

    mutating func fieldTable(_ top: JSON, lastField: Int) -> FieldTable {
        var table = FieldTable()
        guard let fields = member(top, "fields", at: "").flatMap({ object($0, at: "fields", names: []) })
        else { return table }
        for member in fields.members ?? [] {
            let path = "fields.\(member.name)"
            guard let number = Int(member.name), "\(number)" == member.name, (2...lastField).contains(number) else {
                fail(path, "expected a field number 2...\(lastField)")
                continue
            }
            table.declared.insert(number)
            guard
                let field = object(
                    member.value, at: path,
                    names: ["name", "kind", "encoding", "length", "pad", "sensitive", "content"])
            else { continue }
            table.names[number] = string(field, "name", at: path) ?? ""
            table.specs[number] = fieldSpec(field, at: path)
        }
        return table
    }

    private mutating func fieldSpec(_ field: JSON, at path: String) -> FieldSpec? {
        let kind = word(
            field, "kind", at: path,
            of: [
                "n": FieldSpec.Kind.numeric, "x+n": .signedNumeric, "an": .alphanumeric, "ans": .text, "utf8": .utf8,
                "z": .track, "b": .binary,
            ])
        let encoding = word(
            field, "encoding", at: path,
            of: ["ascii": FieldSpec.Encoding.ascii, "bcd": .bcd, "binary": .binary, "hex": .hex])
        var sensitivity = FieldSpec.Sensitivity.none
        if field["sensitive"] != nil {
            sensitivity =
                word(
                    field, "sensitive", at: path,
                    of: ["pan": FieldSpec.Sensitivity.pan, "track": .track, "secret": .secret]) ?? .secret
        }
        var content = FieldSpec.Content.opaque
        if field["content"] != nil {
            content =
                word(field, "content", at: path, of: ["ber-tlv": FieldSpec.Content.berTLV, "emv": .emv]) ?? .opaque
            if kind != .binary || encoding != .binary { fail(path + ".content", "needs kind b and encoding binary") }
        }
        guard let kind, let encoding else { return nil }
        guard Self.encodings(of: kind).contains(encoding) else {
            fail(path + ".encoding", "a field of this kind cannot be encoded so")
            return nil
        }
        guard let length = length(field, at: path, encoding: encoding) else { return nil }
        let pad = pad(field, at: path, encoding: encoding, length: length, kind: kind)
        if kind == .signedNumeric, length.prefixBytes > 0 || length.maximum < 2 {
            fail(path + ".length", "a signed number has a fixed length of 2 or more")
        }
        return FieldSpec(
            kind: kind, encoding: encoding, minimum: UInt16(length.minimum), maximum: UInt16(length.maximum),
            prefixBytes: UInt8(length.prefixBytes), prefixEncoding: length.prefixEncoding, unit: length.unit,
            padSide: pad.side, padNibble: pad.nibble, sensitivity: sensitivity, content: content)
    }

    private static func encodings(of kind: FieldSpec.Kind) -> [FieldSpec.Encoding] {
        switch kind {
        case .numeric, .signedNumeric, .track: [.ascii, .bcd]
        case .alphanumeric, .text, .utf8: [.ascii]
        case .binary: [.binary, .hex]
        }
    }

    // MARK: - Lengths

    private struct Length {
        var minimum: Int
        var maximum: Int
        var prefixBytes = 0
        var prefixEncoding = FieldSpec.Encoding.ascii
        var unit = FieldSpec.Unit.byte
    }

    /// A number is a fixed length; an object has `min`, `max` and the prefix.
    private mutating func length(_ field: JSON, at path: String, encoding: FieldSpec.Encoding) -> Length? {
        guard let value = member(field, "length", at: path) else { return nil }
        let here = path + ".length"
        guard value.members != nil else {
            return integer(value, at: here, in: 1...Self.lengthMax).map { Length(minimum: $0, maximum: $0) }
        }
        guard let object = object(value, at: here, names: ["min", "max", "prefix"]) else { return nil }
        let maximum = integer(object, "max", at: here, in: 1...Self.lengthMax)
        let minimum = integer(object, "min", at: here, in: 0...(maximum ?? Self.lengthMax))
        let prefixPath = here + ".prefix"
        guard
            let prefix = member(object, "prefix", at: here).flatMap({
                self.object($0, at: prefixPath, names: ["digits", "bytes", "encoding", "unit"])
            })
        else { return nil }
        let prefixEncoding = word(
            prefix, "encoding", at: prefixPath,
            of: ["ascii": FieldSpec.Encoding.ascii, "bcd": .bcd, "binary": .binary])
        let unit = word(prefix, "unit", at: prefixPath, of: ["byte": FieldSpec.Unit.byte, "digit": .digit])
        guard let prefixEncoding, let unit, let maximum, let minimum else { return nil }
        if encoding == .ascii, unit == .digit {
            fail(prefixPath + ".unit", "characters are counted in bytes; expected byte")
        }
        guard let size = prefixSize(prefix, at: prefixPath, encoding: prefixEncoding) else { return nil }
        let announced = announcement(maximum, encoding: encoding, unit: unit)
        if announced > size.greatest {
            fail(here + ".max", "the prefix cannot announce \(announced); at most \(size.greatest)")
        }
        return Length(
            minimum: minimum, maximum: maximum, prefixBytes: size.bytes, prefixEncoding: prefixEncoding, unit: unit)
    }

    private func announcement(_ length: Int, encoding: FieldSpec.Encoding, unit: FieldSpec.Unit) -> Int {
        switch (encoding, unit) {
        case (.bcd, .byte): (length + 1) / 2
        case (.binary, .digit), (.hex, .digit): length * 2
        default: length
        }
    }

    /// Text and packed prefixes are sized in digits, binary ones in bytes.
    private mutating func prefixSize(
        _ prefix: JSON, at path: String, encoding: FieldSpec.Encoding
    ) -> (bytes: Int, greatest: Int)? {
        let named = encoding == .binary ? "bytes" : "digits"
        let other = encoding == .binary ? "digits" : "bytes"
        if prefix[other] != nil { fail("\(path).\(other)", "expected \(named) for this encoding") }
        switch encoding {
        case .binary:
            return integer(prefix, named, at: path, in: 1...2).map { ($0, 1 << (8 * $0) - 1) }
        default:
            return integer(prefix, named, at: path, in: 1...6).map { digits in
                let greatest = (0..<digits).reduce(1) { power, _ in power * 10 } - 1
                return (encoding == .bcd ? (digits + 1) / 2 : digits, greatest)
            }
        }
    }

    // MARK: - Padding

    /// Packed fields that can have an odd number of digits must say side and nibble; others have nothing to pad.
    private mutating func pad(
        _ field: JSON, at path: String, encoding: FieldSpec.Encoding, length: Length, kind: FieldSpec.Kind
    ) -> (side: FieldSpec.PadSide, nibble: UInt8) {
        let none = (side: FieldSpec.PadSide.left, nibble: UInt8(0))
        let fixedDigits = kind == .signedNumeric ? length.maximum - 1 : length.maximum
        let canBeOdd = encoding == .bcd && (length.prefixBytes > 0 || fixedDigits % 2 == 1)
        guard canBeOdd else {
            if field["pad"] != nil { fail(path + ".pad", "this field has no odd packed digit to pad") }
            return none
        }
        let here = path + ".pad"
        if kind == .signedNumeric {
            fail(path + ".length", "packed, the digits behind the sign must be even in number")
        }
        guard let pad = member(field, "pad", at: path).flatMap({ object($0, at: here, names: ["side", "nibble"]) })
        else { return none }
        let side = word(pad, "side", at: here, of: ["left": FieldSpec.PadSide.left, "right": .right])
        let nibble = word(pad, "nibble", at: here, of: ["0": UInt8(0), "F": 15])
        return (side ?? .left, nibble ?? 0)
    }
}
