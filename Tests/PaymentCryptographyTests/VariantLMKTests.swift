// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A key under a variant LMK` {
    @Test(arguments: Vector.load("variant_lmk"))
    func `is the vector's, and is read again`(vector: Vector) throws {
        let lmk = try VariantLMK(pair: try vector.key("lmk_pair"), variant: try vector.integer("variant"))
        let scheme = try #require(VariantLMKScheme(rawValue: try vector.input("scheme")))
        let key = try vector.key("clear_key")
        let encrypted = try lmk.encrypt(key, scheme: scheme)
        #expect(try Hex.text(encrypted) == vector.expected("key_under_lmk"))
        let read = try lmk.decrypt(encrypted, scheme: scheme)
        #expect(hex(read) == hex(key.withOddParity()))
        #expect(try Hex.text(scheme == .single ? KCV.des(read) : KCV.tdes(read)) == vector.expected("kcv"))
    }

    @Test func `is not read with another variant, scheme or length`() throws {
        let pair = try require(SecretKey(hex: "E0E0010101010101F1F1010101010101"))
        let lmk = try VariantLMK(pair: pair, variant: 4)
        let key = try require(SecretKey(hex: "13345779133457791334577913345779"))
        let encrypted = try lmk.encrypt(key, scheme: .double)
        let other = try VariantLMK(pair: pair, variant: 0)
        #expect(throws: VariantLMKError.notAKey) { _ = try other.decrypt(encrypted, scheme: .double) }
        #expect(throws: VariantLMKError.keyLength(16)) { _ = try lmk.decrypt(encrypted, scheme: .triple) }
        #expect(throws: VariantLMKError.keyLength(16)) { _ = try lmk.encrypt(key, scheme: .single) }
        #expect(throws: VariantLMKError.variant(10)) { _ = try VariantLMK(pair: pair, variant: 10) }
        #expect(throws: VariantLMKError.keyLength(8)) { _ = try VariantLMK(pair: .random(count: 8), variant: 0) }
    }
}
