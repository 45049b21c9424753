// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `An optional block` {
    typealias Block = KeyBlockHeader.OptionalBlock

    static let wellFormed: [(String, String, Block.Content)] = [
        ("AL", "0101", .asymmetricKeyLife(isPermanent: true)), ("AL", "0100", .asymmetricKeyLife(isPermanent: false)),
        ("BI", "0008793E2500", .keySetID([0x08, 0x79, 0x3E, 0x25, 0x00])),
        ("BI", "011234ABCD", .baseDerivationKeyID([0x12, 0x34, 0xAB, 0xCD])),
        ("CT", "00MIIDszCC+/==", .certificates([.init(format: .x509, base64: "MIIDszCC+/==")])),
        (
            "CT", "02000004MIIC010002Ab",
            .certificates([.init(format: .x509, base64: "MIIC"), .init(format: .emv, base64: "Ab")])
        ),
        (
            "DA", "01P0TEEM3TCN",
            .derivations([
                KeyAttributes(usage: .pinEncryption, algorithm: .tdes, modeOfUse: .encrypt, exportability: .exportable),
                KeyAttributes(
                    usage: .retailMAC, algorithm: .tdes, modeOfUse: .generateAndVerify, exportability: .nonExportable),
            ])
        ),
        ("FL", "any", .flags("any")), ("HM", "21", .hash(.sha256)),
        ("IK", "1234567890123456", .initialKeyID([0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56])),
        ("KS", "00604B120F9292800000", .keySerialNumber([0x00, 0x60, 0x4B, 0x12, 0x0F, 0x92, 0x92, 0x80, 0, 0])),
        ("KV", "0102", .values("0102")), ("LB", "till 1 ~", .label("till 1 ~")), ("PB", "Mn6Rg3", .padding),
        ("WP", "002", .wrappingPedigree(.asymmetric)), ("10", "1BIBMC0B020000012345", .other), ("ZZ", "", .other),
    ]

    @Test(arguments: wellFormed)
    func `says what its text says`(id: String, text: String, content: Block.Content) {
        #expect(Block(id: id, text: text).content() == content)
    }

    static let malformed: [(String, [String])] = [
        ("AL", ["", "0102", "0201", "01010"]), ("BI", ["", "02", "00123456789", "0112345678AB", "000879 E2500"]),
        ("CT", ["", "00", "03MIIC", "00MI IC", "02000005MIIC", "0203", "02000004MIIC01", "02020004MIIC"]),
        ("DA", ["01", "02P0TEE", "01P0TE", "01p0TEE"]), ("HM", ["", "11", "2", "021"]),
        ("IK", ["123456789012345", "12345678901234567", "123456789012345a"]), ("KS", ["00604B120F92928000", "x"]),
        ("KC", ["00", "0012345678", "0112345678ABCD", "0212", "00123", "00F4B08d"]), ("KP", ["", "030102"]),
        ("PK", ["00"]), ("TS", ["20200818192030", "20201318192030Z"]), ("WP", ["", "004", "01", "102"]), ("z ", [""]),
    ]

    @Test(arguments: malformed)
    func `that is not as the standard writes it says nothing, and is not written`(id: String, texts: [String]) {
        let protection = SecretKey.random(count: 32)
        for text in texts {
            let block = Block(id: id, text: text)
            #expect(block.content() == nil && !block.isWellFormed, "\(text)")
            let header = KeyBlockHeader(
                version: .d, usage: .pinEncryption, algorithm: .aes, modeOfUse: .both, optionalBlocks: [block])
            let error = `The rules of key blocks`.thrown {
                _ = try KeyBlock.wrap(.random(count: 16), header: header, under: protection)
            }
            #expect(error == .refused(.optionalBlock(id: id)), "\(text)")
        }
    }

    @Test(arguments: [
        ("20200818192030Z", [2020, 8, 18, 19, 20, 30, 0]), ("2020081819203022Z", [2020, 8, 18, 19, 20, 30, 22]),
        ("2018-06-18T20:42:39Z", [2018, 6, 18, 20, 42, 39, 0]),
        ("2018-06-18T20:42:39.22Z", [2018, 6, 18, 20, 42, 39, 22]), ("20240229000000Z", [2024, 2, 29, 0, 0, 0, 0]),
        ("20161231235960Z", [2016, 12, 31, 23, 59, 60, 0]),
    ])
    func `of time is read in the four forms`(text: String, fields: [Int]) throws {
        let time = try #require(KeyBlockTime(text))
        #expect([time.year, time.month, time.day, time.hour, time.minute, time.second, time.hundredths] == fields)
        #expect(Block.timeStamp(time).content() == .timeStamp(time))
        #expect(Block.timeOfCreation(time).content() == .timeOfCreation(time))
    }

    @Test(arguments: [
        "20230229000000Z", "20210431000000Z", "20210001000000Z", "20211301000000Z", "20210100000000Z",
        "20210101240000Z",
        "20210101006000Z", "20210101000060Z", "20210101000061Z", "2021-01-01 00:00:00Z", "2021-01-01T00:00:00,00Z",
        "20210101000000z", "20210101000000", "2021010100000Z", "+0210101000000Z", "19000229000000Z",
    ])
    func `of a time that no calendar has is not well formed`(text: String) { #expect(KeyBlockTime(text) == nil) }

    @Test func `of a check value is computed when asked, and checked when read`() throws {
        // X9.143 and openemv's sample: KC and KP of TDES keys.
        let key = try require(SecretKey(hex: "EDB380DD340BC2620247D445F5B8D678"))
        let protection = try require(SecretKey(hex: "B8ED59E0A279A295E9F5ED7944FD06B9"))
        var header = KeyBlockHeader(version: .b, usage: .baseDerivation, algorithm: .tdes, modeOfUse: .derive)
        let asked = KeyBlockWriting(checkValues: [.key, .protectionKey])
        let text = try KeyBlock.wrap(key, header: header, under: protection, writing: asked)
        let read = try KeyBlock.unwrap(text, under: protection, policy: .strict).header
        #expect(
            read.optionalBlocks.filter { $0.id != "PB" }
                == [Block(id: "KC", text: "00F4B08D"), Block(id: "KP", text: "002F0EEA")])
        // Written again, they are replaced, not doubled.
        let again = try KeyBlock.wrap(key, header: read, under: protection, writing: asked)
        #expect(try KeyBlock.unwrap(again, under: protection).header.optionalBlocks.count { $0.id == "KC" } == 1)
        // A wrong one is not written, and a lenient reader finds it.
        for (id, text) in [("KC", "00F4B08E"), ("KP", "012F0EEA0000")] {
            header.optionalBlocks = [Block(id: id, text: text)]
            let error = `The rules of key blocks`.thrown {
                _ = try KeyBlock.wrap(key, header: header, under: protection)
            }
            #expect(error == .refused(.checkValue(id: id)))
        }
    }

    @Test(arguments: [16, 24, 32])
    func `of an AES key's check value has five bytes of the CMAC`(count: Int) throws {
        let key = SecretKey.random(count: count)
        let protection = SecretKey.random(count: 32)
        let header = KeyBlockHeader(version: .d, usage: .dataEncryption, algorithm: .aes, modeOfUse: .both)
        let text = try KeyBlock.wrap(
            key, header: header, under: protection, writing: .init(checkValues: [.key, .protectionKey]))
        let blocks = try KeyBlock.unwrap(text, under: protection, policy: .strict).header.optionalBlocks
        #expect(blocks.first { $0.id == "KC" }?.text == "01" + Hex.text(KCV.aes(key)))
        #expect(blocks.first { $0.id == "KP" }?.text == "01" + Hex.text(KCV.aes(protection)))
    }

    @Test func `of a key without a check value is not written`() {
        let header = KeyBlockHeader(
            version: .d, usage: .hmac, algorithm: .hmac, modeOfUse: .generate, optionalBlocks: [.hash(.sha256)])
        let error = `The rules of key blocks`.thrown {
            _ = try KeyBlock.wrap(
                .random(count: 32), header: header, under: .random(count: 32), writing: .init(checkValues: .key))
        }
        #expect(error == .attribute("check value KC"))
    }

    @Test func `names the hash of an HMAC key, which X9-143 wants and ISO 20038 does not`() throws {
        let key = SecretKey.random(count: 32)
        let protection = SecretKey.random(count: 32)
        for version in [KeyBlockVersion.d, .e] {
            let header = KeyBlockHeader(version: version, usage: .hmac, algorithm: .hmac, modeOfUse: .generate)
            let error = `The rules of key blocks`.thrown {
                _ = try KeyBlock.wrap(key, header: header, under: protection)
            }
            #expect(error == (version == .d ? .refused(.hashMissing) : nil))
        }
        for hash in HMACHash.registered {
            #expect(Block.hash(hash).content() == .hash(hash) && hash.name != nil)
        }
    }

    @Test func `of a serial number or of derivations is made from what it says`() throws {
        let tdes = try #require(TDESKeySerialNumber([0, 0x60, 0x4B, 0x12, 0x0F, 0x92, 0x92, 0x80, 0, 0]))
        #expect(Block.keySerialNumber(tdes) == Block(id: "KS", text: "00604B120F9292800000"))
        let aes = AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456)
        #expect(Block.initialKeyID(aes) == Block(id: "IK", text: "1234567890123456"))
        let allowed = [KeyAttributes(usage: .cmac, algorithm: .aes, modeOfUse: .verify)]
        #expect(Block.derivations(allowed).content() == .derivations(allowed))
    }
}
