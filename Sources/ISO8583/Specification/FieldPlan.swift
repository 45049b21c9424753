// SPDX-License-Identifier: Apache-2.0

/// What the fast paths need to know of a field: 32 bytes compiled from its `FieldSpec`, two fields a cache line.
///
/// A fast path only recognises what is right. Whatever it does not recognise goes to the general path, which decides
/// and names the fault, so that strictness has one place.
///
/// Unchecked for the sake of `lengths` alone, whose bytes are written before it is there and never after.
struct FieldPlan: @unchecked Sendable {
    /// How a value is recognised.
    enum Check: UInt8, Sendable {
        /// Not at all: the general path reads the field.
        case general
        /// Digits of a field without a prefix.
        case fixedDigits
        case digits, printable, alphanumeric, track
        /// Any bytes.
        case bytes
        /// Two digits a byte.
        case packed
        /// BER-TLV.
        case dataObjects
    }

    /// The prefixes that the fast paths know.
    enum Prefix: UInt8, Sendable {
        case none, digits2, digits3, packed1, packed2
        case other
    }

    let check: Check
    let prefix: Prefix
    let prefixBytes: UInt8
    /// 1 where two digits make a byte.
    let shift: UInt8
    let minimum: UInt32
    let maximum: UInt32
    let padNibble: UInt8
    let padsLeft: Bool
    let encoding: FieldSpec.Encoding
    /// Whether the field has this layout in every message.
    let isOnly: Bool
    /// A number from here on has too many digits, or more than sixteen; 0 where none is written.
    let limit: UInt64
    /// The lengths that data objects must have, as `BERTLVWalk.arePrimitive` takes them.
    let lengths: UnsafePointer<UInt16>

    /// - Parameter spec: nil for a field that the dialect does not have.
    init(_ spec: FieldSpec?) {
        prefix = spec.map { Self.prefix(of: $0) } ?? .other
        prefixBytes = spec?.prefixBytes ?? 0
        shift = spec?.encoding == .bcd ? 1 : 0
        minimum = spec?.minimum ?? 0
        maximum = spec?.maximum ?? 0
        padNibble = spec?.padNibble ?? 0
        padsLeft = spec?.padSide == .left
        encoding = spec?.encoding ?? .binary
        isOnly = spec?.overlaySlot == 0
        check = prefix == .other || !isOnly ? .general : spec.map { Self.check(of: $0) } ?? .general
        limit = Self.takesNumbers(check) ? Self.power(of: min(Int(maximum), 16)) : 0
        lengths = spec?.content == .emv ? BERTLVWalk.emvLengths : BERTLVWalk.anyLengths
    }

    private static func takesNumbers(_ check: Check) -> Bool {
        switch check {
        case .fixedDigits, .digits, .printable, .alphanumeric, .packed: true
        default: false
        }
    }

    private static func power(of digits: Int) -> UInt64 { (0..<digits).reduce(1) { power, _ in power * 10 } }

    private static func prefix(of spec: FieldSpec) -> Prefix {
        switch (spec.prefixBytes, spec.prefixEncoding) {
        case (0, _): .none
        case (2, .ascii): .digits2
        case (3, .ascii): .digits3
        case (1, .bcd): .packed1
        case (2, .bcd): .packed2
        default: .other
        }
    }

    private static func check(of spec: FieldSpec) -> Check {
        // A prefix that counts something else than the value's length in digits or bytes.
        if spec.isVariable, spec.announcement(of: 6) != 6 { return .general }
        switch (spec.encoding, spec.kind, spec.content) {
        case (.binary, _, .opaque): return .bytes
        case (.binary, _, .berTLV), (.binary, _, .emv): return .dataObjects
        case (.ascii, .numeric, .opaque): return spec.isVariable ? .digits : .fixedDigits
        case (.ascii, .text, .opaque): return .printable
        case (.ascii, .alphanumeric, .opaque): return .alphanumeric
        case (.ascii, .track, .opaque): return .track
        case (.bcd, .numeric, .opaque): return .packed
        default: return .general
        }
    }
}

