// SPDX-License-Identifier: Apache-2.0

/// How one data element lies in the message: a small fixed-size record compiled from the specification file.
///
/// Lengths are counted in digits for `n`, `x+n` and `z` fields, in bytes for all others, whatever the length prefix
/// counts; the sign of an `x+n` field counts as one.
public struct FieldSpec: Equatable, Sendable {
    /// The attribute of ISO 8583:1987 table 1, which says what characters a value may have.
    public enum Kind: UInt8, Sendable {
        /// `n`: digits.
        case numeric
        /// `x+n`: `C` or `D`, then digits.
        case signedNumeric
        /// `a`: letters, spaces at the end as padding.
        case alphabetic
        /// `an`: letters and digits, spaces at the end as padding.
        case alphanumeric
        /// `ans`: printable characters.
        case text
        /// `utf8`: UTF-8 without control characters, for text shown to people in their own script.
        case utf8
        /// `z`: track digits with one separator `=` or `D`.
        case track
        /// `b`: any bytes.
        case binary
    }

    /// How the characters of a value become bytes.
    public enum Encoding: UInt8, Sendable {
        /// One byte a character.
        case ascii
        /// Two digits a byte.
        case bcd
        /// The bytes themselves.
        case binary
        /// Two upper-case hexadecimal characters a byte.
        case hex
        /// One byte a character of the EBCDIC code page 037.
        case ebcdic037
        /// One byte a character of the EBCDIC code page 1047.
        case ebcdic1047

        /// Whether one byte stands for one character.
        public var isText: Bool { self == .ascii || isEBCDIC }
        var isEBCDIC: Bool { rawValue >= Encoding.ebcdic037.rawValue }
    }

    /// What a length prefix counts.
    public enum Unit: UInt8, Sendable {
        /// Bytes: of the encoded value, or of the binary value behind hexadecimal characters.
        case byte
        /// Digits: characters of text, half bytes of everything else, pad nibbles left out.
        case digit
        /// Characters as they stand: half bytes of hexadecimal characters, digits of packed values.
        case character
        /// Half bytes, also of text, which has two a character.
        case nibble
    }

    /// Where the nibble stands that fills up an odd number of packed digits.
    public enum PadSide: UInt8, Sendable { case left, right }

    /// How tools must mask the value.
    public enum Sensitivity: UInt8, Sendable {
        /// Shown as it is.
        case none
        /// An account number: at most the first six and last four digits are shown.
        case pan
        /// A track: as an account number up to the separator, nothing behind it.
        case track
        /// Never shown, only its length.
        case secret
    }

    /// What the value of a field holds.
    public enum Content: UInt8, Sendable {
        /// Nothing this library looks into.
        case opaque
        /// BER-TLV data objects (EMV 4.3 Book 3 Annex B); decoding checks their structure.
        case berTLV
        /// The same, and the data objects whose length EMV fixes have it.
        case emv
        /// Subfields by position, bitmap or tag.
        case composite

        /// Whether the field can be read as data objects.
        public var isBERTLV: Bool { self == .berTLV || self == .emv }
    }

    /// What characters a value may have.
    public internal(set) var kind: Kind
    /// How the value stands in the message.
    public internal(set) var encoding: Encoding
    /// The least length; equal to `maximum` when the field is fixed.
    public internal(set) var minimum: UInt32
    /// The greatest length.
    public internal(set) var maximum: UInt32
    /// Bytes of the length prefix; 0 for a fixed field.
    public internal(set) var prefixBytes: UInt8
    /// How the length prefix stands in the message: packed, hexadecimal or plain digits, or a binary number.
    public internal(set) var prefixEncoding: Encoding
    /// What the length prefix counts.
    public internal(set) var unit: Unit
    /// Where an odd number of packed digits is filled up.
    public internal(set) var padSide: PadSide
    /// What fills it up, 0 to 15.
    public internal(set) var padNibble: UInt8
    /// How tools must mask the value.
    public internal(set) var sensitivity: Sensitivity
    /// What the value holds.
    public internal(set) var content: Content
    /// The place of the subfields in the specification's table; meaningful for composites alone.
    var composite: UInt16 = 0
    /// One more than the place of the field's overlays in the specification's table; 0 without any.
    var overlaySlot: UInt8 = 0

    /// Whether a length prefix stands before the value.
    public var isVariable: Bool { prefixBytes > 0 }
}

extension FieldSpec {
    /// Bytes that a value of `length` digits or bytes takes in the message, without its prefix.
    func encodedLength(_ length: Int) -> Int {
        switch encoding {
        case .ascii, .binary, .ebcdic037, .ebcdic1047: length
        case .bcd: kind == .signedNumeric ? 1 + length / 2 : (length + 1) / 2
        case .hex: length * 2
        }
    }

    /// What a prefix counts for each digit or byte of the value, as numerator and denominator.
    private var scale: (times: Int, over: Int) {
        switch encoding {
        case .ascii, .ebcdic037, .ebcdic1047: unit == .nibble ? (2, 1) : (1, 1)
        case .bcd: unit == .byte ? (1, 2) : (1, 1)
        case .binary: unit == .digit || unit == .nibble ? (2, 1) : (1, 1)
        case .hex: unit == .byte ? (1, 1) : (2, 1)
        }
    }

    /// The length that a prefix announces, in digits or bytes; nil when no value can have it.
    func length(announced: Int) -> Int? {
        let scale = scale
        if scale.times == 1 { return announced &* scale.over }
        return announced & 1 == 0 ? announced / 2 : nil
    }

    /// What a prefix must announce for a value of that length: the inverse of `length(announced:)`, but that packed
    /// digits counted in bytes lose whether their number was odd.
    func announcement(of length: Int) -> Int {
        let scale = scale
        return (length * scale.times + scale.over - 1) / scale.over
    }

    /// The greatest length that decoding accepts: one digit more than `maximum` where bytes are counted.
    var acceptedMaximum: Int {
        encoding == .bcd && isVariable && unit == .byte ? (Int(maximum) + 1) & ~1 : Int(maximum)
    }

    /// The length, in digits or bytes, of a value that takes `count` bytes in the message; nil when none does.
    func length(ofEncoded count: Int) -> Int? {
        switch encoding {
        case .ascii, .binary, .ebcdic037, .ebcdic1047: return count
        case .hex: return count % 2 == 0 ? count / 2 : nil
        case .bcd:
            if !isVariable { return count == encodedLength(Int(maximum)) ? Int(maximum) : nil }
            // A value over an odd maximum by one digit can only be the maximum with its pad nibble.
            return count * 2 == Int(maximum) + 1 && unit != .byte ? Int(maximum) : count * 2
        }
    }
}
