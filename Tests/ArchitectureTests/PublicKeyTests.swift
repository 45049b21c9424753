// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// No key leaves or enters `PaymentCryptography` in a type that cannot be wiped.
@Suite("Keys in public interfaces")
struct PublicKeyTests {
    /// What may be an array or text all the same, and why.
    static let allowed: [(name: String, why: String)] = [
        ("encryptedKey", "is under another key"), ("publicKey", "is public"), ("publicKeyDER", "is public"),
        ("initialKeyID", "names a key"), ("keySetID", "names a key"), ("baseDerivationKeyID", "names a key"),
        ("keyVersion", "two characters of a header"),
    ]

    private static let plain =
        "(\\[UInt8\\]|ArraySlice<UInt8>|Data|String|Substring|some StringProtocol|some Collection<UInt8>)\\??"

    /// A name that a key, a component or a PIN would have.
    private static func isSecret(_ name: String) -> Bool {
        guard !allowed.contains(where: { $0.name == name }) else { return false }
        let words = name.lowercased()
        return ["key", "bdk", "kbpk", "tmk", "kek", "lmk", "pvk", "secret", "component", "hex"].contains {
            words == $0 || words.hasSuffix($0)
        }
    }

    /// The offending declarations of a piece of code.
    static func offences(_ code: String) -> [String] {
        declarations(code).flatMap { declaration -> [String] in
            var found: [String] = []
            let head = declaration.split(separator: "(", maxSplits: 1)[0]
            let name = head.split(separator: " ").last.map(String.init) ?? ""
            for match in matches("([A-Za-z]+) ?([A-Za-z]*): ?(borrowing |consuming |inout )?\\(?\(plain)", declaration)
            {
                let names = [match[1], match[2]].filter { !$0.isEmpty }
                if names.contains(where: isSecret) { found.append("\(name)(\(names.joined(separator: " ")):)") }
            }
            let returned = matches("-> ?\(plain)\\s*$", declaration)
            let own = name.split(separator: "<").first.map(String.init) ?? name
            if !returned.isEmpty, isSecret(own) { found.append("\(own) ->") }
            return found
        }
    }

    /// Public declarations, each on one line and without its body.
    private static func declarations(_ code: String) -> [String] {
        var list: [String] = []
        var current: String?
        for line in code.split(separator: "\n") {
            let words = line.split(separator: " ")
            if current == nil, words.contains("public"),
                ["func", "init", "var", "let", "subscript", "case"].contains(where: { kind in
                    words.contains {
                        $0 == kind || $0.hasPrefix("\(kind)(") || $0.hasPrefix("\(kind)<") || $0.hasPrefix("\(kind)?")
                    }
                })
            {
                current = ""
            }
            guard let soFar = current else { continue }
            let whole = soFar + " " + line.trimmingCharacters(in: .whitespaces)
            let opened = whole.count { $0 == "(" } - whole.count { $0 == ")" }
            current = opened > 0 ? whole : nil
            if opened <= 0 {
                list.append(whole.split(separator: "{", maxSplits: 1)[0].trimmingCharacters(in: .whitespaces))
            }
        }
        return list
    }

    private static func matches(_ pattern: String, _ text: String) -> [[String]] {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
        let whole = NSRange(text.startIndex..., in: text)
        return expression.matches(in: text, range: whole).map { match in
            (0..<match.numberOfRanges).map { Range(match.range(at: $0), in: text).map { String(text[$0]) } ?? "" }
        }
    }

    @Test("no key is an array or text in a public interface of payment cryptography")
    func keysAreKeys() {
        let files = SourceTree.swiftFiles(under: "Sources/PaymentCryptography")
        #expect(files.count > 50)
        // The validation data of a PIN are digits of an account.
        let other = ["Sources/PaymentCryptography/PINs/PINValidationData.swift": ["init?(hex:)"]]
        for file in files { #expect(Self.offences(file.code) == other[file.path, default: []], "\(file.path)") }
    }

    @Test(
        "such a key would be seen",
        arguments: [
            "public static func wrap(_ key: [UInt8]) -> Int {", "public init(masterKey: Data) {",
            "public init?(hex: some StringProtocol) {", "public func workingKey() -> [UInt8] {",
            "public let pinKey: [UInt8]", "    public func send(\n        to: Int, bdk: String?\n    ) {",
            "public var sessionKey: String { text }",
        ])
    func offenceIsSeen(code: String) { #expect(Self.offences(code).count == 1, "\(code)") }

    @Test(
        "what is no key is let be",
        arguments: [
            "public func wrap(_ key: borrowing SecretKey) -> [UInt8] {", "public init(publicKey: [UInt8]) {",
            "func own(key: [UInt8]) {", "public func code(_ message: [UInt8], key: borrowing SecretKey) -> [UInt8] {",
        ])
    func soundIsLetBe(code: String) { #expect(Self.offences(code) == []) }
}
