// SPDX-License-Identifier: Apache-2.0

/// The algorithm a key is for: one character (X9.143:2021 table 3, ISO 20038:2017 table A.4). Open, since registrations
/// go on.
public struct KeyAlgorithm: RawRepresentable, Hashable, Sendable {
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

    /// AES: 16, 24 or 32 bytes.
    public static let aes = KeyAlgorithm("A")
    /// Single DES, withdrawn.
    public static let des = KeyAlgorithm("D")
    /// Elliptic curves.
    public static let ellipticCurve = KeyAlgorithm("E")
    /// HMAC, its hash in the optional block HM; with SHA-1 in ISO 20038. 16 to 64 bytes.
    public static let hmac = KeyAlgorithm("H")
    /// HMAC with SHA-2 (ISO 20038).
    public static let hmacSHA2 = KeyAlgorithm("I")
    /// HMAC with SHA-3 (ISO 20038).
    public static let hmacSHA3 = KeyAlgorithm("J")
    /// RSA.
    public static let rsa = KeyAlgorithm("R")
    /// DSA.
    public static let dsa = KeyAlgorithm("S")
    /// Triple DES: 16 or 24 bytes.
    public static let tdes = KeyAlgorithm("T")

    /// Every algorithm that the standards name.
    public static let registered: [KeyAlgorithm] = [
        .aes, .des, .ellipticCurve, .hmac, .hmacSHA2, .hmacSHA3, .rsa, .dsa, .tdes,
    ]

    /// A digit: reserved for proprietary use.
    public var isProprietary: Bool { FieldCode.isDigit(code) }

    /// Whether the standards name it.
    var isRegistered: Bool { Self.names.contains(code) }
    private static let names: LetterSet = "ADEHIJRST"

    /// HMAC by any of its letters.
    public var isHMAC: Bool { self == .hmac || self == .hmacSHA2 || self == .hmacSHA3 }

    /// Whether a key of it may have so many bytes; nil where the key is a structure of its own or unknown.
    public func takes(byteCount: Int) -> Bool? {
        switch self {
        case .tdes: byteCount == 16 || byteCount == 24
        case .aes: byteCount == 16 || byteCount == 24 || byteCount == 32
        case .des: byteCount == 8
        case .hmac, .hmacSHA2, .hmacSHA3: (16...64).contains(byteCount)
        default: nil
        }
    }

    /// What the standards call it; nil for what they do not name.
    public var name: String? {
        switch self {
        case .aes: "AES"
        case .des: "DES"
        case .ellipticCurve: "elliptic curve"
        case .hmac: "HMAC"
        case .hmacSHA2: "HMAC with SHA-2"
        case .hmacSHA3: "HMAC with SHA-3"
        case .rsa: "RSA"
        case .dsa: "DSA"
        case .tdes: "Triple DES"
        default: nil
        }
    }
}
