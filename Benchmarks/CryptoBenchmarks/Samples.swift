// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// The inputs that the peers' programs take too: test keys of the standards.
enum Samples {
    static let tdesKey = "0123456789ABCDEFFEDCBA9876543210"
    static let otherKey = "FEDCBA98765432100123456789ABCDEF"
    static let aesKey = "FEDCBA9876543210F1F1F1F1F1F1F1F1"
    static let tdesKSN = "FFFF9876543210E00000"
    static let aesKSN = "123456789012345600000001"
    static let ksnCount = 4_096
    static let message = Array("4012345678909D987".utf8)

    /// TR-31:2018 A.7 and X9.143:2021 8.4.1.
    static let keyBlocks: [(name: String, protectionKey: String, text: String)] = [
        (
            "a", "89E88CF7931444F334BD7547FC3F380C",
            "A0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701"
        ),
        (
            "b", "DD7515F2BFC17F85CE48F3CA25CB21F6",
            "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E"
        ),
        (
            "b-ks", "1D22BF32387C600AD97F9B97A51311AC",
            "B0104B0TX12S0100KS1800604B120F9292800000BB68BE8680A400D9191AD4ECE45B6E6C0D21C4738A52190E248719E24B433627"
        ),
        (
            "c-ks", "B8ED59E0A279A295E9F5ED7944FD06B9",
            "C0112B0TX12S0100KS1800604B120F929280000042B758A2400AB598AE37782823DAF0BA4BDB0DAFF34915345CA169AE1F976A42"
                + "9EB139E5"
        ),
        (
            "d", "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6",
            "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03"
                + "A457DC34"
        ),
    ]

    struct Unusable: Error { let text: String }

    static func key(_ hex: String) throws -> SecretKey {
        guard let key = SecretKey(hex: hex) else { throw Unusable(text: hex) }
        return key
    }

    static func pan(_ digits: String) throws -> PANDigits {
        guard let pan = PANDigits(digits) else { throw Unusable(text: digits) }
        return pan
    }

    static func pin() throws -> ClearPIN {
        guard let pin = ClearPIN(digits: "1234") else { throw Unusable(text: "1234") }
        return pin
    }

    /// The first legal KSNs of a TDES device.
    static func tdesKSNs() throws -> [TDESKeySerialNumber] {
        var ksns: [TDESKeySerialNumber] = []
        var last = TDESKeySerialNumber(Hex.bytes(tdesKSN) ?? [])
        while ksns.count < ksnCount, let next = last?.next {
            ksns.append(next)
            last = next
        }
        guard ksns.count == ksnCount else { throw Unusable(text: tdesKSN) }
        return ksns
    }

    /// The first legal KSNs of an AES device.
    static func aesKSNs() throws -> [AESKeySerialNumber] {
        var ksns: [AESKeySerialNumber] = []
        var next = AESKeySerialNumber(Hex.bytes(aesKSN) ?? [])
        while ksns.count < ksnCount, let ksn = next {
            ksns.append(ksn)
            next = ksn.next
        }
        guard ksns.count == ksnCount else { throw Unusable(text: aesKSN) }
        return ksns
    }
}

/// Something of a result, for the sink.
@inline(__always)
func word(_ bytes: [UInt8]) -> UInt64 { UInt64(bytes[0]) << 8 | UInt64(bytes[bytes.count - 1]) }
