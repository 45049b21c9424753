// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite("Deterministic ECDSA")
struct DeterministicSignatureTests {
    /// RFC 6979 A.2.5, with SHA-256.
    private static let scalar = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
    private static let known: [(message: String, signature: String)] = [
        (
            "sample",
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        ),
        (
            "test",
            "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
                + "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
        ),
    ]

    @Test("the signatures of RFC 6979 come out, and verify like any other")
    func vectors() throws {
        let bytes = try #require(Hex.bytes(Self.scalar))
        let key = try P256PrivateKey(scalar: SecretKey(count: bytes.count) { $0.copyBytes(from: bytes) })
        for (message, expected) in Self.known {
            let digest = SHA256.hash(Array(message.utf8))
            let signature = try key.deterministicSignature(ofDigest: digest)
            #expect(signature == Hex.bytes(expected))
            #expect(try key.deterministicSignature(ofDigest: digest) == signature)
            #expect(key.publicKey.verifies(signature, ofDigest: digest))
            #expect(!key.publicKey.verifies(signature, ofDigest: SHA256.hash(digest)))
        }
    }

    @Test("digests at the ends of their range are signed, and another length is refused")
    func limits() throws {
        let key = try P256PrivateKey.generate()
        for byte in [0x00, 0x01, 0x80, 0xFF] as [UInt8] {
            let digest = [UInt8](repeating: byte, count: 32)
            #expect(key.publicKey.verifies(try key.deterministicSignature(ofDigest: digest), ofDigest: digest))
        }
        for count in [0, 31, 33] {
            #expect(throws: CurveError.wrongLength(count)) {
                try key.deterministicSignature(ofDigest: [UInt8](repeating: 1, count: count))
            }
        }
    }
}
