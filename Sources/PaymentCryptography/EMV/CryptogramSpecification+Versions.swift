// SPDX-License-Identifier: Apache-2.0

extension CryptogramSpecification {
    /// Visa CVN 10 (`0A`): the card's key, padding 1, card verification results, method 1.
    public static let visa10 = CryptogramSpecification(
        name: "Visa CVN 10", scheme: .visa, masterKeyOption: .a, sessionKey: .none, padding: .method1,
        issuerData: .visaResults,
        response: .method1UnderMasterKey, scriptKey: .visaSecureMessaging, scriptEncryption: .visa,
        pinChangeFormat: .visa)
    /// Visa CVN 14 (`0E`), the forerunner of CVN 18, which security modules compute alike. No published known answer
    /// stands behind it.
    public static let visa14 = CryptogramSpecification(
        name: "Visa CVN 14", scheme: .visa, scriptKey: .visaSecureMessaging, scriptEncryption: .visa,
        pinChangeFormat: .visa)
    /// Visa CVN 17 (`11`), contactless (qVSDC): the card's key, padding 1, and of the transaction the amount, the
    /// unpredictable number, the counter and the second byte of the card verification results.
    public static let visa17 = CryptogramSpecification(
        name: "Visa CVN 17", scheme: .visa, masterKeyOption: .a, sessionKey: .none,
        fields: [.amountAuthorised, .unpredictableNumber, .applicationTransactionCounter], padding: .method1,
        issuerData: .visaSecondResult, response: .method1UnderMasterKey, scriptKey: .visaSecureMessaging,
        scriptEncryption: .visa, pinChangeFormat: .visa)
    /// Visa CVN 18 (`12`): common session key, padding 2, all issuer application data, method 2.
    public static let visa18 = CryptogramSpecification(
        name: "Visa CVN 18", scheme: .visa, scriptKey: .visaSecureMessaging, scriptEncryption: .visa,
        pinChangeFormat: .visa)
    /// Visa CVN 22 (`22`): as CVN 18, with the common keys for secure messaging too.
    public static let visa22 = CryptogramSpecification(
        name: "Visa CVN 22", scheme: .visa, scriptEncryption: .visa, pinChangeFormat: .format2OrVisa)
    /// M/Chip CVN 16 (`10`): Mastercard's session key, card verification results, method 1 under the card's key.
    public static let mastercard16 = mastercard(
        "M/Chip CVN 16", .mastercard, .mastercardResults, .method1UnderMasterKey)
    /// M/Chip CVN 17 (`11`): as CVN 16, with the card's counters.
    public static let mastercard17 = mastercard(
        "M/Chip CVN 17", .mastercard, .mastercardResultsAndCounters, .method1UnderMasterKey)
    /// M/Chip CVN 20 (`14`): common session key, card verification results, method 1.
    public static let mastercard20 = mastercard("M/Chip CVN 20", .common, .mastercardResults, .method1)
    /// M/Chip CVN 21 (`15`): as CVN 20, with the card's counters.
    public static let mastercard21 = mastercard("M/Chip CVN 21", .common, .mastercardResultsAndCounters, .method1)
    /// Interac CVN 133 (`85`): Mastercard's session key, all issuer application data, method 1 under the session key;
    /// a script's MAC covers the command alone.
    public static let interac133 = CryptogramSpecification(
        name: "Interac CVN 133", scheme: .interac, masterKeyOption: .a, sessionKey: .mastercard, response: .method1,
        scriptCoverage: .command, scriptEncryption: .mastercard)
    /// EMV common session key derivation without a scheme of its own.
    public static let emvCommon = CryptogramSpecification(name: "EMV CSK", masterKeyOption: .a)
    /// Common Core Definitions and CPA, cryptogram version 5 (`A5`): common session key, master key option B, all issuer
    /// application data, method 2, the common methods for secure messaging.
    public static let commonCore5 = CryptogramSpecification(name: "CCD version 5", scheme: .commonCore)
    /// UnionPay debit/credit (JR/T 0025.7): UnionPay's session key, padding 2, card verification results, method 1. No
    /// published known answer stands behind it.
    public static let unionPay = CryptogramSpecification(
        name: "UnionPay", scheme: .unionPay, masterKeyOption: .a, sessionKey: .unionPay, issuerData: .visaResults,
        response: .method1,
        scriptKey: .unionPay, scriptEncryption: .visa, pinChangeFormat: .visa)

