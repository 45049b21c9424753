// SPDX-License-Identifier: Apache-2.0

/// What a derived key is for (X9.24-3:2017 6.2.1, table 3); the raw value is the code in its derivation data.
///
/// Generation and encryption are the terminal's, verification and decryption what it does with an answer.
public enum DUKPTUsage: UInt16, Sendable, CaseIterable {
    case keyEncryption = 0x0002
    case pinEncryption = 0x1000
    case macGeneration = 0x2000
    case macVerification = 0x2001
    case macBothWays = 0x2002
    case dataEncryption = 0x3000
    case dataDecryption = 0x3001
    case dataBothWays = 0x3002
    /// An intermediate derivation key: the key of a transaction, before its working keys.
    case keyDerivation = 0x8000
    /// The initial key of a device.
    case initialKey = 0x8001

    /// The codes over messages of a direction.
    static func mac(_ direction: DUKPTDirection) -> DUKPTUsage {
        switch direction {
        case .request: .macGeneration
        case .response: .macVerification
        case .bothWays: .macBothWays
        }
    }

    /// The data of a direction.
    static func data(_ direction: DUKPTDirection) -> DUKPTUsage {
        switch direction {
        case .request: .dataEncryption
        case .response: .dataDecryption
        case .bothWays: .dataBothWays
        }
    }

    /// Whether a key of this usage can be of that type: HMAC makes codes alone, and only AES derives further.
    public func admits(_ type: DUKPTKeyType) -> Bool {
        switch self {
        case .macGeneration, .macVerification, .macBothWays: true
        case .keyDerivation, .initialKey: type.isAES
        case .keyEncryption, .pinEncryption, .dataEncryption, .dataDecryption, .dataBothWays: !type.isHMAC
        }
    }
}
