// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

struct DUKPTCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dukpt",
        abstract: "A DUKPT transaction: check values of its working keys, PIN block, MACs, data.",
        discussion: "A KSN of 10 bytes is TDES (X9.24-1), one of 12 bytes AES (X9.24-3).")
    @OptionGroup var output: CryptoCommand.Output
    @Option(help: "The base derivation key.") var bdk: String?
    @Option(help: "The initial key, instead of a base derivation key.") var ik: String?
    @Option(help: "The key serial number.") var ksn: String
    @Option(help: "A PIN to encrypt: format 0 with TDES, format 4 with AES.") var pin: String?
    @Option(help: "The PAN of the PIN.") var pan: String?
    @OptionGroup var message: CryptoMessage

    func run() throws {
        guard let ksn = KSN(bytes: try CryptoCommand.bytes(ksn, "ksn")) else {
            throw ValidationError("--ksn has 10 or 12 bytes")
        }
        guard ksn.isLegal else { throw ValidationError("--ksn has a counter that no transaction uses") }
        var answer: [JSON.Member] = [.init("counter", .integer(Int64(ksn.counter)))]
        switch ksn {
        case .tdes(let ksn): try tdes(ksn, &answer)
        case .aes(let ksn): try aes(ksn, &answer)
        }
        output.show(.object(answer))
    }

    /// The initial key as given or derived.
    private func initialKey(_ lengths: [Int], _ derive: (borrowing SecretKey) throws -> SecretKey) throws -> SecretKey {
        switch (bdk, ik) {
        case (let bdk?, nil): return try derive(try CryptoCommand.key(bdk, "bdk", lengths))
        case (nil, let ik?): return try CryptoCommand.key(ik, "ik", lengths)
        default: throw ValidationError("give either --bdk or --ik")
        }
    }

    private func tdes(_ ksn: TDESKeySerialNumber, _ answer: inout [JSON.Member]) throws {
        let initial = try initialKey([16]) { try TDESDUKPT.initialKey(bdk: $0, ksn: ksn) }
        answer.append(.init("initialKeyKCV", CryptoCommand.hex(KCV.tdes(initial))))
        let keys = try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
        for name in DUKPTCalculator.TDESWorkingKey.allCases {
            let value = KCV.tdes(DUKPTCalculator.workingKey(name, of: keys))
            answer.append(.init("\(name.rawValue)KCV", CryptoCommand.hex(value)))
        }
        if let pin {
            let block = keys.encryptPINBlock(
                try CryptoCommand.pin(pin), pan: try CryptoCommand.pan(try requiredPAN()))
            answer.append(.init("pinBlock", CryptoCommand.hex(block)))
        }
        if message.isGiven {
            let bytes = try message.bytes()
            answer.append(.init("requestMAC", CryptoCommand.hex(keys.requestMAC(bytes))))
            answer.append(.init("responseMAC", CryptoCommand.hex(keys.responseMAC(bytes))))
        }
    }

    private func aes(_ ksn: AESKeySerialNumber, _ answer: inout [JSON.Member]) throws {
        let initial = try initialKey([16, 24, 32]) { try AESDUKPT.initialKey(bdk: $0, ksn: ksn) }
        answer.append(.init("initialKeyKCV", CryptoCommand.hex(KCV.aes(initial))))
        let transaction = try DUKPTCalculator.transactionKey(initialKey: initial, ksn: ksn)
        let type: DUKPTCalculator.DerivedKeyType =
            switch initial.count {
            case 16: .aes128
            case 24: .aes192
            default: .aes256
            }
        let usages: [(String, UInt16)] = [
            ("pin", 0x1000), ("requestMAC", 0x2000), ("responseMAC", 0x2001), ("requestData", 0x3000),
            ("responseData", 0x3001),
        ]
        for (name, usage) in usages {
            let key = try DUKPTCalculator.workingKey(
                transactionKey: transaction, ksn: ksn, usageCode: usage, type: type)
            if let key { answer.append(.init("\(name)KCV", CryptoCommand.hex(KCV.aes(key)))) }
        }
        let keys = try AESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
        if let pin {
            let block = keys.encryptPINBlock(
                try CryptoCommand.pin(pin), pan: try CryptoCommand.pan(try requiredPAN()))
            answer.append(.init("pinBlock", CryptoCommand.hex(block)))
        }
        if message.isGiven {
            let bytes = try message.bytes()
            answer.append(.init("requestMAC", CryptoCommand.hex(keys.fullRequestMAC(bytes))))
            answer.append(.init("responseMAC", CryptoCommand.hex(keys.fullResponseMAC(bytes))))
        }
    }

    private func requiredPAN() throws -> String {
        guard let pan else { throw ValidationError("--pin needs --pan") }
        return pan
    }
}

