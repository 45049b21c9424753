// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A key block` {
    @Test(arguments: Vector.load("tr31", "unwrap"))
    func `of every version gives its key and attributes`(vector: Vector) throws {
        let unwrapped = try KeyBlock.unwrap(
            vector.input("key_block"), under: vector.key("kbpk"), policy: .lenient.acceptingWeakKeys())
        let header = unwrapped.header
        #expect(try header.version.rawValue == vector.expected("version"))
        #expect(try header.usage.rawValue == vector.expected("usage"))
        #expect(try header.algorithm.rawValue == vector.expected("algorithm"))
        #expect(try header.modeOfUse.rawValue == vector.expected("mode_of_use"))
        #expect(try header.keyVersion == vector.expected("key_version"))
        #expect(try header.exportability.rawValue == vector.expected("exportability"))
        let blocks = try #require(vector.json["expected"]?["optional_blocks"]?.array)
        #expect(
            header.optionalBlocks
                == blocks.map { .init(id: $0["id"]?.string ?? "", text: $0["data_ascii"]?.string ?? "") })
        #expect(try hex(unwrapped.takeKey()) == vector.expected("key"))
    }

    @Test(arguments: Vector.load("tr31", "unwrap_reject"))
    func `that was changed is not authentic`(vector: Vector) throws {
        #expect(throws: KeyBlockError.notAuthentic) {
            _ = try KeyBlock.unwrap(vector.input("key_block"), under: vector.key("kbpk"))
        }
    }

    @Test(arguments: Vector.load("tr31", "kbpk_variant", "kbpk_derive_tdes", "kbpk_derive_aes"))
    func `derives the vector's encryption and authentication keys`(vector: Vector) throws {
        let version: KeyBlockVersion =
            switch vector.operation {
            case "kbpk_variant": .a
            case "kbpk_derive_tdes": .b
            default: try vector.input("mode") == "CBC" ? .d : .e
            }
        let protection = try vector.key("kbpk")
        let encryption = try KeyBlockCalculator.encryptionKey(version: version, protectionKey: protection)
        let authentication = try KeyBlockCalculator.authenticationKey(version: version, protectionKey: protection)
        #expect(try hex(encryption) == vector.expected("kbek"))
        #expect(try hex(authentication) == vector.expected("kbak"))
    }

    @Test(arguments: Vector.load("mac", "cmac_tdes"))
    func `of version B rests on the vector's TDES CMAC`(vector: Vector) throws {
        #expect(
            try Hex.text(TDESCMAC.code(key: vector.key("key"), message: vector.message())) == vector.expected("mac"))
    }

    @Test(arguments: [KeyBlockVersion.b, .d, .e], 0...12)
    func `comes back as it was written, with any optional blocks`(version: KeyBlockVersion, extra: Int) throws {
        let protection = SecretKey.random(count: version.usesAES ? 32 : 24)
        let key = SecretKey.random(count: 16)
        let blocks = [
            KeyBlockHeader.OptionalBlock(id: "FL", text: String(repeating: "0", count: extra * 5)),
            .init(id: "LB", text: String(repeating: "x", count: extra * 31)),
        ]
        let header = KeyBlockHeader(
            version: version, usage: .baseDerivation, algorithm: .tdes, modeOfUse: .derive, keyVersion: "07",
            exportability: .sensitive, optionalBlocks: blocks)
        let text = try KeyBlock.wrap(key, header: header, under: protection)
        let back = try KeyBlock.unwrap(text, under: protection)
        var read = back.header
        read.optionalBlocks.removeAll { $0.id == "PB" }
        #expect(read == header)
        #expect(holds(back.takeKey().equals(key)))
        #expect(text != (try KeyBlock.wrap(key, header: header, under: protection)))
        #expect(throws: KeyBlockError.notAuthentic) {
            _ = try KeyBlock.unwrap(text, under: .random(count: version.usesAES ? 32 : 24))
        }
    }

    @Test(arguments: [KeyBlockVersion.b, .d, .e])
    func `tells nothing of the length of its key`(version: KeyBlockVersion) throws {
        let protection = SecretKey.random(count: version.usesAES ? 32 : 24)
        let header = KeyBlockHeader(version: version, usage: .pinEncryption, algorithm: .tdes, modeOfUse: .both)
        let short = try KeyBlock.wrap(.random(count: 16), header: header, under: protection)
        let long = try KeyBlock.wrap(.random(count: 24), header: header, under: protection)
        #expect(short.utf8.count == long.utf8.count)
    }

    @Test(arguments: [KeyBlockVersion.b, .d, .e])
    func `is refused for any change of any character`(version: KeyBlockVersion) throws {
        let protection = SecretKey.random(count: 16)
        let header = KeyBlockHeader(
            version: version, usage: .pinEncryption, algorithm: .tdes, modeOfUse: .encrypt,
            optionalBlocks: [.init(id: "KS", text: "00604B120F9292800000")])
        let text = Array(try KeyBlock.wrap(.random(count: 16), header: header, under: protection).utf8)
        for index in text.indices {
            for replacement in [UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "D"), UInt8(ascii: "~"), 0x0A, 0x80]
            {
                guard text[index] != replacement else { continue }
                var changed = text
                changed[index] = replacement
                let string = String(decoding: changed, as: UTF8.self)
                if (try? KeyBlock.unwrap(string, under: protection).takeKey().count) != nil {
                    Issue.record("character \(index)")
                }
            }
        }
        for count in text.indices {
            let string = String(decoding: text[..<count], as: UTF8.self)
            if (try? KeyBlock.unwrap(string, under: protection).takeKey().count) != nil {
                Issue.record("count \(count)")
            }
        }
    }

    @Test func `never breaks the reader, whatever the text`() throws {
        let protection = SecretKey.random(count: 16)
        var random = SeededRandom(seed: 31)
        let alphabet = Array("ABCDE0123456789abcdefKSPBTN ~".utf8)
        for _ in 0..<20_000 {
            var text = (0..<random.below(120)).map { _ in alphabet[random.below(alphabet.count)] }
            if text.count >= 16, random.chance(perMille: 900) {
                text[0] = UInt8(ascii: "A") + UInt8(random.below(5))
                let length = Array(String(text.count + 10_000).utf8.dropFirst())
                text.replaceSubrange(1..<5, with: length)
                text[11] = UInt8(ascii: "N")
                text[12] = UInt8(ascii: "0")
                text[13] = UInt8(ascii: "0") + UInt8(random.below(4))
            }
            let string = String(decoding: text, as: UTF8.self)
            #expect((try? KeyBlock.unwrap(string, under: protection).takeKey().count) == nil, "\(string)")
        }
    }

    @Test func `names the version and the key that do not go together`() throws {
        let key = SecretKey.random(count: 16)
        for (version, count) in [(KeyBlockVersion.d, 20), (.b, 32), (.e, 8)] {
            let header = KeyBlockHeader(version: version, usage: .pinEncryption, algorithm: .hmac, modeOfUse: .both)
            #expect(throws: KeyBlockError.wrongProtectionKey(version: version, byteCount: count)) {
                _ = try KeyBlock.wrap(key.copy(), header: header, under: .random(count: count))
            }
        }
    }

    @Test func `is not written under a weaker key, in an old version, or with attributes it cannot carry`() throws {
        func error(_ change: (inout KeyBlockHeader) -> Void, key: Int = 16, protection: Int = 16) -> KeyBlockError? {
            var header = KeyBlockHeader(version: .d, usage: .pinEncryption, algorithm: .aes, modeOfUse: .both)
            change(&header)
            do throws(KeyBlockError) {
                _ = try KeyBlock.wrap(.random(count: key), header: header, under: .random(count: protection))
                return nil
            } catch { return error }
        }
        #expect(error({ _ in }) == nil)
        #expect(error({ _ in }, key: 32) == .weakerThanKey)
        #expect(error({ $0.version = .b }) == .weakerThanKey)
        #expect(error({ ($0.version, $0.algorithm) = (.b, .tdes) }, key: 24) == .weakerThanKey)
        #expect(error({ _ in }, key: 20) == .attribute("length of an AES key"))
        #expect(error({ $0.algorithm = .tdes }, key: 8) == .attribute("length of a TDES key"))
        for version in [KeyBlockVersion.a, .c] { #expect(error({ $0.version = version }) == .readOnlyVersion(version)) }
        #expect(error({ $0.usage = KeyUsage(rawValue: "P") }) == .attribute("usage"))
        #expect(error({ $0.keyVersion = "1\n" }) == .attribute("key version"))
        #expect(error({ $0.optionalBlocks = [.init(id: "K", text: "")] }) == .attribute("optional block id"))
        #expect(error({ $0.optionalBlocks = [.init(id: "LB", text: "标")] }) == .attribute("optional block LB"))
        let long = KeyBlockHeader.OptionalBlock(id: "LB", text: String(repeating: "x", count: 9_900))
        #expect(error({ $0.optionalBlocks = [long] }) == .tooLong(10_064))
    }
}
