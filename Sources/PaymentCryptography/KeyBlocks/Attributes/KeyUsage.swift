// SPDX-License-Identifier: Apache-2.0

/// What a key may be used for: two characters (X9.143:2021 table 2). Open, since registrations go on.
public struct KeyUsage: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Two digits: reserved for proprietary use.
    public var isProprietary: Bool {
        rawValue.utf8.count == 2 && rawValue.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// What the standard calls it; nil for what it does not name.
    public var name: String? { rule?.name }

    /// Whether the standard lets a key of this usage be one of the algorithm. True for proprietary usages.
    public func allows(_ algorithm: KeyAlgorithm) -> Bool {
        isProprietary || rule?.algorithms.contains(algorithm.rawValue) == true
    }

    /// Whether the standard lets a key of this usage have the mode. True for proprietary usages.
    public func allows(_ mode: ModeOfUse) -> Bool { isProprietary || rule?.modes.contains(mode.rawValue) == true }

    /// The rule of a usage that the standard names.
    var rule: KeyUsageRule? {
        var code = rawValue.utf8.makeIterator()
        guard let letter = code.next(), let digit = code.next(), code.next() == nil,
            (0x41...0x5A).contains(letter), (0x30...0x39).contains(digit)
        else { return nil }
        return KeyUsageRule.table[Int(letter - 0x41) * 10 + Int(digit - 0x30)]
    }
}

extension KeyUsage {
    /// Every usage that the standard names, in its order.
    public static let registered: [KeyUsage] = KeyUsageRule.all.map(\.usage)

    /// Base derivation key (BDK).
    public static let baseDerivation = KeyUsage(rawValue: "B0")
    /// Initial DUKPT key (IK, IPEK).
    public static let initialDUKPT = KeyUsage(rawValue: "B1")
    /// Base key variant key.
    public static let baseKeyVariant = KeyUsage(rawValue: "B2")
    /// Key derivation key.
    public static let keyDerivation = KeyUsage(rawValue: "B3")
    /// Card verification key (CVK).
    public static let cardVerification = KeyUsage(rawValue: "C0")
    /// Data encryption, symmetric.
    public static let dataEncryption = KeyUsage(rawValue: "D0")
    /// Data encryption, asymmetric.
    public static let asymmetricDataEncryption = KeyUsage(rawValue: "D1")
    /// Encryption of decimalization tables.
    public static let decimalizationTableEncryption = KeyUsage(rawValue: "D2")
    /// Encryption of sensitive data.
    public static let sensitiveDataEncryption = KeyUsage(rawValue: "D3")
    /// EMV issuer master key: application cryptograms.
    public static let emvApplicationCryptograms = KeyUsage(rawValue: "E0")
    /// EMV issuer master key: secure messaging, confidentiality.
    public static let emvConfidentiality = KeyUsage(rawValue: "E1")
    /// EMV issuer master key: secure messaging, integrity.
    public static let emvIntegrity = KeyUsage(rawValue: "E2")
    /// EMV issuer master key: data authentication code.
    public static let emvDataAuthentication = KeyUsage(rawValue: "E3")
    /// EMV issuer master key: dynamic numbers.
    public static let emvDynamicNumbers = KeyUsage(rawValue: "E4")
    /// EMV issuer master key: card personalisation.
    public static let emvCardPersonalisation = KeyUsage(rawValue: "E5")
    /// EMV issuer master key: other.
    public static let emvOther = KeyUsage(rawValue: "E6")
    /// EMV asymmetric key pair for PIN encryption.
    public static let emvPINKeyPair = KeyUsage(rawValue: "E7")
    /// Initialisation vector.
    public static let initialisationVector = KeyUsage(rawValue: "I0")
    /// Key encryption or wrapping (KEK, ZMK, TMK).
    public static let keyEncryption = KeyUsage(rawValue: "K0")
    /// Key block protection (X9.143, TR-31).
    public static let keyBlockProtection = KeyUsage(rawValue: "K1")
    /// Asymmetric key pair of a TR-34 device.
    public static let tr34DeviceKeyPair = KeyUsage(rawValue: "K2")
    /// Asymmetric key for key wrapping or agreement.
    public static let asymmetricKeyWrapping = KeyUsage(rawValue: "K3")
    /// Key block protection (ISO 20038).
    public static let iso20038Protection = KeyUsage(rawValue: "K4")
    /// MAC, ISO 16609 algorithm 1 (TDES).
    public static let iso16609MAC = KeyUsage(rawValue: "M0")
    /// MAC, ISO 9797-1 algorithm 1.
    public static let macAlgorithm1 = KeyUsage(rawValue: "M1")
    /// MAC, ISO 9797-1 algorithm 2.
    public static let macAlgorithm2 = KeyUsage(rawValue: "M2")
    /// MAC, ISO 9797-1 algorithm 3 (retail MAC).
    public static let retailMAC = KeyUsage(rawValue: "M3")
    /// MAC, ISO 9797-1 algorithm 4.
    public static let macAlgorithm4 = KeyUsage(rawValue: "M4")
    /// MAC, ISO 9797-1:1999 algorithm 5.
    public static let macAlgorithm5Of1999 = KeyUsage(rawValue: "M5")
    /// MAC, ISO 9797-1:2011 algorithm 5 (CMAC).
    public static let cmac = KeyUsage(rawValue: "M6")
    /// HMAC.
    public static let hmac = KeyUsage(rawValue: "M7")
    /// MAC, ISO 9797-1:2011 algorithm 6.
    public static let macAlgorithm6 = KeyUsage(rawValue: "M8")
    /// PIN encryption.
    public static let pinEncryption = KeyUsage(rawValue: "P0")
    /// PIN generation.
    public static let pinGeneration = KeyUsage(rawValue: "P1")
    /// Asymmetric key pair for signatures.
    public static let signature = KeyUsage(rawValue: "S0")
    /// Asymmetric key pair of an authority.
    public static let authority = KeyUsage(rawValue: "S1")
    /// Asymmetric key pair for other use.
    public static let asymmetricOther = KeyUsage(rawValue: "S2")
    /// PIN verification, other.
    public static let pinVerification = KeyUsage(rawValue: "V0")
    /// PIN verification, IBM 3624.
    public static let pinVerificationIBM3624 = KeyUsage(rawValue: "V1")
    /// PIN verification, Visa PVV.
    public static let pinVerificationVisaPVV = KeyUsage(rawValue: "V2")
    /// PIN verification, X9.132 algorithm 1.
    public static let pinVerificationX9132Algorithm1 = KeyUsage(rawValue: "V3")
    /// PIN verification, X9.132 algorithm 2.
    public static let pinVerificationX9132Algorithm2 = KeyUsage(rawValue: "V4")
    /// PIN verification, X9.132 algorithm 3.
    public static let pinVerificationX9132Algorithm3 = KeyUsage(rawValue: "V5")
}
