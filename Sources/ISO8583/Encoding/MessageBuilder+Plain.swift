// SPDX-License-Identifier: Apache-2.0

/// Fast paths for fields whose plan says all: each writes the field and answers true, or answers false and leaves the
/// field to the general path, which also says what is wrong.
extension MessageBuilder {
    /// Writes a number of up to sixteen digits as plain or packed digits, eight at a time.
    @inline(__always)
    mutating func setDigits(_ field: Int, _ number: UInt64) -> Bool {
        guard 0...FieldSet.fieldMax ~= field else { return false }
        let plan = spec.compiled.address(ofPlan: field)
        guard number < plan.pointee.limit else { return false }
        var (high, low) = (Words.zeros, number)
        if number >= 100_000_000 {
            high = Words.characters(of: number / 100_000_000)
            low = number % 100_000_000
        }
        low = Words.characters(of: low)
        // The limit has seen to the maximum.
        var length = Int(plan.pointee.minimum)
        if length != Int(plan.pointee.maximum) { length = max(length, Words.significantDigits(high, low), 1) }
        guard length <= 16 else { return false }
        let prefix = Int(plan.pointee.prefixBytes)
        let count = prefix &+ plan.pointee.encodedLength(length)
        guard let start = room(field, count) else { return false }
        var span = values.mutableSpan
        var output = span.mutableBytes
        if prefix != 0 { plan.pointee.write(prefix: length, to: &output, at: start) }
        if plan.pointee.check == .packed {
            plan.pointee.writePacked(high, low, length, to: &output, at: start &+ prefix)
            setOdd(field, length)
        } else {
            // The words reach behind the field, where there are zeros still. Safe: `room` leaves a word behind it.
            let first = length > 8 ? length &- 8 : length
            let leading = (length > 8 ? high : low) &>> UInt64(truncatingIfNeeded: 64 &- 8 &* first)
            let begin = start &+ prefix
            output.storeBytes(of: leading.littleEndian, toUncheckedByteOffset: begin, as: UInt64.self)
            if length > 8 {
                output.storeBytes(of: low.littleEndian, toUncheckedByteOffset: begin &+ first, as: UInt64.self)
            }
        }
        close(field, count)
        return true
    }

    /// Copies characters or bytes that are as long as the field asks for.
    ///
    /// - Parameter isText: whether the value is text, which raw bytes do not take.
    mutating func setPlain(_ field: Int, _ source: RawSpan, _ range: Range<Int>, isText: Bool) -> Bool {
        guard 0...FieldSet.fieldMax ~= field else { return false }
        let plan = spec.compiled.address(ofPlan: field)
        guard isText ? plan.pointee.takesText : plan.pointee.takesBytes, range.count <= Int(plan.pointee.maximum),
            range.count >= Int(plan.pointee.minimum)
        else { return false }
        let prefix = Int(plan.pointee.prefixBytes)
        let count = prefix &+ range.count
        guard let start = room(field, count) else { return false }
        var span = values.mutableSpan
        var output = span.mutableBytes
        if prefix != 0 { plan.pointee.write(prefix: range.count, to: &output, at: start) }
        output.copy(source, from: range.lowerBound, to: range.upperBound, at: start &+ prefix)
        guard FieldPlan.isRight(plan, values.span.bytes, start &+ prefix, start &+ count, range.count) else {
            clear(count, at: start)
            return false
        }
        close(field, count)
        return true
    }
}

extension FieldPlan {
    @inline(__always)
    fileprivate var takesText: Bool {
        switch check {
        case .fixedDigits, .digits, .printable, .alphanumeric, .track: true
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

    @inline(__always)
    fileprivate func encodedLength(_ length: Int) -> Int { (length &+ Int(shift)) &>> Int(shift) }

    /// Writes the last of sixteen digits. The word reaches behind the field, where there are zeros still.
    fileprivate func writePacked(
        _ high: UInt64, _ low: UInt64, _ length: Int, to output: inout MutableRawSpan, at start: Int
    ) {
        let packed = Words.packedDigits(high) << 32 | Words.packedDigits(low)
        output.storeBytes(of: filled(packed, length).bigEndian, toByteOffset: start, as: UInt64.self)
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
