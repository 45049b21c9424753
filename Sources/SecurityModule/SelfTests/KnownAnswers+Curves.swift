// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension KnownAnswers {
    static func ecdsa() -> [UInt8] {
        guard
            let point = Hex.bytes(
                "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                    + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"),
            let signature = Hex.bytes(
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                    + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"),
            let key = try? P256PublicKey(point)
        else { return [] }
        return ["sample", "simple"].map { key.verifies(signature, of: Array($0.utf8)) ? 1 : 0 }
    }

    static func ecdh() -> [UInt8] {
        guard
            let peer = Hex.bytes(
                "045A3955C54A49645ED818F3774EA10971A1DB88C370D8966C5A6E88234ED5D820"
                    + "03B13F0DAD73F64532F42B8B2FA6D1450D9AB24896E95C24674298F2DA07CCDA"),
            let key = SecretKey(hex: "8087AB163864BFA81001C72F736B6D94E7612559AC4C847D06BA2171840684D6"),
            let secret = try? ECDH.sharedSecret(curve: .p256, privateKey: key, peer: peer)
        else { return [] }
        return secret.withBytes { Array($0) }
    }

    static func x963KDF() -> [UInt8] {
        guard let secret = SecretKey(hex: "96C05619D56C328AB95FE84B18264B08725B85E33FD34F08") else { return [] }
        return X963KDF.derive(secret: secret, sharedInfo: [], digest: .sha256, count: 16).withBytes { Array($0) }
    }
}
