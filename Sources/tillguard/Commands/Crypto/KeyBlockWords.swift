// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// What the letters of a key block's header stand for (ANSI X9.143:2021 tables 1 to 7).
enum KeyBlockWords {
    static func version(_ version: KeyBlockVersion) -> String {
        switch version {
        case .a: "TDES, variants of the protection key (deprecated)"
        case .b: "TDES, derived keys"
        case .c: "TDES, variants of the protection key"
        case .d: "AES-CBC, derived keys"
        case .e: "AES-CTR, derived keys (ISO 20038)"
        }
    }

    static func usage(_ usage: KeyUsage) -> String {
        usage.name ?? (usage.isProprietary ? "proprietary use" : "not in X9.143")
    }

    static func algorithm(_ algorithm: KeyAlgorithm) -> String {
        algorithm.name ?? (algorithm.isProprietary ? "proprietary" : "not in X9.143")
    }

    static func mode(_ mode: ModeOfUse) -> String {
        mode.name ?? (mode.isProprietary ? "proprietary" : "not in X9.143")
    }

    static func exportability(_ exportability: Exportability) -> String { exportability.name ?? "not in X9.143" }

    static func keyVersion(_ text: String) -> String {
        if text == "00" { return "no versioning" }
        return text.hasPrefix("c") ? "a component of a key" : "version of the key"
    }

    static func context(_ text: String) -> String {
        switch text.first {
        case "0": "determined by the protection key"
        case "1": "storage only"
        case "2": "key exchange only"
        default: "not in X9.143"
        }
    }

    static func optionalBlock(_ id: String) -> String {
        KeyBlockHeader.OptionalBlock.name(id) ?? "not in X9.143"
    }

    /// What is against the standard in an authentic block.
    static func finding(_ finding: KeyBlockFinding) -> String {
        switch finding {
        case .deprecatedVersion: "version A is deprecated"
        case .unknownUsage: "the key usage is not in X9.143"
        case .unusableAlgorithm: "the algorithm is not in X9.143, or withdrawn"
        case .unknownMode: "the mode of use is not in X9.143"
        case .unknownExportability: "the exportability is not E, N or S"
        case .keyVersion: "the key version is not two letters or digits"
        case .context: "the context is not 00, 10 or 20"
        case .algorithmOfUsage: "the usage does not allow this algorithm"
        case .modeOfUsage: "the usage does not allow this mode of use"
        case .optionalBlock(let id): "the optional block \(id) is not as X9.143 writes it"
        case .hashMissing: "the hash of the HMAC key is missing (HM)"
        case .checkValue(id: "KP"): "KP is not the check value of the protection key"
        case .checkValue(let id): "\(id) is not the check value of the key"
        case .keyLength: "the key has no length of its algorithm"
        case .weakKey(let error): "weak key: \(CryptoWords.strength(error))"
        case .weakProtectionKey(let error): "weak protection key: \(CryptoWords.strength(error))"
        case .strongerThanProtection: "the key is stronger than its protection key"
        case .smallLetters: "small letters in the key field"
        }
    }
}
