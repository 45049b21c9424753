// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Cuts the text of a rule file into tokens.
struct Lexer {
    let bytes: [UInt8]
    private(set) var offset = 0
    private var line = 1
    private var column = 1
    private var comments: [Comment] = []

    private init(_ text: String) { bytes = Array(text.utf8) }

    /// Checks the first line, then returns all tokens, the last being `.end`.
    static func tokens(of text: String) throws(RuleFileError) -> [Token] {
        var comments: [Comment] = []
        return try tokens(of: text, comments: &comments)
    }

    /// As `tokens(of:)`.
    ///
    /// - Parameter comments: gets those of the file, in their order.
    static func tokens(of text: String, comments: inout [Comment]) throws(RuleFileError) -> [Token] {
        let start = SourcePosition(line: 1, column: 1)
        guard text.utf8.count <= RuleSet.limits.fileBytes else {
            throw RuleFileError(
                .limit, at: start, expected: "at most \(RuleSet.limits.fileBytes) bytes",
                found: "\(text.utf8.count)")
        }
        var lexer = Lexer(text)
        try lexer.header()
        var tokens: [Token] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end {
                comments = lexer.comments
                return tokens
            }
        }
    }

    /// As `tokens(of:)`, but going on behind a mistake, with the next line.
    static func tokens(of text: String, errors: inout [RuleFileError]) -> [Token] {
        var lexer = Lexer(text)
        do { try lexer.header() } catch { errors.append(error) }
        var tokens: [Token] = []
        while errors.count < RuleSet.errorsMax {
            do throws(RuleFileError) {
                let token = try lexer.next()
                tokens.append(token)
                if token.kind == .end { return tokens }
            } catch {
                errors.append(error)
                tokens.append(Token(kind: .broken, position: lexer.position))
                while let byte = lexer.current, byte != 0x0A { lexer.advance() }
            }
        }
        return tokens + [Token(kind: .end, position: lexer.position)]
    }

    private mutating func header() throws(RuleFileError) {
        var first: [UInt8] = []
        while let byte = current, byte != 0x0A {
            first.append(byte)
            advance()
        }
        if first.last == 0x0D { first.removeLast() }
        guard first.elementsEqual("tillguard-rules 1".utf8) else {
            let other = first.starts(with: "tillguard-rules ".utf8)
            throw RuleFileError(
                .header, at: SourcePosition(line: 1, column: other ? 17 : 1),
                expected: other ? "format 1" : "`tillguard-rules 1` as the first line",
                found: first.isEmpty ? "an empty line" : "`\(String(decoding: first.prefix(40), as: UTF8.self))`",
                hint: other ? "this program reads format 1 only" : nil)
        }
    }

    var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }
    var following: UInt8? { offset + 1 < bytes.count ? bytes[offset + 1] : nil }
    var position: SourcePosition { SourcePosition(line: line, column: column) }

    mutating func advance() {
        let byte = bytes[offset]
        offset += 1
        if byte == 0x0A {
            line += 1
            column = 1
        } else if offset == bytes.count || bytes[offset] & 0xC0 != 0x80 {
            // Only the last byte of a scalar moves the column.
            column += 1
        }
    }

    private mutating func skipSpaceAndComments() {
        while let byte = current {
            if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
                advance()
            } else if byte == 0x23 || (byte == 0x2F && following == 0x2F) {
                let (start, place) = (offset, position)
                while let inner = current, inner != 0x0A { advance() }
                let text = String(decoding: bytes[start..<offset], as: UTF8.self)
                comments.append(Comment(text: text, position: place))
            } else {
                return
            }
        }
    }

    private mutating func next() throws(RuleFileError) -> Token {
        skipSpaceAndComments()
        let start = position
        guard let byte = current else { return Token(kind: .end, position: start) }
        if beginsText { return Token(kind: .text(try text(at: start)), position: start) }
        switch byte {
        case 0x42 where isQuote(following), 0x62 where isQuote(following):
            throw RuleFileError(
                .lexical, at: start, expected: "a text", found: "bytes", hint: "bytes are no part of this language")
        case 0x41...0x5A, 0x61...0x7A, 0x5F: return Token(kind: .word(word()), position: start)
        case 0x30...0x39: return Token(kind: try number(at: start), position: start)
        case 0x2E where following.map(Self.isDigit) == true:
            return Token(kind: try number(at: start), position: start)
        default: return Token(kind: .sign(try sign(at: start)), position: start)
        }
    }

    static func isWord(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || isDigit(byte)
    }

    /// The byte some places behind the current one.
    func byte(after count: Int) -> UInt8? { offset + count < bytes.count ? bytes[offset + count] : nil }

    func text(from start: Int) -> String { String(decoding: bytes[start..<offset], as: UTF8.self) }

    private func isQuote(_ byte: UInt8?) -> Bool { byte == 0x22 || byte == 0x27 }

    private mutating func word() -> String {
        let start = offset
        while let byte = current, Self.isWord(byte) || (byte == 0x2E && following.map(Self.isWord) == true) {
            advance()
        }
        return text(from: start)
    }

    private mutating func sign(at start: SourcePosition) throws(RuleFileError) -> Sign {
        let one = current ?? 0
        if let two = following, one < 0x80, two < 0x80,
            let sign = Sign(rawValue: String(decoding: [one, two], as: UTF8.self))
        {
            advance()
            advance()
            return sign
        }
        if one < 0x80, let sign = Sign(rawValue: String(decoding: [one], as: UTF8.self)) {
            advance()
            return sign
        }
        var scalar: [UInt8] = [one]
        while offset + scalar.count < bytes.count, bytes[offset + scalar.count] & 0xC0 == 0x80 {
            scalar.append(bytes[offset + scalar.count])
        }
        let hint: String? =
            switch one {
            case 0x26: "write && or and"
            case 0x7C: "write || or or"
            default: nil
            }
        throw RuleFileError(
            .lexical, at: start, expected: "a word, a number, a text or a sign",
            found: "`\(String(decoding: scalar, as: UTF8.self))`", hint: hint)
    }
}
