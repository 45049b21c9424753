// SPDX-License-Identifier: Apache-2.0

/// How a key block binds its header to its key (ANSI X9.143:2021 6.2).
public enum KeyBlockVersion: String, Sendable, CaseIterable {
    /// TDES, variants of the protection key; read only.
    case a = "A"
    /// TDES, derived keys.
    case b = "B"
    /// TDES, variants of the protection key; read only.
    case c = "C"
    /// AES-CBC, derived keys.
    case d = "D"
    /// AES-CTR, derived keys (ISO 20038).
    case e = "E"

    var usesAES: Bool { self == .d || self == .e }
    var isReadOnly: Bool { self == .a || self == .c }
    var blockBytes: Int { usesAES ? 16 : 8 }
    var macBytes: Int { usesAES ? 16 : self == .b ? 8 : 4 }
}

/// What a key may be used for: two characters (X9.143 table 2). Open, since registrations go on.
public struct KeyUsage: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Base derivation key.
    public static let baseDerivation = KeyUsage(rawValue: "B0")
    /// Initial DUKPT key.
    public static let initialDUKPT = KeyUsage(rawValue: "B1")
    /// Card verification key.
    public static let cardVerification = KeyUsage(rawValue: "C0")
    /// Data encryption.
    public static let dataEncryption = KeyUsage(rawValue: "D0")
    /// Key encryption.
    public static let keyEncryption = KeyUsage(rawValue: "K0")
    /// Key block protection.
    public static let keyBlockProtection = KeyUsage(rawValue: "K1")
    /// ISO 9797-1 MAC algorithm 3.
    public static let retailMAC = KeyUsage(rawValue: "M3")
    /// CMAC.
    public static let cmac = KeyUsage(rawValue: "M6")
    /// HMAC.
    public static let hmac = KeyUsage(rawValue: "M7")
    /// PIN encryption.
    public static let pinEncryption = KeyUsage(rawValue: "P0")
    /// PIN verification by IBM 3624.
    public static let pinVerificationIBM3624 = KeyUsage(rawValue: "V1")
    /// PIN verification by Visa PVV.
    public static let pinVerificationVisaPVV = KeyUsage(rawValue: "V2")
}

/// The algorithm a key is for: one character (X9.143 table 3).
public struct KeyBlockAlgorithm: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// AES.
    public static let aes = KeyBlockAlgorithm(rawValue: "A")
    /// Triple DES.
    public static let tdes = KeyBlockAlgorithm(rawValue: "T")
    /// HMAC.
    public static let hmac = KeyBlockAlgorithm(rawValue: "H")
}

/// The operations a key may perform: one character (X9.143 table 4).
public struct KeyModeOfUse: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Encrypt and decrypt, or wrap and unwrap.
    public static let both = KeyModeOfUse(rawValue: "B")
    /// Generate and verify.
    public static let generateAndVerify = KeyModeOfUse(rawValue: "C")
    /// Decrypt or unwrap.
    public static let decrypt = KeyModeOfUse(rawValue: "D")
    /// Encrypt or wrap.
    public static let encrypt = KeyModeOfUse(rawValue: "E")
    /// Generate.
    public static let generate = KeyModeOfUse(rawValue: "G")
    /// No restriction.
    public static let unrestricted = KeyModeOfUse(rawValue: "N")
    /// Verify.
    public static let verify = KeyModeOfUse(rawValue: "V")
    /// Derive keys.
    public static let derive = KeyModeOfUse(rawValue: "X")
}

/// Whether a key may leave in another key block (X9.143 table 6).
public enum KeyExportability: String, Sendable, CaseIterable {
    /// Under a key in a form of X9.24.
    case exportable = "E"
    /// Never.
    case nonExportable = "N"
    /// Under any key-encryption key.
    case sensitive = "S"
}

/// The attributes of a key, authenticated with it (ANSI X9.143:2021 6.3, TR-31:2018).
public struct KeyBlockHeader: Equatable, Sendable {
    /// An optional block: two characters of name, and its text as it stands.
    public struct OptionalBlock: Equatable, Sendable {
        public var id: String
        public var text: String
        public init(id: String, text: String) {
            self.id = id
            self.text = text
        }
    }

    public var version: KeyBlockVersion
    public var usage: KeyUsage
    public var algorithm: KeyBlockAlgorithm
    public var modeOfUse: KeyModeOfUse
    /// Two characters: `00` unversioned, `c…` a component, else a version number.
    public var keyVersion: String
    public var exportability: KeyExportability
    /// In their order; the padding block `PB` that a writer adds is among them when read.
    public var optionalBlocks: [OptionalBlock]
    /// Two characters: the key context of X9.143:2021 and a reserved one, or `00`.
    public var context: String

    public init(
        version: KeyBlockVersion, usage: KeyUsage, algorithm: KeyBlockAlgorithm, modeOfUse: KeyModeOfUse,
        keyVersion: String = "00", exportability: KeyExportability = .nonExportable,
        optionalBlocks: [OptionalBlock] = [], context: String = "00"
    ) {
        self.version = version
        self.usage = usage
        self.algorithm = algorithm
        self.modeOfUse = modeOfUse
        self.keyVersion = keyVersion
        self.exportability = exportability
        self.optionalBlocks = optionalBlocks
        self.context = context
    }
}

/// Why a key block was not written or read. Once the MAC is reached, there is one reason only.
public enum KeyBlockError: Error, Equatable, Sendable {
    /// The text is not a key block; the offset counts characters.
    case malformed(offset: Int, expected: String)
    /// The protection key does not fit the version: TDES of 16 or 24 bytes for A, B, C; AES of 16, 24 or 32 for D, E.
    case wrongProtectionKey(version: KeyBlockVersion, byteCount: Int)
    /// The MAC does not match: another protection key, or a changed block.
    case notAuthentic
    /// Versions A and C are read, not written.
    case readOnlyVersion(KeyBlockVersion)
    /// The protection key is weaker than the key (TDES below AES, shorter AES below longer).
    case weakerThanKey
    /// An attribute that the header cannot carry.
    case attribute(String)
    /// The block would be longer than 9999 characters.
    case tooLong(Int)
}
