// SPDX-License-Identifier: Apache-2.0

/// How one data element lies in the message: a small fixed-size record compiled from the specification file.
///
/// Lengths are counted in digits for `n`, `x+n` and `z` fields and in bytes for all others, whatever the length
/// prefix counts.
public struct FieldSpec: Equatable, Sendable {
    /// The attribute of ISO 8583:1987 table 1, which says what characters a value may have.
    public enum Kind: UInt8, Sendable {
        /// `n`: digits.
        case numeric
        /// `x+n`: `C` or `D`, then digits.
        case signedNumeric
        /// `an`: letters and digits, spaces at the end as padding.
        case alphanumeric
        /// `ans`: printable ASCII.
        case text
        /// `utf8`: UTF-8 without control characters, for text shown to people in their own script.
        case utf8
        /// `z`: track 2 digits with one separator `=` or `D`.
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
    }

    /// What a length prefix counts.
    public enum Unit: UInt8, Sendable {
        /// Bytes: of the encoded value, or of the binary value behind hexadecimal characters.
        case byte
        /// Digits, which are half bytes in packed and binary values and characters in hexadecimal ones.
        case digit
    }

    /// Where the nibble stands that fills up an odd number of packed digits.
    public enum PadSide: UInt8, Sendable { case left, right }

    /// How tools must mask the value.
    public enum Sensitivity: UInt8, Sendable {
        /// Shown as it is.
        case none
        /// An account number: at most the first six and last four digits are shown.
        case pan
        /// Track 2: as an account number up to the separator, nothing behind it.
        case track
        /// Never shown, only its length.
        case secret
    }

    /// What the bytes of a binary field hold.
    public enum Content: UInt8, Sendable {
        /// Nothing this library looks into.
        case opaque
        /// BER-TLV data objects (EMV 4.3 Book 3 Annex B); decoding checks their structure.
        case berTLV
        /// The same, and the data objects whose length EMV fixes have it.
        case emv

        /// Whether the field can be read as data objects.
        public var isBERTLV: Bool { self != .opaque }
    }

    /// What characters a value may have.
    public let kind: Kind
    /// How the value stands in the message.
    public let encoding: Encoding
    /// The least length; equal to `maximum` when the field is fixed.
    public let minimum: UInt16
    /// The greatest length.
    public let maximum: UInt16
    /// Bytes of the length prefix; 0 for a fixed field.
    public let prefixBytes: UInt8
    /// How the length prefix stands in the message.
    public let prefixEncoding: Encoding
    /// What the length prefix counts.
    public let unit: Unit
    /// Where an odd number of packed digits is filled up.
    public let padSide: PadSide
    /// What fills it up, 0 or 15.
    public let padNibble: UInt8
    /// How tools must mask the value.
    public let sensitivity: Sensitivity
    /// What the bytes hold.
    public let content: Content

    /// Whether a length prefix stands before the value.
    public var isVariable: Bool { prefixBytes > 0 }

    /// Bytes that a value of `length` digits or bytes takes in the message, without its prefix.
    func encodedLength(_ length: Int) -> Int {
        switch encoding {
        case .ascii, .binary: length
        case .bcd: kind == .signedNumeric ? 1 + length / 2 : (length + 1) / 2
        case .hex: length * 2
        }
    }

    /// The length that a prefix announces, in digits or bytes; nil when no value can have it.
    func length(announced: Int) -> Int? {
        switch encoding {
        case .ascii: announced
        case .bcd: unit == .digit ? announced : announced * 2
        case .binary, .hex: unit == .byte ? announced : announced % 2 == 0 ? announced / 2 : nil
        }
    }

    /// What a prefix must announce for a value of that length: the inverse of `length(announced:)`, but that packed
    /// digits counted in bytes lose whether their number was odd.
    func announcement(of length: Int) -> Int {
        switch encoding {
        case .ascii: length
        case .bcd: unit == .digit ? length : (length + 1) / 2
        case .binary, .hex: unit == .byte ? length : length * 2
        }
    }

    /// The greatest length that decoding accepts: one digit more than `maximum` where bytes are counted.
    var acceptedMaximum: Int {
        encoding == .bcd && isVariable && unit == .byte ? (Int(maximum) + 1) & ~1 : Int(maximum)
    }
}
