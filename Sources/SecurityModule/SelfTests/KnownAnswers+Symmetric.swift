// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension KnownAnswers {
    static func tdes() -> [UInt8] {
        guard let key = SecretKey(hex: "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123") else { return [] }
        return Array("The qufc".utf8).withUnsafeBytes { RetailMAC.algorithm1(key: key, message: $0) }
    }

    static func cmac() -> [UInt8] {
        guard let key = SecretKey(hex: "2B7E151628AED2A6ABF7158809CF4F3C"),
            let message = Hex.bytes("6BC1BEE22E409F96E93D7E117393172A")
        else { return [] }
        return AESCMAC(key: key).code(message)
    }

    static func tdesDUKPT() -> [UInt8] {
        guard let bdk = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"),
            let ksn = TDESKeySerialNumber([0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xE0, 0x00, 0x01] as [UInt8]),
            let pan = PANDigits("4012345678909"), let pin = ClearPIN(digits: "1234"),
            let keys = try? TDESDUKPT.transactionKeys(bdk: bdk, ksn: ksn)
        else { return [] }
        return keys.encryptPINBlock(pin, pan: pan)
    }

    static func aesDUKPT() -> [UInt8] {
        guard let bdk = SecretKey(hex: "FEDCBA9876543210F1F1F1F1F1F1F1F1"), let pan = PANDigits("4111111111111111"),
            let block = Hex.bytes("A912150391AB65A67E52883D81CE2D15"), let expected = ClearPIN(digits: "1234"),
            let keys = try? AESDUKPT.transactionKeys(
                bdk: bdk, ksn: AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456, counter: 1)),
            let pin = try? keys.decryptPINBlock(block, pan: pan)
        else { return [] }
        return [pin.equals(expected) ? 1 : 0]
    }

    static func unionPayMAC() -> [UInt8] {
        guard let key = SecretKey(hex: "2222222222222222"),
            let message = Hex.bytes("1234567890ABCDEFABCDEF1234567890")
        else { return [] }
        return UnionPayMAC.code(key: key, message: message)
    }

    static func sm4() -> [UInt8] {
        guard let key = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"),
            let block = Hex.bytes("0123456789ABCDEFFEDCBA9876543210"), let code = try? SM4.mac(block, key: key)
        else { return [] }
        return code
    }

    static func retailMAC() -> [UInt8] {
        guard let key = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210") else { return [] }
        return RetailMAC.code(key: key, message: Array("Now is the time for it".utf8))
    }

    static func hmac() -> [UInt8] {
        guard let key = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210") else { return [] }
        return HMACSHA256.code(key: key, message: Array("abc".utf8))
    }

    static func kdf() -> [UInt8] {
        guard let master = SecretKey(hex: "2B7E151628AED2A6ABF7158809CF4F3C") else { return [] }
        return KDF.derive(master: master, label: "module record", context: [1, 2], count: 16).withBytes { Array($0) }
    }

    static func checkValues() -> [UInt8] {
        guard let aes = SecretKey(hex: "3F419E1CB7079442AA37474C2EFBF8B8"),
            let tdes = SecretKey(hex: "5DB50B454F8389ADCE573BE50861F2BF")
        else { return [] }
        return KCV.aes(aes) + KCV.tdes(tdes)
    }

    /// Both published blocks hold this key.
    static func keyBlock(_ block: String, under key: consuming SecretKey?) -> [UInt8] {
        guard let key, let expected = SecretKey(hex: "3F419E1CB7079442AA37474C2EFBF8B8"),
            let held = try? KeyBlock.unwrap(block, under: key)
        else { return [] }
        return [held.key.equals(expected) ? 1 : 0]
    }

    static func chipKey() -> [UInt8] {
        guard let issuer = SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"), let pan = PANDigits("12345678901234567"),
            let sequence = PANSequenceNumber("45"),
            let card = try? ICCMasterKey(issuerMasterKey: issuer, pan: pan, sequence: sequence, option: .a)
        else { return [] }
        return card.key.withBytes { Array($0) }
    }

    static func cryptogram() -> [UInt8] {
        guard let key = SecretKey(hex: "F84315C7B95BD3B0C74694922C3808B0"), let card = try? ICCMasterKey(key: key),
            let diversifier = Hex.bytes("1234567890123456"), let input = Hex.bytes("0123456789ABCDEF0123456789ABCDEF"),
            let session = try? EMVSessionKey(master: card, diversifier: diversifier)
        else { return [] }
        return ApplicationCryptogram.value(key: session, input: input)
    }
}
