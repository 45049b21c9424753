// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

extension DUKPTKeyType: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument.uppercased()) }

    /// Nil for HMAC, whose keys have no check value of their own.
    var algorithm: CryptoKeyAlgorithm? {
        switch self {
        case .tdes2, .tdes3: .tdes
        case .aes128, .aes192, .aes256: .aes
        case .hmac128, .hmac192, .hmac256: nil
        }
    }
}

/// What a working key is for; the names of X9.24-3 table 3, as the terminal sees it.
enum DUKPTPurpose: String, CaseIterable {
    case pin, macGeneration, macVerification, macBoth, dataEncryption, dataDecryption, dataBoth, keyEncryption

    var label: String {
        switch self {
        case .pin: "PIN"
        case .macGeneration: "MAC of the request"
        case .macVerification: "MAC of the response"
        case .macBoth: "MAC of both"
        case .dataEncryption: "data of the request"
        case .dataDecryption: "data of the response"
        case .dataBoth: "data of both"
        case .keyEncryption: "key encryption"
        }
    }

    var usage: DUKPTUsage {
        switch self {
        case .keyEncryption: .keyEncryption
        case .pin: .pinEncryption
        case .macGeneration: .macGeneration
        case .macVerification: .macVerification
        case .macBoth: .macBothWays
        case .dataEncryption: .dataEncryption
        case .dataDecryption: .dataDecryption
        case .dataBoth: .dataBothWays
        }
    }
}

/// The working keys of one transaction of either scheme, each derived when it is asked for.
struct DUKPTWorkingKeys: ~Copyable {
    let ksn: KSN
    /// The type of the working keys.
    let type: DUKPTKeyType
    private let initialKey: SecretKey

    init(ksn: KSN, initialKey: consuming SecretKey, type: DUKPTKeyType?) throws {
        guard ksn.isLegal else { throw DUKPTError.illegalCounter(ksn.counter) }
        let count = initialKey.count
        let own: DUKPTKeyType
        switch ksn {
        case .tdes:
            guard type == nil || type == .tdes2 else {
                throw ValidationError("--type: TDES DUKPT has working keys of TDES2 only")
            }
            own = .tdes2
        case .aes:
            guard let length = AESKeyLength(rawValue: count) else { throw DUKPTError.wrongKeyLength(count) }
            own = DUKPTKeyType(length)
        }
        self.ksn = ksn
        self.type = type ?? own
        self.initialKey = initialKey
    }

    var purposes: [DUKPTPurpose] {
        // TDES DUKPT has a variant for each but key encryption.
        guard case .aes = ksn else { return DUKPTPurpose.allCases.filter { $0 != .keyEncryption } }
        return DUKPTPurpose.allCases.filter { $0.usage.admits(type) }
    }

    func key(_ purpose: DUKPTPurpose) throws -> SecretKey {
        switch ksn {
        case .tdes(let ksn):
            let keys = try TDESDUKPT.transactionKeys(initialKey: initialKey, ksn: ksn)
            let key = DUKPTCalculator.workingKey(purpose.usage, of: keys)
            guard let key else { throw ValidationError("TDES DUKPT has no key for this") }
            return key
        case .aes(let ksn):
            let transaction = try DUKPTCalculator.transactionKey(initialKey: initialKey, ksn: ksn)
            return try DUKPTCalculator.workingKey(
                transactionKey: transaction, ksn: ksn, usage: purpose.usage, type: type)
        }
    }

    /// X9.19 of TDES DUKPT, else CMAC or HMAC-SHA-256 by the type of the working keys.
    func mac(_ message: [UInt8], _ purpose: DUKPTPurpose) throws -> [UInt8] {
        let key = try key(purpose)
        if case .tdes = ksn { return RetailMAC.code(key: key, message: message) }
        switch type.algorithm {
        case .aes: return AESCMAC(key: key).code(message)
        case .tdes: return TDESCMAC.code(key: key, message: message)
        default: return DigestAlgorithm.sha256.hmac(key: key, message: message)
        }
    }

    var macName: String {
        if case .tdes = ksn { return "retail (X9.19)" }
        switch type.algorithm {
        case .aes: return "AES-CMAC"
        case .tdes: return "TDES-CMAC"
        default: return "HMAC-SHA-256"
        }
    }
}