    /// Those above.
    public static let all: [CryptogramSpecification] = [
        visa10, visa14, visa17, visa18, visa22, mastercard16, mastercard17, mastercard20, mastercard21, interac133,
        emvCommon, commonCore5, unionPay,
    ]

    private static func mastercard(
        _ name: String, _ sessionKey: SessionKeyDerivation, _ issuerData: IssuerData, _ response: Response
    ) -> CryptogramSpecification {
        CryptogramSpecification(
            name: name, scheme: .mastercard, masterKeyOption: .a, sessionKey: sessionKey, issuerData: issuerData,
            response: response,
            scriptEncryption: .mastercard)
    }

    /// The specification that people call so: `Visa CVN 10`, `VISA_CVN18`, `M/Chip CVN 17`, `MastercardCVN21`, with
    /// Mastercard's numbers in hexadecimal too (`Mastercard CVN 10` is 16); `VSDC` is CVN 10, `MCHIP` CVN 16, `EMV_CSKD`
    /// the common one, `CUP` UnionPay's.
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
        var names = Self.all.map { ($0.name, $0) }
        names += [
            ("VSDC", .visa10), ("qVSDC", .visa17), ("MCHIP", .mastercard16), ("EMVCSKD", .emvCommon),
            ("EMVCOMMON", .emvCommon), ("CCD", .commonCore5), ("CPA", .commonCore5), ("UPI", .unionPay),
            ("CUP", .unionPay), ("PBOC", .unionPay),
        ]
        for brand in ["Mastercard", "MC", "MCHIP"] {
            names += [
                (brand + "CVN16", .mastercard16), (brand + "CVN17", .mastercard17), (brand + "CVN20", .mastercard20),
                (brand + "CVN21", .mastercard21), (brand + "CVN10", .mastercard16), (brand + "CVN11", .mastercard17),
                (brand + "CVN14", .mastercard20), (brand + "CVN15", .mastercard21),
            ]
        }
        guard let found = names.first(where: { letters($0.0) == wanted }) else { return nil }
        self = found.1
    }

    /// The schemes that number their cryptogram versions.
    public enum Scheme: String, Hashable, Sendable, CaseIterable {
        /// In formats 0, 1 and 3 the version is the third byte of the issuer application data, in format 2 the second.
        case visa
        /// The version is the second byte.
        case mastercard
        /// The version is the second byte.
        case interac
        /// Common Core Definitions and CPA: the second byte, the common core identifier.
        case commonCore
        /// The version is the third byte.
        case unionPay
    }

    /// The specification that a card states in its issuer application data (tag 9F10).
    ///
    /// - Returns: nil for a version that is not known, and for data too short to hold one.
    public init?(scheme: Scheme, issuerApplicationData: [UInt8]) {
        guard let data = IssuerApplicationData(issuerApplicationData, scheme: scheme) else { return nil }
        switch (scheme, data.version) {
        case (.visa, 0x0A): self = .visa10
        case (.visa, 0x0E): self = .visa14
        case (.visa, 0x11): self = .visa17
        case (.visa, 0x12): self = .visa18
        case (.visa, 0x22): self = .visa22
        case (.mastercard, 0x10): self = .mastercard16
        case (.mastercard, 0x11): self = .mastercard17
        case (.mastercard, 0x14): self = .mastercard20
        case (.mastercard, 0x15): self = .mastercard21
        case (.interac, 0x85): self = .interac133
        case (.commonCore, 0xA5): self = .commonCore5
        case (.unionPay, 0x01): self = .unionPay
        default: return nil
        }
    }
}
