// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// The known-answer tests of a module, a terminal's or a host's: each algorithm that either uses, against an answer that a
/// standard or a published example states.
///
/// RSA and SM2 have none: no module uses them (TR-34 and the calculators do). The key at rest of a passcode, scrypt, takes
/// as long as all the rest together many times over, and a wrong one lets nobody in.
enum KnownAnswers {
    /// The first test whose computed answer is not the known one.
    ///
    /// - Parameter unit: what the algorithm unit makes of an answer; the hardware's one say in it.
    static func firstFailure(_ unit: (KnownAnswerTest, [UInt8]) -> [UInt8]) -> KnownAnswerTest? {
        KnownAnswerTest.allCases.first { test in
            guard let known = Hex.bytes(answer(test)) else { return true }
            return !constantTimeEquals(unit(test, compute(test)), known)
        }
    }

    /// In hexadecimal digits. Where the computation itself compares, `01` stands for equal.
    static func answer(_ test: KnownAnswerTest) -> String {
        switch test {
        // NIST SP 800-67r1 Appendix B: the first block.
        case .tdes: "A826FD8CE53B855F"
        // The GCM specification's test case 2 (McGrew and Viega): AES-128 ciphertext and tag.
        case .aes: "0388DACE60B6A392F328C2B971B2FE78AB6E47D42CEC13BDF53A67B21257BDDF"
        // RFC 4493 section 4, example 2.
        case .cmac: "070A16B46B4D4144F79BDD9DD04A287C"
        // FIPS 180-2 B.1.
        case .sha256: "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
        // ANSI X9.24-1:2009 A.4, the first transaction: the encrypted PIN block.
        case .tdesDUKPT: "1B9C1845EB993A7A"
        // ANSI X9.24-3:2017 supplement, the first transaction: the block holds the PIN 1234.
        case .aesDUKPT: "01"
        // The published steps of an open acquirer gateway's tests (solo123/pgate, pos_mac_test): E267B6E2 in ASCII.
        case .unionPayMAC: "4532363742364532"
        // GB/T 32907-2016 A.1: the CBC-MAC of one block is its ciphertext.
        case .sm4: "681EDF34D206965E86B3E94F536E4246"
        // ISO 9797-1:2011 B.4, algorithm 3 with padding 1.
        case .retailMAC: "2E2B1428CC78254F"
        // ISO 9797-2:2011 B.3.4.
        case .hmac: "C3B53B9897D72197B240F08715E5C830886FE2F2EFC2E5A8ACD9D5405098863B"
        // SP 800-108 counter mode over RFC 4493's key, by another implementation (cryptography, CMAC).
        case .kdf: "A07983994DA3C3ECC4312480584F6636"
        // ISO 9564-1's worked fields, each under the two-key TDES key of X9.24 by another implementation (cryptography).
        case .pinFormat0: "230B4C43B8BA2C5C"
        case .pinFormat1: "01"
        case .pinFormat2: "8B502900D84D3ABA"
        case .pinFormat3: "01"
        // ep2 eft/pos 2000 Security Specification 8.0.0 section 8.4.
        case .pinFormat4: "01"
        // A pinpad's worked example (blog.csdn.net/M_Kerry/article/details/104625499): the block in clear.
        case .pinSM4: "06123654FFFFFFFFFFFF99FEFF88D977"
        // Offset and PVV as psec's tests state them (knovichikhin/psec, test_pin).
        case .ibm3624: "01010101"
        case .visaPVV: "03020404"
        // TR-31:2018 A.7.2.2 and A.7.4: both hold the same key.
        case .keyBlockTDES, .keyBlockAES: "01"
        // RFC 6979 A.2.5: verified, and refused with another message.
        case .ecdsa: "0100"
        // NIST CAVS for SP 800-56A, P-256.
        case .ecdh: "0CB890A0DCC277C3DDE0F91B4322A32E6365D7EC85316185D3286B4977849410"
        // NIST CAVS 12.0 for ANSI X9.63, SHA-256.
        case .x963KDF: "443024C3DAE66B95E6F5670601558F71"
        // ANSI X9.143:2021 8.1 (AES), payShield 10K sample (TDES).
        case .checkValue: "08793E25AB5C9405"
        // EMV Book 2 A1.4.1 (option A) and A1.3.1 with a cryptogram, as pyemv's tests state them (knovichikhin/pyemv).
        case .chipKey: "946DC1A8C78A624519BC4645CB073737"
        case .cryptogram: "4B46013359B7A58B"
        }
    }

    /// - Returns: nothing, which is never the answer, where the computation itself fails.
    private static func compute(_ test: KnownAnswerTest) -> [UInt8] {
        switch test {
        case .tdes: tdes()
        case .aes: AuthenticatedCipher(key: SecretKey(count: 16) { _ in }).seal(plaintext: zeros(16), nonce: zeros(12))
        case .cmac: cmac()
        case .sha256: SHA256.hash(Array("abc".utf8))
        case .tdesDUKPT: tdesDUKPT()
        case .aesDUKPT: aesDUKPT()
        case .unionPayMAC: unionPayMAC()
        case .sm4: sm4()
        case .retailMAC: retailMAC()
        case .hmac: hmac()
        case .kdf: kdf()
        case .pinFormat0: encrypted("1234", .format0)
        case .pinFormat1: holds("5FC6DA8B769F8E85", "12345", .format1)
        case .pinFormat2: encrypted("123456789", .format2)
        case .pinFormat3: holds("5F58BF6070565524", "1234", .format3)
        case .pinFormat4: format4()
        case .pinSM4: pinSM4()
        case .ibm3624: ibm3624()
        case .visaPVV: visaPVV()
        case .keyBlockTDES:
            keyBlock(
                "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E",
                under: SecretKey(hex: "DD7515F2BFC17F85CE48F3CA25CB21F6"))
        case .keyBlockAES:
            keyBlock(
                "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A2"
                    + "7E8E31DA05F7425509593D03A457DC34",
                under: SecretKey(hex: "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"))
        case .ecdsa: ecdsa()
        case .ecdh: ecdh()
        case .x963KDF: x963KDF()
        case .checkValue: checkValues()
        case .chipKey: chipKey()
        case .cryptogram: cryptogram()
        }
    }

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
