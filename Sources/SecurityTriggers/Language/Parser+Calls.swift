// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A function of a condition, with CEL's name and meaning.
enum CallFunction: String, Sendable, CaseIterable {
    case contains, startsWith, endsWith, size, duration, int, double, string

    /// Values it takes, the one it is called on included.
    var arity: Int { self == .contains || self == .startsWith || self == .endsWith ? 2 : 1 }
    /// It is called on a value: `a.contains(b)`.
    var isMember: Bool { arity == 2 || self == .size }
    /// It is called by itself: `int(a)`.
    var isGlobal: Bool { arity == 1 }
}

extension Parser {
    /// `name(…)`, its parenthesis being the current token; a dot within the name calls a function on what is before it.
    mutating func call(_ name: String, _ position: SourcePosition) throws(RuleFileError) -> Expression {
        if let dot = name.lastIndex(of: ".") {
            let subject = try node(.name(String(name[..<dot])), position)
            return try call(String(name[name.index(after: dot)...]), on: subject, position)
        }
        if name == "same" { return try same(position) }
        let arguments = try arguments()
        let function = try function(name, position)
        guard function.isGlobal, arguments.count == 1, let value = arguments.first else {
            throw RuleFileError(
                .syntax, at: position,
                expected: function.isGlobal ? "`\(name)` of one value" : "a value before `.\(name)`",
                found: "\(arguments.count) in parentheses")
        }
        if function == .duration, case .duration = value.kind { return value }
        guard function == .duration else { return try node(.call(function, [value]), position) }
        guard case .text(let text) = value.kind, let interval = Interval(celDuration: text) else {
            throw RuleFileError(
                .range, at: value.position, expected: "a duration in quotes, such as \"1h30m\"", found: "another value",
                hint: "units are h, m, s, ms and us; more than 292,000 years and less than a microsecond have no place")
        }
        return try node(.duration(interval), position)
    }

    /// `value.name(…)`, the parenthesis being the current token.
    mutating func call(
        _ name: String, on value: Expression, _ position: SourcePosition
    ) throws(RuleFileError) -> Expression {
        guard isSign(.openParenthesis) else {
            throw RuleFileError(
                .syntax, at: position, expected: "a function's parenthesis", found: current.name,
                hint: "only facts have a dot in their names")
        }
        let arguments = try arguments()
        let function = try function(name, position)
        guard function.isMember, arguments.count + 1 == function.arity else {
            throw RuleFileError(
                .syntax, at: position,
                expected: function.isMember ? "\(function.arity - 1) values in parentheses" : "`\(name)(…)` by itself",
                found: "\(arguments.count)")
        }
        return try node(.call(function, [value] + arguments), position)
    }

    private mutating func same(_ position: SourcePosition) throws(RuleFileError) -> Expression {
        try expect(.openParenthesis)
        let what = try choice(SameFact.allCases.map(\.rawValue))
        try expect(.closeParenthesis)
        return try node(.same(what), position)
    }

    private mutating func arguments() throws(RuleFileError) -> [Expression] {
        try expect(.openParenthesis)
        if take(.closeParenthesis) { return [] }
        var arguments = [try condition()]
        while take(.comma) { arguments.append(try condition()) }
        try expect(.closeParenthesis)
        return arguments
    }

    private func function(_ name: String, _ position: SourcePosition) throws(RuleFileError) -> CallFunction {
        if let function = CallFunction(rawValue: name) { return function }
        let hint =
            switch name {
            case "matches": "regular expressions are no part of this language: use startsWith, endsWith or contains"
            case "all", "exists", "exists_one", "map", "filter": "macros of lists are no part of this language"
            case "uint", "bytes", "dyn", "type", "timestamp", "bool": "this type of CEL is no part of this language"
            default: Spelling.hint(for: name, among: CallFunction.allCases.map(\.rawValue) + ["has"])
            }
        throw RuleFileError(.unknownName, at: position, expected: "a function", found: "`\(name)`", hint: hint)
    }
}

extension Interval {
    /// `1h30m`, `-1.5s`, `250ms`: CEL's form, to the microsecond; nil for anything else and for what is finer or too long.
    init?(celDuration text: String) {
        var bytes = Array(text.utf8)[...]
        let isNegative = bytes.first == 0x2D
        if isNegative || bytes.first == 0x2B { bytes.removeFirst() }
        if bytes.elementsEqual("0".utf8) {
            self = .zero
            return
        }
        guard !bytes.isEmpty else { return nil }
        var total: Int64 = 0
        while !bytes.isEmpty {
            guard let part = Self.part(&bytes) else { return nil }
            let sum = total.addingReportingOverflow(part)
            guard !sum.overflow else { return nil }
            total = sum.partialValue
        }
        self = Interval(microseconds: isNegative ? -total : total)
    }

    /// One number with its unit, in microseconds.
    private static func part(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        let whole = bytes.prefix(while: isDigit)
        bytes.removeFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if bytes.first == 0x2E {
            bytes.removeFirst()
            fraction = bytes.prefix(while: isDigit)
            bytes.removeFirst(fraction.count)
        }
        guard whole.count + fraction.count > 0 else { return nil }
        let unit = String(decoding: bytes.prefix { !isDigit($0) && $0 != 0x2E }, as: UTF8.self)
        bytes.removeFirst(unit.utf8.count)
        let length: Int64? =
            switch unit {
            case "h": 3_600_000_000
            case "m": 60_000_000
            case "s": 1_000_000
            case "ms": 1_000
            case "us", "µs": 1
            default: nil
            }
        guard var scale = length, let count = Int64(whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self)) else {
            return nil
        }
        let product = count.multipliedReportingOverflow(by: scale)
        guard !product.overflow else { return nil }
        var total = product.partialValue
        for digit in fraction {
            guard scale % 10 == 0 else {
                if digit == 0x30 { continue }
                return nil
            }
            scale /= 10
            let sum = total.addingReportingOverflow(Int64(digit - 0x30) * scale)
            guard !sum.overflow else { return nil }
            total = sum.partialValue
        }
        return total
    }
}
