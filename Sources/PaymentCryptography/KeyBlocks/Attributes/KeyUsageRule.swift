// SPDX-License-Identifier: Apache-2.0

/// The algorithms and modes that a usage allows (X9.143:2021 tables 2 to 4).
///
/// The standard itself is not public; these are the lists as its implementers publish them: AWS Payment Cryptography's
/// valid key attributes and IBM's CCA for the modes, openemv/tr31 for the codes. Where they differ, the wider one
/// stands. Exportability is free with every usage (table 6).
struct KeyUsageRule: Sendable {
    let usage: KeyUsage
    let name: StaticString
    let algorithms: LetterSet
    let modes: LetterSet

    private init(_ usage: String, _ name: StaticString, _ algorithms: LetterSet, _ modes: LetterSet) {
        self.usage = KeyUsage(rawValue: usage)
        self.name = name
        self.algorithms = algorithms
        self.modes = modes
    }

    /// A letter and a digit each: ten places a letter.
    static let table: [KeyUsageRule?] = {
        var table = [KeyUsageRule?](repeating: nil, count: 260)
        for rule in all { table[place(rule.usage.code)] = rule }
        return table
    }()

    /// Beyond the table for anything but a letter and a digit.
    static func place(_ code: UInt16) -> Int {
        let (letter, digit) = (UInt8(code >> 8) &- 0x41, UInt8(code & 0xFF) &- 0x30)
        return letter < 26 && digit < 10 ? Int(letter) * 10 + Int(digit) : .max
    }

    static let all: [KeyUsageRule] = [
        KeyUsageRule("B0", "base derivation key (BDK)", "AT", "XN"),
        KeyUsageRule("B1", "initial DUKPT key (IK, IPEK)", "AT", "XN"),
        KeyUsageRule("B2", "base key variant key", "AT", "XYN"),
        KeyUsageRule("B3", "key derivation key", "AHIJT", "XN"),
        KeyUsageRule("C0", "card verification key (CVK)", "AT", "CGVN"),
        KeyUsageRule("D0", "data encryption, symmetric", "AT", "BDEN"),
        KeyUsageRule("D1", "data encryption, asymmetric", "ER", "BDEN"),
        KeyUsageRule("D2", "encryption of decimalization tables", "AT", "BDEN"),
        KeyUsageRule("D3", "encryption of sensitive data", "AT", "BDEN"),
        KeyUsageRule("E0", "EMV issuer master key: application cryptograms", "AT", "XN"),
        KeyUsageRule("E1", "EMV issuer master key: secure messaging, confidentiality", "AT", "XN"),
        KeyUsageRule("E2", "EMV issuer master key: secure messaging, integrity", "AT", "XN"),
        KeyUsageRule("E3", "EMV issuer master key: data authentication code", "AT", "XN"),
        KeyUsageRule("E4", "EMV issuer master key: dynamic numbers", "AT", "XN"),
        KeyUsageRule("E5", "EMV issuer master key: card personalisation", "AT", "XN"),
        KeyUsageRule("E6", "EMV issuer master key: other", "AT", "XN"),
        KeyUsageRule("E7", "EMV asymmetric key pair for PIN encryption", "ER", "BDEN"),
        KeyUsageRule("I0", "initialisation vector", "AT", "N"),
        KeyUsageRule("K0", "key encryption or wrapping (KEK, ZMK, TMK)", "AT", "BDEN"),
        KeyUsageRule("K1", "key block protection (X9.143, TR-31)", "AT", "BDEN"),
        KeyUsageRule("K2", "asymmetric key pair of a TR-34 device", "ER", "BDEN"),
        KeyUsageRule("K3", "asymmetric key for key wrapping or agreement", "ER", "BDEXN"),
        KeyUsageRule("K4", "key block protection (ISO 20038)", "A", "BDEN"),
        KeyUsageRule("M0", "MAC, ISO 16609 algorithm 1 (TDES)", "T", "CGVN"),
        KeyUsageRule("M1", "MAC, ISO 9797-1 algorithm 1", "AT", "CGVN"),
        KeyUsageRule("M2", "MAC, ISO 9797-1 algorithm 2", "AT", "CGVN"),
        KeyUsageRule("M3", "MAC, ISO 9797-1 algorithm 3 (retail MAC)", "AT", "CGVN"),
        KeyUsageRule("M4", "MAC, ISO 9797-1 algorithm 4", "AT", "CGVN"),
        KeyUsageRule("M5", "MAC, ISO 9797-1:1999 algorithm 5", "AT", "CGVN"),
        KeyUsageRule("M6", "MAC, ISO 9797-1:2011 algorithm 5 (CMAC)", "AT", "CGVN"),
        KeyUsageRule("M7", "HMAC", "HIJ", "CGVN"),
        KeyUsageRule("M8", "MAC, ISO 9797-1:2011 algorithm 6", "AT", "CGVN"),
        KeyUsageRule("P0", "PIN encryption", "AT", "BDEN"),
        KeyUsageRule("P1", "PIN generation", "AT", "CGVN"),
        KeyUsageRule("S0", "asymmetric key pair for signatures", "ERS", "SVN"),
        KeyUsageRule("S1", "asymmetric key pair of an authority", "ERS", "SVN"),
        KeyUsageRule("S2", "asymmetric key pair for other use", "ERS", "BDENSTVX"),
        KeyUsageRule("V0", "PIN verification, other", "AT", "CGVN"),
        KeyUsageRule("V1", "PIN verification, IBM 3624", "AT", "CGVN"),
        KeyUsageRule("V2", "PIN verification, Visa PVV", "AT", "CGVN"),
        KeyUsageRule("V3", "PIN verification, X9.132 algorithm 1", "AT", "CGVN"),
        KeyUsageRule("V4", "PIN verification, X9.132 algorithm 2", "AT", "CGVN"),
        KeyUsageRule("V5", "PIN verification, X9.132 algorithm 3", "AT", "CGVN"),
    ]
}
