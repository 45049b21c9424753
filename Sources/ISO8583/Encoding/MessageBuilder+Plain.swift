// SPDX-License-Identifier: Apache-2.0

/// Fast paths for fields whose plan says all: each writes the field and answers true, or answers false and leaves the
/// field to the general path, which also says what is wrong.
extension MessageBuilder {
    /// Writes a number of up to sixteen digits as plain or packed digits, eight at a time.
    mutating func setDigits(_ field: Int, _ number: UInt64) -> Bool {
        guard 0...FieldSet.fieldMax ~= field else { return false }
        let plan = spec.compiled.plan(of: field)
        guard plan.takesNumbers, number < 10_000_000_000_000_000 else { return false }
        var digits = 1
        var limit: UInt64 = 10
        while number >= limit {
            limit &*= 10
            digits &+= 1
        }
        let length = max(digits, Int(plan.minimum))
        guard length <= 16, let start = openPlain(field, plan, length) else { return false }
        let high = Words.characters(of: length > 8 ? number / 100_000_000 : number)
        let low = length > 8 ? Words.characters(of: number % 100_000_000) : 0
        var span = values.mutableSpan
        var output = span.mutableBytes
        // The words reach behind the field, where there are zeros still.
        if plan.check == .packed {
            let packed =
                length > 8 ? Words.packedDigits(high) << 32 | Words.packedDigits(low) : Words.packedDigits(high)
            output.storeBytes(of: plan.filled(packed, length).bigEndian, toByteOffset: start, as: UInt64.self)
            return true
        }
        let first = length > 8 ? length &- 8 : length
        let leading = high &>> UInt64(truncatingIfNeeded: 64 &- 8 &* first)
        output.storeBytes(of: leading.littleEndian, toByteOffset: start, as: UInt64.self)
        if length > 8 { output.storeBytes(of: low.littleEndian, toByteOffset: start &+ first, as: UInt64.self) }
        return true
    }

    /// Copies characters or bytes that are as long as the field asks for.
    ///
    /// - Parameter isText: whether the value is text, which raw bytes do not take.
    mutating func setPlain(_ field: Int, _ source: RawSpan, _ range: Range<Int>, isText: Bool) -> Bool {
        guard 0...FieldSet.fieldMax ~= field else { return false }
        let plan = spec.compiled.plan(of: field)
        guard isText ? plan.takesText : plan.takesBytes, let start = openPlain(field, plan, range.count) else {
            return false
        }
        var span = values.mutableSpan
        var output = span.mutableBytes
        output.copy(source, from: range.lowerBound, to: range.upperBound, at: start)
        return plan.isRight(values.span.bytes, start, start &+ range.count, range.count)
    }

    /// Makes room for a value of that length in digits or bytes, writes its prefix and returns its start.
    @inline(__always)
    private mutating func openPlain(_ field: Int, _ plan: FieldPlan, _ length: Int) -> Int? {
        guard length <= Int(plan.maximum), length >= Int(plan.minimum) else { return nil }
        let prefix = Int(plan.prefixBytes)
        guard let start = room(field, prefix &+ (length &+ Int(plan.shift)) &>> Int(plan.shift)) else { return nil }
        if plan.shift == 1 { setOdd(field, length) }
        if plan.prefix != .none {
            var span = values.mutableSpan
            var output = span.mutableBytes
            plan.write(prefix: length, to: &output, at: start)
        }
        return start &+ prefix
    }
}

extension FieldPlan {
    /// Whether a number is written as digits that need no further look.
    @inline(__always)
    fileprivate var takesNumbers: Bool {
        switch check {
        case .fewDigits, .digits, .printable, .alphanumeric, .packed: true
        default: false
        }
    }

    @inline(__always)
    fileprivate var takesText: Bool {
        switch check {
        case .fewDigits, .digits, .printable, .alphanumeric, .track: true
        default: false
        }
    }

    /// Of packed digits the number of bytes does not tell how many there are.
    @inline(__always)
    fileprivate var takesBytes: Bool { check != .general && check != .packed }

    @inline(__always)
    fileprivate func write(prefix length: Int, to output: inout MutableRawSpan, at start: Int) {
        let (tens, units) = (UInt8(truncatingIfNeeded: length / 10 % 10), UInt8(truncatingIfNeeded: length % 10))
        let hundreds = UInt8(truncatingIfNeeded: length / 100)
        switch prefix {
        case .digits2:
            output.storeBytes(of: 0x30 | tens, toByteOffset: start, as: UInt8.self)
            output.storeBytes(of: 0x30 | units, toByteOffset: start &+ 1, as: UInt8.self)
        case .digits3:
            output.storeBytes(of: 0x30 | hundreds, toByteOffset: start, as: UInt8.self)
            output.storeBytes(of: 0x30 | tens, toByteOffset: start &+ 1, as: UInt8.self)
            output.storeBytes(of: 0x30 | units, toByteOffset: start &+ 2, as: UInt8.self)
        case .packed1: output.storeBytes(of: tens << 4 | units, toByteOffset: start, as: UInt8.self)
        case .packed2:
            output.storeBytes(of: (hundreds / 10) << 4 | hundreds % 10, toByteOffset: start, as: UInt8.self)
            output.storeBytes(of: tens << 4 | units, toByteOffset: start &+ 1, as: UInt8.self)
        case .none, .other: break
        }
    }

    /// Packed digits, the last in the lowest nibble, with their pad nibble and moved up to the highest byte.
    @inline(__always)
    fileprivate func filled(_ digits: UInt64, _ length: Int) -> UInt64 {
        var word = digits
        if length & 1 != 0 {
            let pad = UInt64(padNibble)
            word = padsLeft ? word | pad << UInt64(4 * length) : word << 4 | pad
        }
        return word << UInt64(64 - 8 * ((length + 1) / 2))
    }
}
