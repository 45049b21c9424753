// SPDX-License-Identifier: Apache-2.0

/// The types of derived key (X9.24-3:2017 6.2.1, table 4).
public enum DUKPTKeyType: String, Sendable, CaseIterable {
    case tdes2 = "TDES2"
    case tdes3 = "TDES3"
    case aes128 = "AES128"
    case aes192 = "AES192"
    case aes256 = "AES256"
    case hmac128 = "HMAC128"
    case hmac192 = "HMAC192"
    case hmac256 = "HMAC256"

    /// The type of an AES key.
    public init(_ length: AESKeyLength) {
        switch length {
        case .aes128: self = .aes128
        case .aes192: self = .aes192
        case .aes256: self = .aes256
        }
    }

    /// The bytes of such a key.
    public var byteCount: Int {
        switch self {
        case .tdes2, .aes128, .hmac128: 16
        case .tdes3, .aes192, .hmac192: 24
        case .aes256, .hmac256: 32
        }
    }

    /// What a parent must have at least.
    public var strength: KeyStrength {
        guard let strength = KeyStrength(isAES ? .aes : isHMAC ? .hmac : .tdes, byteCount: byteCount) else {
            preconditionFailure("the strength of a derived key follows from its length")
        }
        return strength
    }

    /// The algorithm indicator of the derivation data.
    var indicator: UInt16 {
        switch self {
        case .tdes2: 0
        case .tdes3: 1
        case .aes128: 2
        case .aes192: 3
        case .aes256: 4
        case .hmac128, .hmac192, .hmac256: 5
        }
    }

    /// Whether it is an AES key of any length.
    public var isAES: Bool { self == .aes128 || self == .aes192 || self == .aes256 }
    /// Whether it is an HMAC key of any length.
    public var isHMAC: Bool { indicator == 5 }
}
