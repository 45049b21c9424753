// SPDX-License-Identifier: Apache-2.0

/// The hash of an HMAC key, as the optional block HM names it (X9.143:2021 table 13). Open, since registrations go on.
public struct HMACHash: RawRepresentable, Hashable, Sendable {
    /// Two hexadecimal digits.
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let sha1 = HMACHash(rawValue: "10")
    public static let sha224 = HMACHash(rawValue: "20")
    public static let sha256 = HMACHash(rawValue: "21")
    public static let sha384 = HMACHash(rawValue: "22")
    public static let sha512 = HMACHash(rawValue: "23")
    public static let sha512Of224 = HMACHash(rawValue: "24")
    public static let sha512Of256 = HMACHash(rawValue: "25")
    public static let sha3Of224 = HMACHash(rawValue: "30")
    public static let sha3Of256 = HMACHash(rawValue: "31")
    public static let sha3Of384 = HMACHash(rawValue: "32")
    public static let sha3Of512 = HMACHash(rawValue: "33")
    public static let shake128 = HMACHash(rawValue: "40")
    public static let shake256 = HMACHash(rawValue: "41")

    /// Every hash that the standard names.
    public static let registered: [HMACHash] = [
        .sha1, .sha224, .sha256, .sha384, .sha512, .sha512Of224, .sha512Of256, .sha3Of224, .sha3Of256, .sha3Of384,
        .sha3Of512, .shake128, .shake256,
    ]

    /// What the standard calls it; nil for what it does not name.
    public var name: String? {
        switch self {
        case .sha1: "SHA-1"
        case .sha224: "SHA-224"
        case .sha256: "SHA-256"
        case .sha384: "SHA-384"
        case .sha512: "SHA-512"
        case .sha512Of224: "SHA-512/224"
        case .sha512Of256: "SHA-512/256"
        case .sha3Of224: "SHA3-224"
        case .sha3Of256: "SHA3-256"
        case .sha3Of384: "SHA3-384"
        case .sha3Of512: "SHA3-512"
        case .shake128: "SHAKE128"
        case .shake256: "SHAKE256"
        default: nil
        }
    }
}
