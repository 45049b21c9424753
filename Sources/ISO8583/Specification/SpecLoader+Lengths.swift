// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension SpecLoader {
    /// Longer values are refused even when a prefix could announce them.
    static let lengthMax = 999_999

    struct Length {
        var minimum: Int
        var maximum: Int
        var prefixBytes = 0
        var prefixEncoding = FieldSpec.Encoding.ascii
        var unit = FieldSpec.Unit.byte
    }

    /// `"len": "fixed"` with `max`; or `"len": "LL"` with `max`, `lenEnc` and `lenUnit`.
    mutating func length(
        _ field: JSON, at path: String, kind: FieldSpec.Kind, encoding: FieldSpec.Encoding
    ) -> Length? {
        let digits = word(
            field, "len", at: path,
            of: ["fixed": 0, "L": 1, "LL": 2, "LLL": 3, "LLLL": 4, "LLLLL": 5, "LLLLLL": 6])
        let maximum = integer(field, "max", at: path, in: 1...Self.lengthMax)
        guard let digits else { return nil }
        guard digits > 0 else { return fixedLength(field, at: path, maximum, kind: kind, encoding: encoding) }
        let minimum = optionalInteger(field, "min", at: path, in: 0...(maximum ?? Self.lengthMax), else: 0)
        let prefixEncoding = word(
            field, "lenEnc", at: path,
            of: [
                "ascii": FieldSpec.Encoding.ascii, "bcd": .bcd, "ebcdic": .ebcdic037, "binary": .binary,
                "hexascii": .hex,
            ])
        let unit = word(
            field, "lenUnit", at: path,
            of: ["byte": FieldSpec.Unit.byte, "digit": .digit, "char": .character, "nibble": .nibble])
        if kind == .signedNumeric { fail(join(path, "len"), "a signed number has a fixed length") }
        if kind == .utf8, let unit, unit != .byte { fail(join(path, "lenUnit"), "UTF-8 is counted in bytes") }
        guard let maximum, let minimum, let prefixEncoding, let unit,
            let size = prefixSize(field, at: path, digits: digits, encoding: prefixEncoding)
        else { return nil }
        let announced = announcement(maximum, encoding: encoding, unit: unit)
        if announced > size.greatest {
            fail(join(path, "max"), "the prefix cannot announce \(announced); at most \(size.greatest)")
        }
        return Length(
            minimum: minimum, maximum: maximum, prefixBytes: size.bytes, prefixEncoding: prefixEncoding, unit: unit)
    }

    private mutating func fixedLength(
        _ field: JSON, at path: String, _ maximum: Int?, kind: FieldSpec.Kind, encoding: FieldSpec.Encoding
    ) -> Length? {
        for name in ["lenEnc", "lenUnit", "lenBytes", "min"] where field[name] != nil {
            fail(join(path, name), "a fixed field has no prefix and one length")
        }
        guard let maximum else { return nil }
        if kind == .signedNumeric {
            if maximum < 2 { fail(join(path, "max"), "a sign and at least one digit") }
            if encoding == .bcd, maximum % 2 == 0 {
                fail(join(path, "max"), "packed, the digits behind the sign must be even in number")
            }
        }
        return Length(minimum: maximum, maximum: maximum)
    }

    private func announcement(_ length: Int, encoding: FieldSpec.Encoding, unit: FieldSpec.Unit) -> Int {
        switch (encoding, unit) {
        case (.bcd, .byte): (length + 1) / 2
        case (.binary, .digit), (.binary, .nibble), (.hex, .digit), (.hex, .nibble), (.hex, .character): length * 2
        case (.ascii, .nibble), (.ebcdic037, .nibble), (.ebcdic1047, .nibble): length * 2
        default: length
        }
    }

    /// Bytes of a prefix of that many digits, and what it can announce: packed and binary ones have a byte for every
    /// two, unless `lenBytes` says how many bytes a binary one has.
    private mutating func prefixSize(
        _ field: JSON, at path: String, digits: Int, encoding: FieldSpec.Encoding
    ) -> (bytes: Int, greatest: Int)? {
        if encoding != .binary, field["lenBytes"] != nil {
            fail(join(path, "lenBytes"), "only a binary prefix is sized in bytes")
        }
        let power = { (base: Int, exponent: Int) in (0..<exponent).reduce(1) { power, _ in power * base } - 1 }
        switch encoding {
        case .binary:
            return optionalInteger(field, "lenBytes", at: path, in: 1...4, else: (digits + 1) / 2)
                .map { ($0, power(256, $0)) }
        case .bcd: return ((digits + 1) / 2, power(10, digits))
        case .hex: return (digits, power(16, digits))
        default: return (digits, power(10, digits))
        }
    }

    /// Packed fields that can have an odd number of digits must say side and nibble, as `"right:0"` or `"left:F"`.
    mutating func pad(
        _ field: JSON, at path: String, encoding: FieldSpec.Encoding, length: Length, kind: FieldSpec.Kind
    ) -> (side: FieldSpec.PadSide, nibble: UInt8) {
        let none = (side: FieldSpec.PadSide.left, nibble: UInt8(0))
        guard encoding == .bcd, kind != .signedNumeric else {
            if field["pad"] != nil { fail(join(path, "pad"), "only packed digits are padded so") }
            return none
        }
        let canBeOdd = length.prefixBytes > 0 || length.maximum % 2 == 1
        guard field["pad"] != nil || canBeOdd, let text = string(field, "pad", at: path) else { return none }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let sides: [Substring: FieldSpec.PadSide] = ["left": .left, "right": .right]
        guard parts.count == 2, let side = sides[parts[0]], parts[1].utf8.count == 1,
            let nibble = Hex.bytes("0" + parts[1])?.first
        else {
            fail(join(path, "pad"), "expected left or right, a colon and a hexadecimal digit")
            return none
        }
        return (side, nibble)
    }
}
