// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

/// The ciphers whose keys the calculators know.
enum CryptoKeyAlgorithm: String, ExpressibleByArgument, CaseIterable {
    case tdes, aes, sm4

    /// The bytes of a key.
    var lengths: [Int] {
        switch self {
        case .tdes: [16, 24]
        case .aes: [16, 24, 32]
        case .sm4: [16]
        }
    }

    var blockCount: Int { self == .tdes ? 8 : 16 }

    /// Zero block for TDES and SM4 (3 bytes), CMAC for AES (5 bytes). A single-length DES key is taken as well.
    func checkValue(_ key: borrowing SecretKey) throws -> [UInt8] {
        switch self {
        case .tdes: key.count == 8 ? KCV.des(key) : KCV.tdes(key)
        case .aes: KCV.aes(key)
        case .sm4: try SM4.kcv(key)
        }
    }

    /// SM4 keys are as long as AES keys, and only a repeated byte makes one weak.
    var guarded: KeyAlgorithm { self == .tdes ? .tdes : .aes }

    /// SM4 has no letter in X9.143.
    var blockLetter: KeyAlgorithm? {
        switch self {
        case .tdes: .tdes
        case .aes: .aes
        case .sm4: nil
        }
    }

    /// What somebody who uses such a key ought to know; a test key may be weak.
    func notes(_ key: borrowing SecretKey) -> [String] {
        guard key.count != 8 else { return ["single DES, withdrawn everywhere"] }
        do throws(KeyStrengthError) {
            try KeyGuard.check(key, for: guarded)
            return []
        } catch { return ["weak key: \(CryptoWords.strength(error))"] }
    }

    /// A new key that is sound, with odd parity if it is one of DES.
    func random(count: Int) throws -> SecretKey {
        let key = SecretKey.random(count: count)
        guard self == .tdes else { return key }
        let odd = key.withOddParity()
        try KeyGuard.check(odd, for: .tdes)
        return odd
    }

    /// Whole blocks through the cipher: CBC with a vector, ECB without.
    func transform(
        _ data: [UInt8], key: borrowing SecretKey, vector: [UInt8]?, encrypting: Bool, name: String
    ) throws -> [UInt8] {
        guard !data.isEmpty, data.count % blockCount == 0 else {
            throw ValidationError("\(name): expected whole blocks of \(blockCount) bytes, got \(data.count) bytes")
        }
        if let vector, vector.count != blockCount {
            throw ValidationError("--iv: expected \(blockCount) bytes, got \(vector.count)")
        }
        let result: [UInt8]?
        switch self {
        case .tdes: result = CipherCalculator.tdes(data, key: key, vector: vector, encrypting: encrypting)
        case .aes: result = CipherCalculator.aes(data, key: key, vector: vector, encrypting: encrypting)
        case .sm4:
            if let vector {
                result =
                    try encrypting
                    ? SM4.encryptCBC(data, key: key, vector: vector) : SM4.decryptCBC(data, key: key, vector: vector)
            } else {
                result = try encrypting ? SM4.encryptECB(data, key: key) : SM4.decryptECB(data, key: key)
            }
        }
        guard let result else { throw ValidationError("--key: \(key.count) bytes is no key length of \(rawValue)") }
        return result
    }
}

extension CryptoAnswer {
    /// Algorithm, length and check value of a key, never the key.
    mutating func add(key: borrowing SecretKey, _ algorithm: CryptoKeyAlgorithm) throws {
        add("algorithm", "algorithm", algorithm.rawValue)
        let count = key.count
        add("bits", "bits", count: count * 8)
        add("kcv", "key check value", hex: try algorithm.checkValue(key))
    }
}
