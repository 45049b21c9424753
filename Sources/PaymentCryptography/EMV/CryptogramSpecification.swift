// SPDX-License-Identifier: Apache-2.0

/// What a cryptogram version number stands for: which keys, which padding, which part of the issuer application data,
/// which answer.
public struct CryptogramSpecification: Hashable, Sendable {
    /// What of the issuer application data (tag 9F10) a cryptogram covers.
    public enum IssuerData: Hashable, Sendable {
        /// Visa's format: the card verification results, 4 bytes from the fourth.
        case visaResults
        /// Mastercard's format: the card verification results, 6 bytes from the third.
        case mastercardResults
        /// Mastercard's format: the results, and the counters in the last 8 of 18 bytes.
        case mastercardResultsAndCounters
        /// All of it.
        case whole
    }

    /// How the issuer answers.
    public enum Response: Hashable, Sendable {
        /// Method 1 under the card's key.
        case method1UnderMasterKey
        /// Method 1 under the session key.
        case method1
        /// Method 2 under the session key.
        case method2
    }

    /// The name, as people say it.
    public var name: String
    /// How the card's key comes from the issuer's.
    public var masterKeyOption: MasterKeyOption
    /// The derivation of the application cryptogram's key.
    public var sessionKey: SessionKeyDerivation
    /// How the cryptogram's input is filled up.
    public var padding: MACPadding
    /// What of the issuer application data the cryptogram covers.
    public var issuerData: IssuerData
    /// How the issuer answers.
    public var response: Response
    /// The derivation of the keys for secure messaging.
    public var scriptKey: SessionKeyDerivation
    /// What a script's MAC covers.
    public var scriptCoverage: ScriptMAC.Coverage

    /// A specification of one's own; the defaults are EMV's common core.
    public init(
        name: String, masterKeyOption: MasterKeyOption = .b, sessionKey: SessionKeyDerivation = .common,
        padding: MACPadding = .method2, issuerData: IssuerData = .whole, response: Response = .method2,
        scriptKey: SessionKeyDerivation = .cryptogram, scriptCoverage: ScriptMAC.Coverage = .commandAndTransaction
    ) {
        self.name = name
        self.masterKeyOption = masterKeyOption
        self.sessionKey = sessionKey
        self.padding = padding
        self.issuerData = issuerData
        self.response = response
        self.scriptKey = scriptKey
        self.scriptCoverage = scriptCoverage
    }
}

extension CryptogramSpecification {
    /// Visa CVN 10 (`0A`): the card's key, padding 1, card verification results, method 1.
    public static let visa10 = CryptogramSpecification(
        name: "Visa CVN 10", masterKeyOption: .a, sessionKey: .none, padding: .method1, issuerData: .visaResults,
        response: .method1UnderMasterKey, scriptKey: .visaSecureMessaging)
    /// Visa CVN 18 (`12`): common session key, padding 2, all issuer application data, method 2.
    public static let visa18 = CryptogramSpecification(name: "Visa CVN 18", scriptKey: .visaSecureMessaging)
    /// Visa CVN 22 (`22`): as CVN 18, with the common method for secure messaging too.
    public static let visa22 = CryptogramSpecification(name: "Visa CVN 22")
    /// M/Chip CVN 16 (`10`): Mastercard's session key, card verification results, method 1 under the card's key.
    public static let mastercard16 = CryptogramSpecification(
        name: "M/Chip CVN 16", masterKeyOption: .a, sessionKey: .mastercard, issuerData: .mastercardResults,
        response: .method1UnderMasterKey)
    /// M/Chip CVN 17 (`11`): as CVN 16, with the card's counters.
    public static let mastercard17 = CryptogramSpecification(
        name: "M/Chip CVN 17", masterKeyOption: .a, sessionKey: .mastercard, issuerData: .mastercardResultsAndCounters,
        response: .method1UnderMasterKey)
    /// M/Chip CVN 20 (`14`): common session key, card verification results, method 1.
    public static let mastercard20 = CryptogramSpecification(
        name: "M/Chip CVN 20", masterKeyOption: .a, issuerData: .mastercardResults, response: .method1)
    /// M/Chip CVN 21 (`15`): as CVN 20, with the card's counters.
    public static let mastercard21 = CryptogramSpecification(
        name: "M/Chip CVN 21", masterKeyOption: .a, issuerData: .mastercardResultsAndCounters, response: .method1)
    /// Interac CVN 133 (`85`): Mastercard's session key, all issuer application data, method 1 under the session key;
    /// a script's MAC covers the command alone.
    public static let interac133 = CryptogramSpecification(
        name: "Interac CVN 133", masterKeyOption: .a, sessionKey: .mastercard, response: .method1,
        scriptCoverage: .command)
    /// EMV common session key derivation without a scheme of its own.
    public static let emvCommon = CryptogramSpecification(name: "EMV CSK", masterKeyOption: .a)
    /// UnionPay debit/credit (JR/T 0025.7): UnionPay's session key, padding 2, card verification results, method 1. No
    /// published known answer stands behind it.
    public static let unionPay = CryptogramSpecification(
        name: "UnionPay", masterKeyOption: .a, sessionKey: .unionPay, issuerData: .visaResults, response: .method1,
        scriptKey: .unionPay)

    /// Those above.
    public static let all: [CryptogramSpecification] = [
        visa10, visa18, visa22, mastercard16, mastercard17, mastercard20, mastercard21, interac133, emvCommon, unionPay,
    ]

    /// The specification that people call so: `Visa CVN 10`, `VISA_CVN18`, `M/Chip CVN 17`, `MastercardCVN21`; `VSDC`
    /// is CVN 10, `MCHIP` CVN 16, `EMV_CSKD` the common one.
    ///
    /// - Returns: nil for another name.
    public init?(named name: String) {
        func letters(_ text: String) -> [UInt8] {
            text.utf8.compactMap { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A: byte
                case 0x61...0x7A: byte - 0x20
                default: nil
                }
            }
        }
        let wanted = letters(name)
        let others: [(String, CryptogramSpecification)] = [
            ("VSDC", .visa10), ("MCHIP", .mastercard16), ("EMVCSKD", .emvCommon), ("MasterCardCVN16", .mastercard16),
            ("MasterCardCVN17", .mastercard17), ("MasterCardCVN20", .mastercard20), ("MasterCardCVN21", .mastercard21),
        ]
        let names = Self.all.map { ($0.name, $0) } + others
        guard let found = names.first(where: { letters($0.0) == wanted }) else { return nil }
        self = found.1
    }

    /// The schemes that number their cryptogram versions.
    public enum Scheme: Hashable, Sendable, CaseIterable {
        /// The version is the third byte of the issuer application data.
        case visa
        /// The version is the second byte.
        case mastercard
        /// The version is the second byte.
        case interac
    }

    /// The specification that a card states in its issuer application data (tag 9F10).
    ///
    /// - Returns: nil for a version that is not known, and for data too short to hold one.
    public init?(scheme: Scheme, issuerApplicationData: [UInt8]) {
        let offset = scheme == .visa ? 2 : 1
        guard issuerApplicationData.count > offset else { return nil }
        switch (scheme, issuerApplicationData[offset]) {
        case (.visa, 0x0A): self = .visa10
        case (.visa, 0x12): self = .visa18
        case (.visa, 0x22): self = .visa22
        case (.mastercard, 0x10): self = .mastercard16
        case (.mastercard, 0x11): self = .mastercard17
        case (.mastercard, 0x14): self = .mastercard20
        case (.mastercard, 0x15): self = .mastercard21
        case (.interac, 0x85): self = .interac133
        default: return nil
        }
    }
}
