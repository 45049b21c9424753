// SPDX-License-Identifier: Apache-2.0

/// What a key may be used for: two characters (X9.143:2021 table 2). Open, since registrations go on.
public struct KeyUsage: RawRepresentable, Hashable, Sendable {
    /// Its characters, 0 for none.
    let code: UInt16

    init(code: UInt16) { self.code = code }

    /// A text that no header has room for, or cannot carry, counts as empty.
    public init(rawValue: String) { code = FieldCode.pair(rawValue) }

    private init(_ letter: Unicode.Scalar, _ digit: UInt16) {
        code = UInt16(UInt8(ascii: letter)) << 8 | (0x30 + digit)
    }

    public var rawValue: String { FieldCode.text(pair: code) }

    // Those that come with RawRepresentable would compare texts.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// Two digits: reserved for proprietary use.
    public var isProprietary: Bool {
        FieldCode.isDigit(UInt8(code >> 8)) && FieldCode.isDigit(UInt8(code & 0xFF))
    }

    /// What the standard calls it; nil for what it does not name.
    public var name: String? { rule.map { "\($0.name)" } }

    /// Whether the standard lets a key of this usage be one of the algorithm. True for proprietary usages.
    public func allows(_ algorithm: KeyAlgorithm) -> Bool {
        isProprietary || rule?.algorithms.contains(algorithm.code) == true
    }

    /// Whether the standard lets a key of this usage have the mode. True for proprietary usages.
    public func allows(_ mode: ModeOfUse) -> Bool { isProprietary || rule?.modes.contains(mode.code) == true }

    /// The rule of a usage that the standard names.
    var rule: KeyUsageRule? {
        let place = KeyUsageRule.place(code)
        return place < KeyUsageRule.table.count ? KeyUsageRule.table[place] : nil
    }
}

extension KeyUsage {
    /// Every usage that the standard names, in its order.
    public static let registered: [KeyUsage] = KeyUsageRule.all.map(\.usage)

    /// Base derivation key (BDK).
    public static let baseDerivation = KeyUsage("B", 0)
    /// Initial DUKPT key (IK, IPEK).
    public static let initialDUKPT = KeyUsage("B", 1)
    /// Base key variant key.
    public static let baseKeyVariant = KeyUsage("B", 2)
    /// Key derivation key.
    public static let keyDerivation = KeyUsage("B", 3)
    /// Card verification key (CVK).
    public static let cardVerification = KeyUsage("C", 0)
    /// Data encryption, symmetric.
    public static let dataEncryption = KeyUsage("D", 0)
    /// Data encryption, asymmetric.
    public static let asymmetricDataEncryption = KeyUsage("D", 1)
    /// Encryption of decimalization tables.
    public static let decimalizationTableEncryption = KeyUsage("D", 2)
    /// Encryption of sensitive data.
    public static let sensitiveDataEncryption = KeyUsage("D", 3)
    /// EMV issuer master key: application cryptograms.
    public static let emvApplicationCryptograms = KeyUsage("E", 0)
    /// EMV issuer master key: secure messaging, confidentiality.
    public static let emvConfidentiality = KeyUsage("E", 1)
    /// EMV issuer master key: secure messaging, integrity.
    public static let emvIntegrity = KeyUsage("E", 2)
    /// EMV issuer master key: data authentication code.
    public static let emvDataAuthentication = KeyUsage("E", 3)
    /// EMV issuer master key: dynamic numbers.
    public static let emvDynamicNumbers = KeyUsage("E", 4)
    /// EMV issuer master key: card personalisation.
    public static let emvCardPersonalisation = KeyUsage("E", 5)
    /// EMV issuer master key: other.
    public static let emvOther = KeyUsage("E", 6)
    /// EMV asymmetric key pair for PIN encryption.
    public static let emvPINKeyPair = KeyUsage("E", 7)
    /// Initialisation vector.
    public static let initialisationVector = KeyUsage("I", 0)
    /// Key encryption or wrapping (KEK, ZMK, TMK).
    public static let keyEncryption = KeyUsage("K", 0)
    /// Key block protection (X9.143, TR-31).
    public static let keyBlockProtection = KeyUsage("K", 1)
    /// Asymmetric key pair of a TR-34 device.
    public static let tr34DeviceKeyPair = KeyUsage("K", 2)
    /// Asymmetric key for key wrapping or agreement.
    public static let asymmetricKeyWrapping = KeyUsage("K", 3)
    /// Key block protection (ISO 20038).
    public static let iso20038Protection = KeyUsage("K", 4)
    /// MAC, ISO 16609 algorithm 1 (TDES).
    public static let iso16609MAC = KeyUsage("M", 0)
    /// MAC, ISO 9797-1 algorithm 1.
    public static let macAlgorithm1 = KeyUsage("M", 1)
    /// MAC, ISO 9797-1 algorithm 2.
    public static let macAlgorithm2 = KeyUsage("M", 2)
    /// MAC, ISO 9797-1 algorithm 3 (retail MAC).
    public static let retailMAC = KeyUsage("M", 3)
    /// MAC, ISO 9797-1 algorithm 4.
    public static let macAlgorithm4 = KeyUsage("M", 4)
    /// MAC, ISO 9797-1:1999 algorithm 5.
    public static let macAlgorithm5Of1999 = KeyUsage("M", 5)
    /// MAC, ISO 9797-1:2011 algorithm 5 (CMAC).
    public static let cmac = KeyUsage("M", 6)
    /// HMAC.
    public static let hmac = KeyUsage("M", 7)
    /// MAC, ISO 9797-1:2011 algorithm 6.
    public static let macAlgorithm6 = KeyUsage("M", 8)
    /// PIN encryption.
    public static let pinEncryption = KeyUsage("P", 0)
    /// PIN generation.
    public static let pinGeneration = KeyUsage("P", 1)
    /// Asymmetric key pair for signatures.
    public static let signature = KeyUsage("S", 0)
    /// Asymmetric key pair of an authority.
    public static let authority = KeyUsage("S", 1)
    /// Asymmetric key pair for other use.
    public static let asymmetricOther = KeyUsage("S", 2)
    /// PIN verification, other.
    public static let pinVerification = KeyUsage("V", 0)
    /// PIN verification, IBM 3624.
    public static let pinVerificationIBM3624 = KeyUsage("V", 1)
    /// PIN verification, Visa PVV.
    public static let pinVerificationVisaPVV = KeyUsage("V", 2)
    /// PIN verification, X9.132 algorithm 1.
    public static let pinVerificationX9132Algorithm1 = KeyUsage("V", 3)
    /// PIN verification, X9.132 algorithm 2.
    public static let pinVerificationX9132Algorithm2 = KeyUsage("V", 4)
    /// PIN verification, X9.132 algorithm 3.
    public static let pinVerificationX9132Algorithm3 = KeyUsage("V", 5)
}
