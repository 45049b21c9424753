// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct CipherCommand: CryptoCalculator {
    static let configuration = CommandConfiguration(
        commandName: "cipher", abstract: "TDES, AES or SM4 in ECB or CBC.",
        discussion: """
            Example: tillguard crypto cipher --algorithm sm4 --key 0123456789ABCDEFFEDCBA9876543210 \
            --data 0123456789ABCDEFFEDCBA9876543210

            JSON: algorithm, mode, ciphertext or plaintext.
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var message: CryptoMessage
    @Option(help: "The cipher.") var algorithm = CryptoKeyAlgorithm.aes
    @Option(help: "The key; @file or - for the standard input.") var key: CryptoInput
    @Option(help: "The initialisation vector, one block, for CBC.") var iv: CryptoInput?
    @Flag(help: "Decrypt instead of encrypt.") var decrypt = false

    func answer() throws -> CryptoAnswer {
        let data = try message.bytes()
        let key = try key.key("--key", algorithm.lengths)
        let result = try algorithm.transform(
            data, key: key, vector: try iv?.bytes("--iv", [algorithm.blockCount]), encrypting: !decrypt,
            name: message.data == nil ? "--text" : "--data")
        var answer = CryptoAnswer()
        answer.add("algorithm", "algorithm", algorithm.rawValue)
        answer.add("mode", "mode", iv == nil ? "ecb" : "cbc")
        answer.add(decrypt ? "plaintext" : "ciphertext", decrypt ? "plaintext" : "ciphertext", hex: result)
        return answer
    }
}

struct HashCommand: CryptoCalculator {
    enum Algorithm: String, ExpressibleByArgument, CaseIterable {
        case sha1, sha224, sha256, sha384, sha512, sm3

        var digest: DigestAlgorithm {
            switch self {
            case .sha1: .sha1
            case .sha224: .sha224
            case .sha256: .sha256
            case .sha384: .sha384
            case .sha512: .sha512
            case .sm3: .sm3
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "hash", abstract: "The digest of data: SHA-2, SM3, SHA-1.",
        discussion: """
            Example: tillguard crypto hash --algorithm sm3 --text a

            JSON: algorithm, digest.
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var message: CryptoMessage
    @Option(help: "The hash function.") var algorithm = Algorithm.sha256

    func answer() throws -> CryptoAnswer {
        var answer = CryptoAnswer()
        answer.add("algorithm", "algorithm", algorithm.rawValue)
        answer.add("digest", "digest", hex: algorithm.digest.hash(try message.bytes()))
        return answer
    }
}
