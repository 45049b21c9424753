// SPDX-License-Identifier: Apache-2.0

/// The operations a key may perform: one character (X9.143:2021 table 4). Open, since registrations go on.
public struct ModeOfUse: RawRepresentable, Hashable, Sendable {
    /// Its character, 0 for none.
    let code: UInt8

    init(code: UInt8) { self.code = code }

    /// A text that no header has room for, or cannot carry, counts as empty.
    public init(rawValue: String) { code = FieldCode.letter(rawValue) }

    private init(_ letter: Unicode.Scalar) { code = UInt8(ascii: letter) }

    public var rawValue: String { FieldCode.text(letter: code) }

    // Those that come with RawRepresentable would compare texts.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// Encrypt and decrypt, or wrap and unwrap.
    public static let both = ModeOfUse("B")
    /// Generate and verify.
    public static let generateAndVerify = ModeOfUse("C")
    /// Decrypt or unwrap.
    public static let decrypt = ModeOfUse("D")
    /// Encrypt or wrap.
    public static let encrypt = ModeOfUse("E")
    /// Generate.
    public static let generate = ModeOfUse("G")
    /// No restriction but that of the usage.
    public static let unrestricted = ModeOfUse("N")
    /// Sign.
    public static let sign = ModeOfUse("S")
    /// Sign and decrypt.
    public static let signAndDecrypt = ModeOfUse("T")
    /// Verify.
    public static let verify = ModeOfUse("V")
    /// Derive keys.
    public static let derive = ModeOfUse("X")
    /// Create variants of the key.
    public static let createVariants = ModeOfUse("Y")

    /// Every mode that the standard names, in its order.
    public static let registered: [ModeOfUse] = [
        .both, .generateAndVerify, .decrypt, .encrypt, .generate, .unrestricted, .sign, .signAndDecrypt, .verify,
        .derive, .createVariants,
    ]

    /// A digit: reserved for proprietary use.
    public var isProprietary: Bool { FieldCode.isDigit(code) }

    /// Whether the standard names it.
    var isRegistered: Bool { Self.names.contains(code) }
    private static let names: LetterSet = "BCDEGNSTVXY"

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
