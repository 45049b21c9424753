// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A key block, on random inputs` {
    static let written: [KeyBlockVersion] = [.b, .d, .e]

    /// A key, its header and a protection key that may wrap it.
    private static func subject(
        _ draw: inout Draw, _ version: KeyBlockVersion
    ) -> (header: KeyBlockHeader, keyCount: Int, protectionCount: Int) {
        let isAES = version != .b
        let protectionCount = isAES ? draw.element([16, 24, 32]) : draw.element([16, 24])
        let algorithm: KeyAlgorithm = isAES ? draw.element([.aes, .tdes]) : .tdes
        let longest = isAES && algorithm == .tdes ? 24 : protectionCount
        let keyCount = draw.element([16, 24, 32].filter { $0 <= min(longest, algorithm == .tdes ? 24 : 32) })
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
        func word(_ count: Int) -> String {
            String(decoding: (0..<count).map { _ in letters[draw.below(letters.count)] }, as: UTF8.self)
        }
        var blocks: [KeyBlockHeader.OptionalBlock] = []
        for _ in 0..<draw.element([0, 0, 1, 2, 9]) {
            // 251 is the longest text with a short length, 252 the shortest with an extended one.
            let count = draw.element([0, 1, 5, 20, 250, 251, 252, 253, 700, draw.below(40)])
            var id = word(2)
            if KeyBlockHeader.OptionalBlock.name(id) != nil { id = "ZZ" }
            blocks.append(KeyBlockHeader.OptionalBlock(id: id, text: draw.text(count)))
        }
        let usages = KeyUsage.registered.filter { $0.allows(algorithm) } + [KeyUsage(rawValue: "42")]
        let usage = draw.element(usages)
        let header = KeyBlockHeader(
            version: version, usage: usage, algorithm: algorithm,
            modeOfUse: draw.element(ModeOfUse.registered.filter { usage.allows($0) }), keyVersion: word(2),
            exportability: draw.element([.exportable, .nonExportable, .sensitive]), optionalBlocks: blocks,
            context: "00")
        return (header, keyCount, protectionCount)
    }

    /// Whether the text is refused, or is the same block with hexadecimal digits in the other case.
    private static func check(
        _ changed: [UInt8], of text: [UInt8], under protection: borrowing SecretKey, key: borrowing SecretKey
    ) throws {
        let string = String(decoding: changed, as: UTF8.self)
        try hold(
            isRefused { try KeyBlock.unwrap(string, under: protection, policy: .strict).takeKey() },
            "taken by the strict rules: \(string)")
        guard let read = try? KeyBlock.unwrap(string, under: protection) else { return }
        let isSame = string.uppercased() == String(decoding: text, as: UTF8.self).uppercased()
        let isKey = read.takeKey().equals(key)
        try hold(isSame && isKey, "taken: \(string)")
    }

    @Test(arguments: written)
    func `comes back with its key and its attributes`(version: KeyBlockVersion) {
        forAll(150) { draw in
            let (header, keyCount, protectionCount) = Self.subject(&draw, version)
            let key = draw.key(keyCount)
            let protection = draw.key(protectionCount)
            let text = try KeyBlock.wrap(key, header: header, under: protection)
            try hold(text.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "not printable")
            let back = try KeyBlock.unwrap(text, under: protection)
            var read = back.header
            try hold(read.optionalBlocks.count { $0.id == "PB" } <= 1, "more than one padding block")
            read.optionalBlocks.removeAll { $0.id == "PB" }
            try hold(read == header, "another header: \(read) instead of \(header)")
            try hold(back.takeKey().equals(key), "another key")
        }
    }

    @Test(arguments: written)
    func `is refused under any other key`(version: KeyBlockVersion) {
        forAll(60) { draw in
            let (header, keyCount, protectionCount) = Self.subject(&draw, version)
            let key = draw.key(keyCount)
            let protection = draw.key(protectionCount)
            let text = try KeyBlock.wrap(key, header: header, under: protection)
            let bytes = protection.withBytes { Array($0) }
            // The lowest bit of a byte of a DES key is its parity, which encrypts nothing.
            var other = bytes
            other[draw.below(bytes.count)] ^= UInt8(2 << draw.below(7))
            let changed = SecretKey(count: other.count) { $0.copyBytes(from: other) }
            try hold(isRefused { try KeyBlock.unwrap(text, under: changed).takeKey() }, "taken")
        }
    }

    @Test(arguments: written)
    func `is refused for a change of any bit of any character`(version: KeyBlockVersion) {
        forAll(4) { draw in
            var (header, keyCount, protectionCount) = Self.subject(&draw, version)
            header.optionalBlocks = Array(header.optionalBlocks.filter { $0.text.utf8.count < 60 }.prefix(2))
            let key = draw.key(keyCount)
            let protection = draw.key(protectionCount)
            let text = Array(try KeyBlock.wrap(key, header: header, under: protection).utf8)
            for index in text.indices {
                for bit in 0..<8 {
                    var changed = text
                    changed[index] ^= 1 << UInt8(bit)
                    try Self.check(changed, of: text, under: protection, key: key)
                }
            }
        }
    }

    @Test(arguments: written)
    func `is refused cut, lengthened, and with parts exchanged`(version: KeyBlockVersion) {
        forAll(40) { draw in
            let (header, keyCount, protectionCount) = Self.subject(&draw, version)
            let key = draw.key(keyCount)
            let protection = draw.key(protectionCount)
            let text = Array(try KeyBlock.wrap(key, header: header, under: protection).utf8)
            for _ in 0..<12 {
                var changed = text
                let (from, to) = (draw.below(text.count), draw.below(text.count))
                switch draw.below(5) {
                case 0: changed.removeSubrange(min(from, to)..<max(from, to))
                case 1: changed.insert(contentsOf: draw.text(draw.count(1...9)).utf8, at: from)
                case 2: changed.swapAt(from, to)
                case 3: changed.replaceSubrange(from..<from, with: text[min(from, to)..<max(from, to)])
                default: changed[from] = UInt8(0x20 + draw.below(95))
                }
                // The length told is the length that is, or the first look already sees the change.
                if changed.count >= 16, changed.count <= 9_999, draw.below(2) == 0 {
                    let length = String(changed.count + 10_000).utf8.dropFirst()
                    changed.replaceSubrange(1..<5, with: length)
                }
                guard changed != text else { continue }
                try Self.check(changed, of: text, under: protection, key: key)
            }
        }
    }
}
