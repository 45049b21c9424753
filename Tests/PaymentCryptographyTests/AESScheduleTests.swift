// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite("AES on single blocks")
struct AESScheduleTests {
    /// FIPS 197 Appendix C: the plaintext 00112233…EEFF under the keys 000102….
    static let answers = [
        (16, "69C4E0D86A7B0430D8CDB78070B4C55A"), (24, "DDA97CA4864CDFE06EAF70A0EC0D7191"),
        (32, "8EA2B7CA516745BFEAFC49904B496089"),
    ]

    private func key(_ count: Int) -> SecretKey {
        SecretKey(count: count) { for index in 0..<count { $0[index] = UInt8(index) } }
    }

    @Test("the known answers of FIPS 197, both ways", arguments: answers)
    func knownAnswers(count: Int, ciphertext: String) throws {
        let plaintext = Block(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)
        let expected = try #require(Hex.bytes(ciphertext)).withUnsafeBytes { $0.loadUnaligned(as: Block.self) }
        let key = key(count)
        let encryption = key.withBytes { AESBlockCipher(key: $0) }
        #expect(encryption.transform(plaintext) == expected)
        let decryption = key.withBytes { AESBlockCipher(key: $0, encrypting: false) }
        #expect(decryption.transform(expected) == plaintext)
    }

    @Test("the processor's and libcrypto's agree on random keys and blocks, both ways", arguments: [16, 24, 32])
    func agreesWithLibcrypto(count: Int) {
        let memory = SecretKey(count: 2 * AESSchedule.byteCount) { _ in }
        let here = AESSchedule(at: memory.base)
        let there = AESSchedule(at: memory.base + AESSchedule.byteCount, inHardware: false)
        for _ in 0..<500 {
            let key = SecretKey.random(count: count)
            let block = Block(high: RandomBytes.word(), low: RandomBytes.word())
            key.withBytes {
                here.setEncryptionKey($0)
                there.setEncryptionKey($0)
            }
            let ciphertext = there.encrypt(block)
            #expect(here.encrypt(block) == ciphertext)
            key.withBytes {
                here.setDecryptionKey($0)
                there.setDecryptionKey($0)
            }
            #expect(here.decrypt(ciphertext) == block)
            #expect(there.decrypt(ciphertext) == block)
        }
        // The views end before their memory does.
        withExtendedLifetime(memory) { _ in }
    }
}