struct MACCommand: ParsableCommand {
    enum Algorithm: String, ExpressibleByArgument, CaseIterable {
        case retail
        case tdesCBC = "tdes-cbc"
        case tdesCMAC = "tdes-cmac"
        case aesCMAC = "aes-cmac"
        case hmacSHA256 = "hmac-sha256"
        case hmacSHA384 = "hmac-sha384"
        case hmacSHA512 = "hmac-sha512"
        case hmacSM3 = "hmac-sm3"
        case sm4CBC = "sm4-cbc"
        case unionPay = "unionpay"
    }

    static let configuration = CommandConfiguration(
        commandName: "mac", abstract: "The MAC of data.",
        discussion: "Algorithms: \(Algorithm.allCases.map(\.rawValue).joined(separator: " "))")
    @OptionGroup var output: CryptoCommand.Output
    @OptionGroup var message: CryptoMessage
    @Option(help: "The key.") var key: String
    @Option(help: "The algorithm.") var algorithm = Algorithm.retail
    @Option(help: "The padding method of ISO 9797-1: 1, 2 or 3; CMAC and HMAC have their own.") var padding = 1

    func run() throws {
        guard let padding = MACPadding(rawValue: padding) else { throw ValidationError("--padding is 1, 2 or 3") }
        let bytes = try message.bytes()
        let code = try code(bytes, padding)
        // UnionPay's code is text already.
        let mac = algorithm == .unionPay ? JSON.string(String(decoding: code, as: UTF8.self)) : CryptoCommand.hex(code)
        output.show(["algorithm": .string(algorithm.rawValue), "mac": mac])
    }

    private func code(_ bytes: [UInt8], _ padding: MACPadding) throws -> [UInt8] {
        func key(_ lengths: [Int]) throws -> SecretKey { try CryptoCommand.key(self.key, "key", lengths) }
        switch algorithm {
        case .retail: return RetailMAC.code(key: try key([16]), message: bytes, padding: padding)
        case .tdesCBC:
            let key = try key([16, 24])
            return bytes.withUnsafeBytes { RetailMAC.algorithm1(key: key, message: $0, padding: padding) }
        case .tdesCMAC: return TDESCMAC.code(key: try key([16, 24]), message: bytes)
        case .aesCMAC: return AESCMAC(key: try key([16, 24, 32])).code(bytes)
        case .hmacSHA256: return DigestAlgorithm.sha256.hmac(key: try key(Array(1...128)), message: bytes)
        case .hmacSHA384: return DigestAlgorithm.sha384.hmac(key: try key(Array(1...128)), message: bytes)
        case .hmacSHA512: return DigestAlgorithm.sha512.hmac(key: try key(Array(1...128)), message: bytes)
        case .hmacSM3: return SM3.hmac(key: try key(Array(1...128)), message: bytes)
        case .unionPay: return UnionPayMAC.code(key: try key([8, 16, 24]), message: bytes)
        case .sm4CBC: return try SM4.mac(bytes, key: try key([16]), padding: padding)
        }
    }
}

struct SM3Command: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sm3", abstract: "The SM3 hash of data.")
    @OptionGroup var output: CryptoCommand.Output
    @OptionGroup var message: CryptoMessage

    func run() throws { output.show(["digest": CryptoCommand.hex(SM3.hash(try message.bytes()))]) }
}

struct SM4Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sm4", abstract: "SM4 over whole blocks: ECB, or CBC with a vector.")
    @OptionGroup var output: CryptoCommand.Output
    @OptionGroup var message: CryptoMessage
    @Option(help: "The key, 16 bytes.") var key: String
    @Option(help: "The initialisation vector, 16 bytes.") var iv: String?
    @Flag(help: "Decrypt instead.") var decrypt = false

    func run() throws {
        let key = try CryptoCommand.key(key, "key", [16])
        let bytes = try message.bytes()
        let result: [UInt8]
        if let iv {
            let vector = try CryptoCommand.bytes(iv, "iv")
            result =
                try decrypt
                ? SM4.decryptCBC(bytes, key: key, vector: vector) : SM4.encryptCBC(bytes, key: key, vector: vector)
        } else {
            result = try decrypt ? SM4.decryptECB(bytes, key: key) : SM4.encryptECB(bytes, key: key)
        }
        output.show([decrypt ? "plaintext" : "ciphertext": CryptoCommand.hex(result)])
    }
}
