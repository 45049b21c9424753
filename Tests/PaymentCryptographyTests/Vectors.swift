// SPDX-License-Identifier: Apache-2.0
import Glibc
import PaymentCryptography
import Testing
import Vocabulary

/// One known answer of `Tests/Vectors/crypto`.
struct Vector: Sendable, CustomTestStringConvertible {
    let json: JSON

    var id: String { json["id"]?.string ?? "?" }
    var testDescription: String { id }
    var operation: String { json["op"]?.string ?? "?" }
    var hasExpected: (String) -> Bool { { name in json["expected"]?[name] != nil } }

    func input(_ name: String) throws -> String { try #require(json["inputs"]?[name]?.string, "\(id): \(name)") }
    func expected(_ name: String) throws -> String { try #require(json["expected"]?[name]?.string, "\(id): \(name)") }
    func inputBytes(_ name: String) throws -> [UInt8] { try #require(Hex.bytes(try input(name))) }
    func message() throws -> [UInt8] {
        if let text = json["inputs"]?["message_ascii"]?.string { return Array(text.utf8) }
        return try inputBytes("message")
    }
    func key(_ name: String) throws -> SecretKey { try require(SecretKey(hex: try input(name))) }
    func pan(_ name: String = "pan") throws -> PANDigits { try #require(PANDigits(try input(name))) }
    func pin(_ text: String) throws -> ClearPIN { try require(makePIN(text)) }

    /// The vectors of one file, of the operations named.
    static func load(_ file: String, _ operations: String...) -> [Vector] {
        load(path: "crypto/\(file)").filter { operations.isEmpty || operations.contains($0.operation) }
    }

    /// The vectors of one file under `Tests/Vectors`.
    static func load(path: String) -> [Vector] {
        let path =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
            .joined(separator: "/") + "/Vectors/\(path).json"
        guard let json = try? JSON(parsing: contents(path)), let vectors = json["vectors"]?.array else { return [] }
        return vectors.map(Vector.init)
    }

    private static func contents(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return output }
            output += buffer[..<count]
        }
    }
}

struct Missing: Error {}

/// `#require` for a value that cannot be copied.
func require<T: ~Copyable>(_ value: consuming T?) throws -> T {
    guard let value else { throw Missing() }
    return value
}

/// A condition about a value that cannot be copied, which `#expect` could not take apart.
func holds(_ condition: Bool) -> Bool { condition }

func isNil<T: ~Copyable>(_ value: consuming T?) -> Bool { value == nil }

func makePIN(_ digits: String) -> ClearPIN? {
    guard let digits = SecretKey(ascii: digits) else { return nil }
    return ClearPIN(digits: digits)
}

func digits(_ values: [UInt8]) -> String { values.map { String($0) }.joined() }

func digitValues(_ text: String) -> [UInt8] { text.utf8.map { $0 - 0x30 } }

func hex(_ key: borrowing SecretKey) -> String { key.withBytes { Hex.text(Array($0)) } }

@Test func `Every vector file is found and counts what it says`() {
    for (file, count) in [
        ("tdes_dukpt", 45), ("aes_dukpt", 56), ("pin_blocks", 51), ("pin_verification", 27), ("mac", 41), ("kcv", 18),
        ("tr31", 51),
    ] {
        #expect(Vector.load(file).count == count, "\(file)")
    }
}

extension SecretKey {
    /// Nil for no characters.
    init?(ascii text: String) {
        guard !text.isEmpty else { return nil }
        self = SecretKey(count: text.utf8.count) { $0.copyBytes(from: text.utf8) }
    }
}