extension FieldPlan {
    /// Where the field that begins at `offset` ends, if it is right beyond doubt; nil says nothing.
    ///
    /// Takes the plan where it lies, so that no more of it is loaded than the field needs.
    @inline(always)
    static func end(_ plan: UnsafePointer<FieldPlan>, in bytes: RawSpan, at offset: Int) -> Int? {
        var start = offset
        var length = Int(plan.pointee.maximum)
        if plan.pointee.prefix != .none {
            start &+= Int(plan.pointee.prefixBytes)
            guard start <= bytes.byteCount, let announced = plan.pointee.announced(in: bytes, at: offset),
                announced <= length, announced >= Int(plan.pointee.minimum)
            else { return nil }
            length = announced
        }
        let end = start &+ (length &+ Int(plan.pointee.shift)) &>> Int(plan.pointee.shift)
        // The one check of bounds: what follows loads without.
        guard end <= bytes.byteCount, isRight(plan, bytes, start, end, length) else { return nil }
        return end
    }

    /// What the prefix announces; nil if it is no number. Its bytes are there.
    @inline(always)
    private func announced(in bytes: RawSpan, at offset: Int) -> Int? {
        @inline(__always)
        func byte(_ index: Int) -> Int {
            Int(bytes.unsafeLoad(fromUncheckedByteOffset: offset &+ index, as: UInt8.self))
        }
        switch prefix {
        case .digits2:
            let (tens, units) = (byte(0) ^ 0x30, byte(1) ^ 0x30)
            return tens <= 9 && units <= 9 ? tens &* 10 &+ units : nil
        case .digits3:
            let (hundreds, tens, units) = (byte(0) ^ 0x30, byte(1) ^ 0x30, byte(2) ^ 0x30)
            return hundreds <= 9 && tens <= 9 && units <= 9 ? hundreds &* 100 &+ tens &* 10 &+ units : nil
        case .packed1:
            let (tens, units) = (byte(0) &>> 4, byte(0) & 15)
            return tens <= 9 && units <= 9 ? tens &* 10 &+ units : nil
        case .packed2:
            let (thousands, hundreds, tens, units) = (byte(0) &>> 4, byte(0) & 15, byte(1) &>> 4, byte(1) & 15)
            guard thousands <= 9, hundreds <= 9, tens <= 9, units <= 9 else { return nil }
            return thousands &* 1_000 &+ hundreds &* 100 &+ tens &* 10 &+ units
        case .none, .other: return nil
        }
    }

    /// Whether the bytes are a value of that length in digits or bytes, beyond doubt. They are there.
    @inline(always)
    static func isRight(
        _ plan: UnsafePointer<FieldPlan>, _ bytes: RawSpan, _ start: Int, _ end: Int, _ length: Int
    ) -> Bool {
        switch plan.pointee.check {
        case .bytes: true
        case .printable: Words.arePrintable(bytes, from: start, to: end)
        case .fixedDigits, .digits: Words.areDigits(bytes, from: start, to: end)
        default: isRare(plan, bytes, start, end, length)
        }
    }

    /// Out of line, so that a loop over fields keeps what it needs in registers.
    @inline(never)
    private static func isRare(
        _ plan: UnsafePointer<FieldPlan>, _ bytes: RawSpan, _ start: Int, _ end: Int, _ length: Int
    ) -> Bool {
        switch plan.pointee.check {
        case .alphanumeric: Words.areAlphanumeric(bytes, from: start, to: end)
        case .track: Words.areTrack(bytes, from: start, to: end)
        case .packed: plan.pointee.arePacked(bytes, start, end, length)
        case .dataObjects: BERTLVWalk.arePrimitive(bytes, from: start, to: end, plan.pointee.lengths)
        default: false
        }
    }

    /// The byte with the pad nibble by itself, the others as digits.
    @inline(always)
    private func arePacked(_ bytes: RawSpan, _ start: Int, _ end: Int, _ length: Int) -> Bool {
        guard length & 1 != 0 else { return Words.arePacked(bytes, from: start, to: end) }
        // An odd number of digits is at least one, and takes a byte.
        let padded = bytes.unsafeLoad(fromUncheckedByteOffset: padsLeft ? start : end &- 1, as: UInt8.self)
        let (pad, digit) = padsLeft ? (padded &>> 4, padded & 15) : (padded & 15, padded &>> 4)
        return pad == padNibble && digit <= 9
            && Words.arePacked(bytes, from: padsLeft ? start &+ 1 : start, to: padsLeft ? end : end &- 1)
    }
}
