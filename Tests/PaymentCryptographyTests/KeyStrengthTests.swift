// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing

@Suite struct `The strength of a key` {
    static let table: [(KeyAlgorithm, Int, Int?)] = [
        (.des, 8, 0), (.tdes, 8, 0), (.tdes, 16, 80), (.tdes, 24, 112), (.aes, 16, 128), (.aes, 24, 192),
        (.aes, 32, 256), (.hmac, 16, 128), (.hmac, 64, 256), (.hmacSHA2, 20, 160), (.rsa, 1_200, nil),
        (.ellipticCurve, 32, nil), (KeyAlgorithm(rawValue: "7"), 16, nil),
    ]

    @Test(arguments: table)
    func `is that of SP 800-57`(algorithm: KeyAlgorithm, byteCount: Int, bits: Int?) {
        #expect(KeyStrength(algorithm, byteCount: byteCount)?.bits == bits)
    }

    @Test(arguments: [(2_047, 0), (2_048, 112), (3_072, 128), (4_096, 152), (7_680, 192), (15_360, 256)])
    func `of RSA follows from its modulus`(modulusBits: Int, bits: Int) {
        #expect(KeyStrength(rsaModulusBits: modulusBits) == KeyStrength(bits: bits))
    }

    @Test func `is never less than that of what it protects`() throws {
        let order: [(KeyAlgorithm, Int)] = [(.tdes, 16), (.tdes, 24), (.aes, 16), (.aes, 24), (.aes, 32)]
        let strengths = try order.map { try #require(KeyStrength($0, byteCount: $1)) }
        for (low, weaker) in strengths.enumerated() {
            for (high, stronger) in strengths.enumerated() {
                #expect(stronger.mayProtect(weaker) == (low <= high))
            }
        }
    }
}
