// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// The module's known-answer tests: each algorithm it uses, against an answer that a standard states.
enum KnownAnswers {
    /// The first test whose computed answer is not the known one.
    ///
    /// - Parameter unit: what the algorithm unit makes of an answer; the hardware's one say in it.
    static func firstFailure(_ unit: (KnownAnswerTest, [UInt8]) -> [UInt8]) -> KnownAnswerTest? {
        KnownAnswerTest.allCases.first { test in !constantTimeEquals(unit(test, compute(test)), answer(test)) }
    }

    private static func answer(_ test: KnownAnswerTest) -> [UInt8] {
        switch test {
        // NIST SP 800-67r1 Appendix B: the first block.
        case .tdes: [0xA8, 0x26, 0xFD, 0x8C, 0xE5, 0x3B, 0x85, 0x5F]
        // The GCM specification's test case 2 (McGrew and Viega): AES-128 ciphertext and tag.
        case .aes:
            [
                0x03, 0x88, 0xDA, 0xCE, 0x60, 0xB6, 0xA3, 0x92, 0xF3, 0x28, 0xC2, 0xB9, 0x71, 0xB2, 0xFE, 0x78,
                0xAB, 0x6E, 0x47, 0xD4, 0x2C, 0xEC, 0x13, 0xBD, 0xF5, 0x3A, 0x67, 0xB2, 0x12, 0x57, 0xBD, 0xDF,
            ]
        // RFC 4493 section 4, example 2.
        case .cmac:
            [0x07, 0x0A, 0x16, 0xB4, 0x6B, 0x4D, 0x41, 0x44, 0xF7, 0x9B, 0xDD, 0x9D, 0xD0, 0x4A, 0x28, 0x7C]
        // FIPS 180-2 B.1.
        case .sha256:
            [
                0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22, 0x23,
                0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17, 0x7A, 0x9C, 0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD,
            ]
        // ANSI X9.24-1:2009 A.4, the first transaction: the encrypted PIN block.
        case .tdesDUKPT: [0x1B, 0x9C, 0x18, 0x45, 0xEB, 0x99, 0x3A, 0x7A]
        // ANSI X9.24-3:2017 supplement, the first transaction: the block holds the PIN 1234.
        case .aesDUKPT: [1]
        // The published steps of an open acquirer gateway's tests (solo123/pgate, pos_mac_test): E267B6E2 in ASCII.
        case .unionPayMAC: Array("E267B6E2".utf8)
        // GB/T 32907-2016 A.1: the CBC-MAC of one block is its ciphertext.
        case .sm4:
            [0x68, 0x1E, 0xDF, 0x34, 0xD2, 0x06, 0x96, 0x5E, 0x86, 0xB3, 0xE9, 0x4F, 0x53, 0x6E, 0x42, 0x46]
        }
    }

    /// - Returns: nothing, which is never the answer, where the computation itself fails.
    private static func compute(_ test: KnownAnswerTest) -> [UInt8] {
        switch test {
        case .tdes:
            guard let key = SecretKey(hex: "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123") else { return [] }
            return Array("The qufc".utf8).withUnsafeBytes { RetailMAC.algorithm1(key: key, message: $0) }
        case .aes:
            let key = SecretKey(count: 16) { _ in }
            return AuthenticatedCipher(key: key).seal(plaintext: zeros(16), nonce: zeros(12))
        case .cmac:
            guard let key = SecretKey(hex: "2B7E151628AED2A6ABF7158809CF4F3C") else { return [] }
            return AESCMAC(key: key).code([
                0x6B, 0xC1, 0xBE, 0xE2, 0x2E, 0x40, 0x9F, 0x96, 0xE9, 0x3D, 0x7E, 0x11, 0x73, 0x93, 0x17, 0x2A,
            ])
        case .sha256: return SHA256.hash(Array("abc".utf8))
        case .tdesDUKPT: return tdesDUKPT()
        case .aesDUKPT: return aesDUKPT()
        case .unionPayMAC: return unionPayMAC()
        case .sm4: return sm4()
        }
    }

    private static func tdesDUKPT() -> [UInt8] {
        guard let bdk = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"),
            let ksn = TDESKeySerialNumber([0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xE0, 0x00, 0x01] as [UInt8]),
            let pan = PANDigits("4012345678909"), let pin = ClearPIN(digits: "1234"),
            let keys = try? TDESDUKPT.transactionKeys(bdk: bdk, ksn: ksn)
        else { return [] }
        return keys.encryptPINBlock(pin, pan: pan)
    }

    private static func aesDUKPT() -> [UInt8] {
        let block: [UInt8] = [
            0xA9, 0x12, 0x15, 0x03, 0x91, 0xAB, 0x65, 0xA6, 0x7E, 0x52, 0x88, 0x3D, 0x81, 0xCE, 0x2D, 0x15,
        ]
        guard let bdk = SecretKey(hex: "FEDCBA9876543210F1F1F1F1F1F1F1F1"), let pan = PANDigits("4111111111111111"),
            let expected = ClearPIN(digits: "1234"),
            let keys = try? AESDUKPT.transactionKeys(
                bdk: bdk, ksn: AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456, counter: 1)),
            let pin = try? keys.decryptPINBlock(block, pan: pan)
        else { return [] }
        return [pin.equals(expected) ? 1 : 0]
    }

    private static func unionPayMAC() -> [UInt8] {
        let message: [UInt8] = [
            0x12, 0x34, 0x56, 0x78, 0x90, 0xAB, 0xCD, 0xEF, 0xAB, 0xCD, 0xEF, 0x12, 0x34, 0x56, 0x78, 0x90,
        ]
        guard let key = SecretKey(hex: "2222222222222222") else { return [] }
        return UnionPayMAC.code(key: key, message: message)
    }

    private static func sm4() -> [UInt8] {
        let block: [UInt8] = [
            0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
        ]
        guard let key = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"),
            let code = try? SM4.mac(block, key: key)
        else { return [] }
        return code
    }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
