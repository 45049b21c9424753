// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct MACCommand: CryptoCalculator {
    enum Algorithm: String, ExpressibleByArgument, CaseIterable {
        case retail
        case retailTDES = "retail-tdes"
        case x99 = "x9.9"
        case tdesCBC = "tdes-cbc"
        case tdesCMAC = "tdes-cmac"
        case aesCMAC = "aes-cmac"
        case sm4CBC = "sm4-cbc"
        case sm4CMAC = "sm4-cmac"
        case hmacSHA1 = "hmac-sha1"
        case hmacSHA224 = "hmac-sha224"
        case hmacSHA256 = "hmac-sha256"
        case hmacSHA384 = "hmac-sha384"
        case hmacSHA512 = "hmac-sha512"
        case hmacSM3 = "hmac-sm3"
        case unionPay = "unionpay"
        case unionPaySM4 = "unionpay-sm4"

        /// Whether the padding of ISO 9797-1 is the caller's to choose.
        var takesPadding: Bool {
            switch self {
            case .retail, .retailTDES, .tdesCBC, .sm4CBC: true
            default: false
            }
        }
        /// UnionPay's code is eight characters of text already.
        var isText: Bool { self == .unionPay || self == .unionPaySM4 }
        var digest: DigestAlgorithm? {
            switch self {
            case .hmacSHA1: .sha1
            case .hmacSHA224: .sha224
            case .hmacSHA256: .sha256
            case .hmacSHA384: .sha384
            case .hmacSHA512: .sha512
            case .hmacSM3: .sm3
            default: nil
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "mac", abstract: "MACs: compute or verify, sixteen algorithms.",
        discussion: """
            retail is ISO 9797-1 algorithm 3 (X9.19), retail-tdes the same with two TDES keys, tdes-cbc \
            algorithm 1, x9.9 \
            single DES, unionpay the XOR and hexadecimal "ECB" MAC of UnionPay's terminals.

            Example: tillguard crypto mac --algorithm retail --padding 1 --key AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB \
            --text "hello world"

            JSON: algorithm, padding (where there is one), mac; verified (with --verify; exit 1 when it is not).
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var message: CryptoMessage
    @Option(help: "The algorithm.") var algorithm = Algorithm.retail
    @Option(help: "The key; @file or - for the standard input.") var key: CryptoInput
    @Option(help: "The second key, only for retail-tdes.") var secondKey: CryptoInput?
    @Option(help: "The padding method of ISO 9797-1: 1, 2 or 3; method 1 if not given.") var padding: Int?
    @Option(help: "The bytes of the MAC that count, from the left; all if not given.") var length: Int?
    @Option(help: "A MAC to verify, 4 bytes or more; eight characters with unionpay.") var verify: CryptoInput?

    func answer() throws -> CryptoAnswer {
        guard padding == nil || algorithm.takesPadding else {
            throw ValidationError("--padding: \(algorithm.rawValue) has its own")
        }
        guard secondKey == nil || algorithm == .retailTDES else {
            throw ValidationError("--second-key: only retail-tdes has one")
        }
        guard let method = MACPadding(rawValue: padding ?? 1) else {
            throw ValidationError("--padding: expected 1, 2 or 3, got \(padding ?? 1)")
        }
        let code = try code(try message.bytes(), method)
        guard let count = length ?? Optional(code.count), (4...code.count).contains(count) else {
            throw ValidationError("--length: expected 4 to \(code.count), got \(length ?? 0)")
        }
        let shown = Array(code.prefix(count))
        var answer = CryptoAnswer()
        answer.add("algorithm", "algorithm", algorithm.rawValue)
        if algorithm.takesPadding { answer.add("padding", "padding method", count: method.rawValue) }
        answer.add("mac", "MAC", algorithm.isText ? String(decoding: shown, as: UTF8.self) : Hex.text(shown))
        if let verify {
            let given: [UInt8]
            if algorithm.isText {
                given = Array(try verify.string("--verify").uppercased().utf8)
            } else {
                given = try verify.bytes("--verify", Array(4...code.count))
            }
            let isSame =
                (4...code.count).contains(given.count) && constantTimeEquals(Array(code.prefix(given.count)), given)
            answer.add(verified: isSame, else: "not the MAC of this data under this key")
        }
        return answer
    }

    private func code(_ bytes: [UInt8], _ padding: MACPadding) throws -> [UInt8] {
        func key(_ lengths: [Int]) throws -> SecretKey { try self.key.key("--key", lengths) }
        if let digest = algorithm.digest { return digest.hmac(key: try key([]), message: bytes) }
        switch algorithm {
        case .retail: return RetailMAC.code(key: try key([16]), message: bytes, padding: padding)
        case .retailTDES:
            guard let secondKey else { throw ValidationError("--second-key: retail-tdes needs it") }
            let first = try key([16, 24])
            let second = try secondKey.key("--second-key", [16, 24])
            return RetailMAC.code(first: first, second: second, message: bytes, padding: padding)
        case .x99: return Array(X99MAC.code(key: try key([8]), message: bytes))
        case .tdesCBC: return RetailMAC.algorithm1(key: try key([16, 24]), message: bytes, padding: padding)
        case .tdesCMAC: return TDESCMAC.code(key: try key([16, 24]), message: bytes)
        case .aesCMAC: return AESCMAC(key: try key([16, 24, 32])).code(bytes)
        case .sm4CBC: return try SM4.mac(bytes, key: try key([16]), padding: padding)
        case .sm4CMAC: return try SM4CMAC.code(key: try key([16]), message: bytes)
        case .unionPay: return UnionPayMAC.code(key: try key([8, 16, 24]), message: bytes)
        default: return try UnionPayMAC.sm4Code(key: try key([16]), message: bytes)
        }
    }
}
