// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A hash` {
    @Test func `of SHA-256 is the standard's (FIPS 180-4 examples)`() {
        #expect(
            Hex.text(SHA256.hash(Array("abc".utf8)))
                == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")
        #expect(
            Hex.text(SHA256.hash([])) == "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")
    }

    @Test func `made of pieces is the hash of the whole, at every split`() {
        let bytes = (0..<150).map { UInt8($0) }
        let whole = SHA256.hash(bytes)
        for split in 0...bytes.count {
            var hash = SHA256()
            hash.update(Array(bytes[..<split]))
            let fork = hash
            hash.update(Array(bytes[split...]))
            #expect(hash.finalize() == whole)
            #expect(fork.finalize() == SHA256.hash(bytes[..<split]))
        }
    }

    @Test func `of a PAN is keyed, is that of its digits, and is the start of the HMAC`() throws {
        let key = SecretKey.random(count: 32)
        let hash = KeyedHash(key: key)
        let pan = try #require(PANDigits("4111111111111111"))
        let one = hash.hash(pan)
        #expect(one == hash.hash(Array("4111111111111111".utf8)))
        #expect(one != KeyedHash(key: .random(count: 32)).hash(pan))
        #expect(one != hash.hash(try #require(PANDigits("4111111111111112"))))
        let code = HMACSHA256.code(key: key, message: pan.ascii)
        #expect(Hex.text(one.high) + Hex.text(one.low) == Hex.text(code.prefix(16)))
    }

    @Test func `of derived keys differs by label, context and length (SP 800-108 counter mode)`() throws {
        let master = try require(SecretKey(hex: "2B7E151628AED2A6ABF7158809CF4F3C"))
        let one = KDF.derive(master: master, label: "one", context: [1], count: 32)
        // The first block is the CMAC of the input as the standard writes it.
        let input: [UInt8] = [0, 0, 0, 1] + Array("one".utf8) + [0, 1, 0, 0, 1, 0]
        let second: [UInt8] = [0, 0, 0, 2] + Array("one".utf8) + [0, 1, 0, 0, 1, 0]
        #expect(hex(one) == Hex.text(AESCMAC(key: master).code(input) + AESCMAC(key: master).code(second)))
        for other in [
            hex(KDF.derive(master: master, label: "two", context: [1], count: 32)),
            hex(KDF.derive(master: master, label: "one", context: [2], count: 32)),
            hex(KDF.derive(master: master, label: "one", context: [1], count: 16)),
        ] {
            #expect(!hex(one).hasPrefix(other))
        }
        #expect(KDF.derive(master: master, label: "odd", count: 21).count == 21)
    }
}
