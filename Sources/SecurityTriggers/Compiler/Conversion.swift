// SPDX-License-Identifier: Apache-2.0

/// A value of one type as a value of another, as CEL's functions of these names do it; unknown where there is none.
enum Conversion: UInt32, Sendable {
    case same
    case intOfDouble, intOfText, doubleOfInt, doubleOfText
    case textOfInt, textOfDouble, textOfTerminal, textOfMerchant
    case size

    /// As CEL writes a double: the shortest digits that read back, without an exponent where it is small.
    static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value == value.rounded(.towardZero), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\(value)"
    }
}

extension FigureValue {
    /// A text that has its place within the value: at most 16 bytes.
    init?(text bytes: some Collection<UInt8>) {
        guard bytes.count <= 16 else { return nil }
        var words = (low: UInt64(0), high: UInt64(0))
        for (index, byte) in bytes.enumerated() {
            if index < 8 {
                words.low |= UInt64(byte) << UInt64(8 * index)
            } else {
                words.high |= UInt64(byte) << UInt64(8 * index - 64)
            }
        }
        self.init(
            low: Int64(bitPattern: words.low), high: Int64(bitPattern: words.high), currency: UInt16(bytes.count))
        form = .text
    }

    /// The bytes of a text that has its place within the value.
    var textBytes: [UInt8] { form == .text ? (0..<Int(currency)).map { textByte($0) } : [] }

    @inline(__always)
    func textByte(_ index: Int) -> UInt8 {
        let word = UInt64(bitPattern: index < 8 ? low : high)
        return UInt8(truncatingIfNeeded: word >> UInt64(8 * (index & 7)))
    }
}

extension RuleProgram {
    func textCount(_ value: FigureValue) -> Int {
        value.form == .text ? Int(value.currency) : texts[Int(value.low)].count
    }

    @inline(__always)
    func textByte(_ value: FigureValue, _ index: Int) -> UInt8 {
        value.form == .text ? value.textByte(index) : texts[Int(value.low)][index]
    }

    /// By bytes, which is the order of code points.
    func compareTexts(_ sign: Comparison, _ left: FigureValue, _ right: FigureValue) -> Truth {
        guard !left.isUnknown, !right.isUnknown else { return .unknown }
        let (leftCount, rightCount) = (textCount(left), textCount(right))
        for index in 0..<min(leftCount, rightCount) {
            let (first, second) = (textByte(left, index), textByte(right, index))
            if first != second { return Truth(sign.holds(Int64(first), Int64(second))) }
        }
        return Truth(sign.holds(Int64(leftCount), Int64(rightCount)))
    }

    func textTest(_ operation: Instruction.Operation, _ text: FigureValue, _ part: FigureValue) -> Truth {
        guard !text.isUnknown, !part.isUnknown else { return .unknown }
        let last = textCount(text) - textCount(part)
        guard last >= 0 else { return .no }
        switch operation {
        case .textStarts: return Truth(holds(part, in: text, at: 0))
        case .textEnds: return Truth(holds(part, in: text, at: last))
        default:
            for place in 0...last where holds(part, in: text, at: place) { return .yes }
            return .no
        }
    }

    private func holds(_ part: FigureValue, in text: FigureValue, at place: Int) -> Bool {
        for index in 0..<textCount(part) where textByte(text, place + index) != textByte(part, index) { return false }
        return true
    }

    func convert(_ value: FigureValue, _ conversion: UInt32) -> FigureValue {
        guard !value.isUnknown, let conversion = Conversion(rawValue: conversion) else { return .unknown }
        switch conversion {
        case .same: return value
        case .intOfDouble:
            // Towards zero; what has no place in 64 bits, NaN among it, is none, nor is CEL's least number.
            guard value.lowDouble > -0x1p63, value.highDouble < 0x1p63 else { return .unknown }
            return FigureValue(low: Int64(value.lowDouble), high: Int64(value.highDouble))
        case .doubleOfInt:
            // A missing bound is an infinity.
            if value.isExact { return FigureValue(double: Double(value.low)) }
            return FigureValue(
                lowDouble: value.low == .min ? -.infinity : Double(value.low),
                highDouble: value.high == .max ? .infinity : Double(value.high))
        case .intOfText: return Int64(string(value)).map { FigureValue($0) } ?? .unknown
        case .doubleOfText: return Double(string(value)).map { FigureValue(double: $0) } ?? .unknown
        case .size: return FigureValue(Int64((0..<textCount(value)).count { textByte(value, $0) & 0xC0 != 0x80 }))
        default:
            guard value.isExact else { return .unknown }
            let text =
                switch conversion {
                case .textOfDouble: Conversion.text(of: value.lowDouble)
                case .textOfTerminal: Explanation.text(of: value.low, .terminal, 0)
                case .textOfMerchant: Explanation.text(of: value.low, .merchant, 0)
                default: "\(value.low)"
                }
            return FigureValue(text: Array(text.utf8)) ?? .unknown
        }
    }

    /// For conversions, which are rare.
    func string(_ value: FigureValue) -> String {
        String(decoding: value.form == .text ? value.textBytes : texts[Int(value.low)], as: UTF8.self)
    }
}
