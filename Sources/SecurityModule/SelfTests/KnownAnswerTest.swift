// SPDX-License-Identifier: Apache-2.0

/// One known-answer test of the module's algorithm unit.
public enum KnownAnswerTest: UInt8, CaseIterable, Comparable, Sendable {
    case tdes = 1
    /// AES-128 in GCM.
    case aes = 2
    case cmac = 3
    case sha256 = 4
    case tdesDUKPT = 5
    case aesDUKPT = 6
    case unionPayMAC = 7
    case sm4 = 8
    /// ISO 9797-1 algorithm 3.
    case retailMAC = 9
    case hmac = 10
    /// NIST SP 800-108 with CMAC.
    case kdf = 11
    case pinFormat0 = 12
    case pinFormat1 = 13
    case pinFormat2 = 14
    case pinFormat3 = 15
    case pinFormat4 = 16
    case pinSM4 = 17
    case ibm3624 = 18
    case visaPVV = 19
    /// A key block of version B.
    case keyBlockTDES = 20
    /// A key block of version D.
    case keyBlockAES = 21
    case ecdsa = 22
    case ecdh = 23
    case x963KDF = 24
    case checkValue = 25
    /// A chip card's key out of its issuer's.
    case chipKey = 26
    case cryptogram = 27

    public static func < (left: KnownAnswerTest, right: KnownAnswerTest) -> Bool { left.rawValue < right.rawValue }
}
