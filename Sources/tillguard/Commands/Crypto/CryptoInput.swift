// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PaymentCryptography
import Vocabulary

/// What stands on the command line for a key, a PIN or data: the text itself, `@` and a file that holds it, or `-` for
/// the next line of the standard input. Only the first of them stays in the history of the shell.
struct CryptoInput: ExpressibleByArgument, Sendable {
    private let text: String

    init(argument: String) { text = argument }

    /// The characters, in memory that is wiped.
    ///
    /// - Parameter name: as the user wrote it, such as `--key`.
    func characters(_ name: String) throws -> SecretKey {
        if text == "-" { return try StandardInput.line(name) }
        if text.hasPrefix("@") { return try Self.file(String(text.dropFirst()), name) }
        guard (1...SecretKey.countMax).contains(text.utf8.count) else {
            throw ValidationError("\(name): nothing is given")
        }
        return SecretKey(count: text.utf8.count) { $0.copyBytes(from: text.utf8) }
    }

    private static func file(_ path: String, _ name: String) throws -> SecretKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ValidationError("\(name): the file \(path) cannot be read") }
        defer { close(descriptor) }
        var count = 0
        let room = SecretKey(count: SecretKey.countMax) { room in
            while count < room.count {
                let more = read(descriptor, room.baseAddress.map { $0 + count }, room.count - count)
                guard more > 0 else { break }
                count += more
            }
        }
        guard count > 0 else { throw ValidationError("\(name): the file \(path) is empty or cannot be read") }
        guard count < room.count else { throw ValidationError("\(name): the file \(path) is too long") }
        return room.prefix(count)
    }

    /// A key in hexadecimal, of one of the lengths.
    func key(_ name: String, _ lengths: [Int]) throws -> SecretKey {
        let key = try Self.decode(characters(name), name)
        guard lengths.isEmpty || lengths.contains(key.count) else {
            throw ValidationError("\(name): expected \(Self.list(lengths)) bytes in hexadecimal, got \(key.count)")
        }
        return key
    }

    /// Data in hexadecimal, of one of the lengths or of any.
    func bytes(_ name: String, _ lengths: [Int] = []) throws -> [UInt8] {
        try key(name, lengths).withBytes { Array($0) }
    }

    /// The text as it stands, without white space around it.
    func string(_ name: String) throws -> String {
        try characters(name).withBytes { String(decoding: $0, as: UTF8.self) }
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Hexadecimal digits of either case; white space and colons between them do not count.
    static func decode(_ characters: borrowing SecretKey, _ name: String) throws -> SecretKey {
        var (digits, wrong) = (0, -1)
        characters.withBytes { characters in
            for (index, byte) in characters.enumerated() where !isSpace(byte) {
                if value(byte) == nil, wrong < 0 { wrong = index }
                digits += 1
            }
        }
        guard wrong < 0 else {
            throw ValidationError("\(name): expected hexadecimal digits, character \(wrong + 1) is none")
        }
        guard digits > 0 else { throw ValidationError("\(name): nothing is given") }
        guard digits % 2 == 0 else {
            throw ValidationError("\(name): expected two hexadecimal digits a byte, got \(digits) digits")
        }
        return characters.withBytes { characters in
            SecretKey(count: digits / 2) { output in
                var place = 0
                for byte in characters {
                    guard let value = value(byte) else { continue }
                    output[place / 2] = output[place / 2] << 4 | value
                    place += 1
                }
            }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D, 0x3A].contains(byte) }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// `16, 24 or 32`.
    static func list(_ values: [Int]) -> String {
        guard let last = values.last, values.count > 1 else { return values.first.map { String($0) } ?? "" }
        if values.count > 4, last - values[0] == values.count - 1 { return "\(values[0]) to \(last)" }
        return values.dropLast().map { String($0) }.joined(separator: ", ") + " or \(last)"
    }
}

extension SecretKey {
    /// The first bytes as a secret of their own; `count` is 1 or more.
    borrowing func prefix(_ count: Int) -> SecretKey {
        withBytes { bytes in
            SecretKey(count: count) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
        }
    }
}

/// The standard input, of which every secret takes one line.
private enum StandardInput {
    static func line(_ name: String) throws -> SecretKey {
        var saved = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &saved) == 0
        if isTerminal {
            var silent = saved
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &silent)
            LineWriter.error.write("\(name): ")
        }
        defer {
            if isTerminal {
                tcsetattr(STDIN_FILENO, TCSANOW, &saved)
                LineWriter.error.write("\n")
            }
        }
        var count = 0
        let room = SecretKey(count: SecretKey.countMax) { room in
            while count < room.count, read(STDIN_FILENO, room.baseAddress.map { $0 + count }, 1) == 1 {
                guard room[count] != 0x0A else { break }
                count += 1
            }
        }
        guard count > 0 else { throw ValidationError("\(name): the standard input has no line for it") }
        return room.prefix(count)
    }
}
