// SPDX-License-Identifier: Apache-2.0

/// The operations a key may perform: one character (X9.143:2021 table 4). Open, since registrations go on.
public struct ModeOfUse: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Encrypt and decrypt, or wrap and unwrap.
    public static let both = ModeOfUse(rawValue: "B")
    /// Generate and verify.
    public static let generateAndVerify = ModeOfUse(rawValue: "C")
    /// Decrypt or unwrap.
    public static let decrypt = ModeOfUse(rawValue: "D")
    /// Encrypt or wrap.
    public static let encrypt = ModeOfUse(rawValue: "E")
    /// Generate.
    public static let generate = ModeOfUse(rawValue: "G")
    /// No restriction but that of the usage.
    public static let unrestricted = ModeOfUse(rawValue: "N")
    /// Sign.
    public static let sign = ModeOfUse(rawValue: "S")
    /// Sign and decrypt.
    public static let signAndDecrypt = ModeOfUse(rawValue: "T")
    /// Verify.
    public static let verify = ModeOfUse(rawValue: "V")
    /// Derive keys.
    public static let derive = ModeOfUse(rawValue: "X")
    /// Create variants of the key.
    public static let createVariants = ModeOfUse(rawValue: "Y")

    /// Every mode that the standard names, in its order.
    public static let registered: [ModeOfUse] = [
        .both, .generateAndVerify, .decrypt, .encrypt, .generate, .unrestricted, .sign, .signAndDecrypt, .verify,
        .derive, .createVariants,
    ]

    /// A digit: reserved for proprietary use.
    public var isProprietary: Bool { rawValue.isOneDigit }

    /// What the standard calls it; nil for what it does not name.
    public var name: String? {
        switch self {
        case .both: "encrypt and decrypt, or wrap and unwrap"
        case .generateAndVerify: "generate and verify"
        case .decrypt: "decrypt or unwrap only"
        case .encrypt: "encrypt or wrap only"
        case .generate: "generate only"
        case .unrestricted: "no restriction"
        case .sign: "sign only"
        case .signAndDecrypt: "sign and decrypt"
        case .verify: "verify only"
        case .derive: "derive keys"
        case .createVariants: "create key variants"
        default: nil
        }
    }
}
