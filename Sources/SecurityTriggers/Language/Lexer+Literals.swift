// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Numbers, durations and texts, as CEL writes them; durations in one unit are the language's own.
extension Lexer {
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func digit(_ byte: UInt8?, radix: UInt32) -> UInt32? {
        let value: UInt32? =
            switch byte {
            case .some(let byte) where isDigit(byte): UInt32(byte - 0x30)
            case .some(let byte) where (0x41...0x46).contains(byte): UInt32(byte - 0x37)
            case .some(let byte) where (0x61...0x66).contains(byte): UInt32(byte - 0x57)
            default: nil
            }
        return value.flatMap { $0 < radix ? $0 : nil }
    }

    // MARK: - Numbers

    mutating func number(at start: SourcePosition) throws(RuleFileError) -> Token.Kind {
        let first = offset
        if current == 0x30, following == 0x78 || following == 0x58 {
            advance()
            advance()
            while Self.digit(current, radix: 16) != nil { advance() }
            if offset - first > 2, current.map(Self.isWord) != true { return .number(text(from: first)) }
            skipWord()
            throw unit(text(from: first), at: start)
        }
        skipDigits()
        var isWhole = true
        if current == 0x2E, following.map(Self.isDigit) == true {
            advance()
            skipDigits()
            isWhole = false
        }
        if hasExponent {
            advance()
            if current == 0x2B || current == 0x2D { advance() }
            skipDigits()
            isWhole = false
        }
        guard let byte = current, Self.isWord(byte) else { return .number(text(from: first)) }
        let digits = text(from: first)
        skipWord()
        guard isWhole, let seconds = Self.seconds(String(text(from: first).dropFirst(digits.count))) else {
            throw unit(text(from: first), at: start)
        }
        guard let count = Int64(digits), count <= 1_000_000 else {
            throw RuleFileError(
                .range, at: start, expected: "a duration of up to 1000000 units", found: "`\(text(from: first))`")
        }
        return .duration(.seconds(count * seconds), text: text(from: first))
    }

    private var hasExponent: Bool {
        guard current == 0x65 || current == 0x45, let sign = following else { return false }
        let isSigned = sign == 0x2B || sign == 0x2D
        return Self.isDigit(sign) || (isSigned && byte(after: 2).map(Self.isDigit) == true)
    }

    private static func seconds(_ unit: String) -> Int64? {
        switch unit {
        case "s": 1
        case "m": 60
        case "h": 3_600
        case "d": 86_400
        default: nil
        }
    }

    private func unit(_ text: String, at start: SourcePosition) -> RuleFileError {
        RuleFileError(
            .lexical, at: start, expected: "a number, or a duration in s, m, h or d", found: "`\(text)`",
            hint: text.hasSuffix("u") || text.hasSuffix("U")
                ? "unsigned numbers are no part of this language" : "a currency stands apart: 200.00 EUR")
    }

    private mutating func skipDigits() {
        while let byte = current, Self.isDigit(byte) { advance() }
    }

    private mutating func skipWord() {
        while let byte = current, Self.isWord(byte) { advance() }
    }

    // MARK: - Texts

    /// Whether a text begins here: a quote, or the prefix of a raw text before one.
    var beginsText: Bool {
        guard let byte = current else { return false }
        if byte == 0x22 || byte == 0x27 { return true }
        return (byte == 0x72 || byte == 0x52) && (following == 0x22 || following == 0x27)
    }

    /// `"…"`, `'…'`, either three times over for a text of several lines, and `r` before any of them for no escapes.
    mutating func text(at start: SourcePosition) throws(RuleFileError) -> String {
        let isRaw = current == 0x72 || current == 0x52
        if isRaw { advance() }
        let quote = current ?? 0x22
        let isLong = following == quote && byte(after: 2) == quote
        for _ in 0..<(isLong ? 3 : 1) { advance() }
        var output: [UInt8] = []
        while let byte = current, isLong || byte != 0x0A {
            if byte == quote, !isLong || (following == quote && self.byte(after: 2) == quote) {
                for _ in 0..<(isLong ? 3 : 1) { advance() }
                return String(decoding: output, as: UTF8.self)
            }
            if byte == 0x5C, !isRaw {
                try escape(into: &output)
            } else {
                output.append(byte)
                advance()
            }
        }
        throw RuleFileError(
            .lexical, at: start, expected: "a closing quote" + (isLong ? "" : " on the same line"), found: "none")
    }

    private mutating func escape(into output: inout [UInt8]) throws(RuleFileError) {
        let place = position
        advance()
        let sign = current ?? 0x20
        let simple: UInt8? =
            switch sign {
            case 0x61: 0x07
            case 0x62: 0x08
            case 0x66: 0x0C
            case 0x6E: 0x0A
            case 0x72: 0x0D
            case 0x74: 0x09
            case 0x76: 0x0B
            case 0x5C, 0x3F, 0x22, 0x27, 0x60: sign
            default: nil
            }
        if let simple {
            advance()
            return output.append(simple)
        }
        let form: (digits: Int, radix: UInt32)? =
            switch sign {
            case 0x78, 0x58: (2, 16)
            case 0x75: (4, 16)
            case 0x55: (8, 16)
            case 0x30...0x33: (3, 8)
            default: nil
            }
        guard let form else {
            throw RuleFileError(
                .lexical, at: place, expected: "one of a b f n r t v \\ ? \" ' ` x u U or three octal digits after a backslash",
                found: "another character")
        }
        if form.radix == 16 { advance() }
        var value: UInt32 = 0
        for _ in 0..<form.digits {
            guard let digit = Self.digit(current, radix: form.radix) else {
                throw RuleFileError(
                    .lexical, at: place, expected: "\(form.digits) digits in the escape", found: "fewer")
            }
            value = value << (form.radix == 16 ? 4 : 3) | digit
            advance()
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw RuleFileError(.lexical, at: place, expected: "a Unicode scalar value", found: "none")
        }
        output += Array(String(Character(scalar)).utf8)
    }
}
