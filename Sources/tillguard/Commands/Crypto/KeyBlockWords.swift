// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// What the letters of a key block's header stand for (ANSI X9.143:2021 tables 1 to 7).
enum KeyBlockWords {
    static func version(_ version: KeyBlockVersion) -> String {
        switch version {
        case .a: "TDES, variants of the protection key (deprecated)"
        case .b: "TDES, derived keys"
        case .c: "TDES, variants of the protection key"
        case .d: "AES-CBC, derived keys"
        case .e: "AES-CTR, derived keys (ISO 20038)"
        }
    }

    static func usage(_ usage: KeyUsage) -> String {
        if let words = usages.first(where: { $0.code == usage.rawValue })?.words { return words }
        let isOwn = usage.rawValue.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isOwn ? "proprietary use" : "not in X9.143"
    }

    static func algorithm(_ algorithm: KeyBlockAlgorithm) -> String {
        switch algorithm.rawValue {
        case "A": "AES"
        case "D": "DES"
        case "E": "elliptic curve"
        case "H": "HMAC"
        case "R": "RSA"
        case "S": "DSA"
        case "T": "Triple DES"
        case "0"..."9": "proprietary"
        default: "not in X9.143"
        }
    }

    static func mode(_ mode: KeyModeOfUse) -> String {
        switch mode.rawValue {
        case "B": "encrypt and decrypt, or wrap and unwrap"
        case "C": "generate and verify"
        case "D": "decrypt or unwrap only"
        case "E": "encrypt or wrap only"
        case "G": "generate only"
        case "N": "no restriction"
        case "S": "sign only"
        case "T": "sign and decrypt"
        case "V": "verify only"
        case "X": "derive keys"
        case "Y": "create key variants"
        case "0"..."9": "proprietary"
        default: "not in X9.143"
        }
    }

    static func exportability(_ exportability: KeyExportability) -> String {
        switch exportability {
        case .exportable: "exportable under a key in a trusted key block"
        case .nonExportable: "not exportable"
        case .sensitive: "sensitive: exportable under any key-encryption key"
        }
    }

    static func keyVersion(_ text: String) -> String {
        if text == "00" { return "no versioning" }
        return text.hasPrefix("c") ? "a component of a key" : "version of the key"
    }

    static func context(_ text: String) -> String {
        switch text.first {
        case "0": "determined by the protection key"
        case "1": "storage only"
        case "2": "key exchange only"
        default: "not in X9.143"
        }
    }

    static func optionalBlock(_ id: String) -> String {
        switch id {
        case "AL": "life of an asymmetric key"
        case "BI": "identifier of the base derivation key"
        case "CT": "public key certificate"
        case "DA": "derivations allowed"
        case "FL": "flags"
        case "HM": "hash algorithm of an HMAC key"
        case "IK": "initial key identifier (AES DUKPT)"
        case "KC": "check value of the key"
        case "KP": "check value of the protection key"
        case "KS": "initial key serial number (TDES DUKPT)"
        case "KV": "key block values"
        case "LB": "label"
        case "PB": "padding"
        case "PK": "check value of the protection key of an export"
        case "TC": "time of creation"
        case "TS": "time stamp"
        case "WP": "wrapping pedigree"
        default: "not in X9.143"
        }
    }

    private static let usages: [(code: String, words: String)] = [
        ("B0", "base derivation key (BDK)"), ("B1", "initial DUKPT key (IK, IPEK)"), ("B2", "base key variant key"),
        ("B3", "key derivation key"), ("C0", "card verification key (CVK)"), ("D0", "data encryption, symmetric"),
        ("D1", "data encryption, asymmetric"), ("D2", "encryption of decimalization tables"),
        ("D3", "encryption of sensitive data"), ("E0", "EMV issuer master key: application cryptograms"),
        ("E1", "EMV issuer master key: secure messaging, confidentiality"),
        ("E2", "EMV issuer master key: secure messaging, integrity"),
        ("E3", "EMV issuer master key: data authentication code"), ("E4", "EMV issuer master key: dynamic numbers"),
        ("E5", "EMV issuer master key: card personalisation"), ("E6", "EMV issuer master key: other"),
        ("E7", "EMV asymmetric key pair for PIN encryption"), ("I0", "initialisation vector"),
        ("K0", "key encryption or wrapping (KEK, ZMK, TMK)"), ("K1", "key block protection (X9.143, TR-31)"),
        ("K2", "asymmetric key pair of a TR-34 device"), ("K3", "asymmetric key for key wrapping or agreement"),
        ("K4", "key block protection (ISO 20038)"), ("M0", "MAC, ISO 16609 algorithm 1 (TDES)"),
        ("M1", "MAC, ISO 9797-1 algorithm 1"), ("M2", "MAC, ISO 9797-1 algorithm 2"),
        ("M3", "MAC, ISO 9797-1 algorithm 3 (retail MAC)"), ("M4", "MAC, ISO 9797-1 algorithm 4"),
        ("M5", "MAC, ISO 9797-1:1999 algorithm 5"), ("M6", "MAC, ISO 9797-1:2011 algorithm 5 (CMAC)"), ("M7", "HMAC"),
        ("M8", "MAC, ISO 9797-1:2011 algorithm 6"), ("P0", "PIN encryption"), ("P1", "PIN generation"),
        ("S0", "asymmetric key pair for signatures"), ("S1", "asymmetric key pair of an authority"),
        ("S2", "asymmetric key pair for other use"), ("V0", "PIN verification, other"),
        ("V1", "PIN verification, IBM 3624"), ("V2", "PIN verification, Visa PVV"),
        ("V3", "PIN verification, X9.132 algorithm 1"), ("V4", "PIN verification, X9.132 algorithm 2"),
        ("V5", "PIN verification, X9.132 algorithm 3"),
    ]
}
