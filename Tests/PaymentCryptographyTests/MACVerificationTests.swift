// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A code that was cut short` {
    /// One MAC: its whole code, how few bytes verification takes, and the verification.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let countMin: Int
        let code: [UInt8]
        let verify: @Sendable ([UInt8], [UInt8]) -> Bool
        var testDescription: String { name }
    }

    static let message = Array("0200 sale 12.00".utf8)
    static func key(_ count: Int) -> SecretKey {
        SecretKey(count: count) { for i in 0..<count { $0[i] = UInt8(truncatingIfNeeded: 17 * i + 3) } }
    }

    static let cases: [Case] = {
        var cases = [
            Case(name: "X9.9", countMin: 4, code: X99MAC.code(key: key(8), message: message)) {
                X99MAC.verify($0, key: key(8), message: $1)
            },
            Case(name: "X9.19", countMin: 4, code: RetailMAC.code(key: key(16), message: message)) {
                RetailMAC.verify($0, key: key(16), message: $1)
            },
            Case(
                name: "algorithm 3, two keys", countMin: 4,
                code: RetailMAC.code(first: key(16), second: key(24), message: message)
            ) { RetailMAC.verify($0, first: key(16), second: key(24), message: $1) },
            Case(name: "algorithm 1", countMin: 4, code: RetailMAC.algorithm1(key: key(24), message: message)) {
                RetailMAC.verifyAlgorithm1($0, key: key(24), message: $1)
            },
            Case(name: "CMAC TDES", countMin: 4, code: TDESCMAC.code(key: key(24), message: message)) {
                TDESCMAC.verify($0, key: key(24), message: $1)
            },
            Case(name: "CMAC AES", countMin: 8, code: AESCMAC(key: key(32)).code(message)) {
                AESCMAC(key: key(32)).verify($0, message: $1)
            },
            Case(name: "CMAC SM4", countMin: 8, code: (try? SM4CMAC.code(key: key(16), message: message)) ?? []) {
                (try? SM4CMAC.verify($0, key: key(16), message: $1)) ?? false
            },
            Case(name: "SM4 CBC", countMin: 4, code: (try? SM4.mac(message, key: key(16))) ?? []) {
                (try? SM4.verify($0, message: $1, key: key(16))) ?? false
            },
            Case(name: "UnionPay", countMin: 8, code: UnionPayMAC.code(key: key(16), message: message)) {
                UnionPayMAC.verify($0, key: key(16), message: $1)
            },
            Case(
                name: "UnionPay SM4", countMin: 8,
                code: (try? UnionPayMAC.sm4Code(key: key(16), message: message)) ?? []
            ) { (try? UnionPayMAC.verifySM4($0, key: key(16), message: $1)) ?? false },
        ]
        for digest in DigestAlgorithm.allCases {
            cases.append(
                Case(
                    name: "HMAC " + digest.rawValue, countMin: max(10, digest.digestCount / 2),
                    code: digest.hmac(key: key(20), message: message)
                ) { digest.verifyHMAC($0, key: key(20), message: $1) })
        }
        return cases
    }()

    @Test(arguments: cases)
    func `verifies down to its fewest bytes, and never with a changed bit`(mac: Case) {
        #expect(mac.code.count >= mac.countMin)
        for count in 0...mac.code.count {
            #expect(mac.verify(Array(mac.code.prefix(count)), Self.message) == (count >= mac.countMin), "\(count)")
        }
        #expect(!mac.verify(mac.code + [0], Self.message))
        #expect(!mac.verify(mac.code, Self.message + [1]))
        for place in mac.code.indices {
            var changed = mac.code
            changed[place] ^= 1
            #expect(!mac.verify(changed, Self.message), "\(place)")
        }
    }

    @Test func `is false for a key of another length, not a stop`() {
        let code = [UInt8](repeating: 0, count: 8)
        for count in [1, 8, 15, 24, 32] {
            #expect(holds(!RetailMAC.verify(code, key: Self.key(count), message: Self.message)))
        }
        #expect(holds(!TDESCMAC.verify(code, key: Self.key(8), message: Self.message)))
        #expect(holds(!RetailMAC.verify(code, first: Self.key(8), second: Self.key(16), message: Self.message)))
        #expect(throws: SM4Error.wrongKeyLength(15)) { try SM4CMAC.code(key: Self.key(15), message: []) }
        #expect(throws: SM4Error.wrongKeyLength(24)) { try UnionPayMAC.sm4Code(key: Self.key(24), message: []) }
    }
}

@Suite struct `SM4 in a MAC` {
    /// SP 800-38B 6.1 and 6.2 written out over single SM4 blocks.
    static func cmac(_ key: borrowing SecretKey, _ message: [UInt8]) throws -> [UInt8] {
        func doubled(_ block: [UInt8]) -> [UInt8] {
            var output = (0..<16).map { block[$0] << 1 | ($0 < 15 ? block[$0 + 1] >> 7 : 0) }
            if block[0] & 0x80 != 0 { output[15] ^= 0x87 }
            return output
        }
        let first = doubled(try SM4.encryptECB([UInt8](repeating: 0, count: 16), key: key))
        let whole = !message.isEmpty && message.count % 16 == 0
        var padded = whole ? message : MACPadding.method2.padded(message, blockCount: 16)
        for (index, byte) in (whole ? first : doubled(first)).enumerated() { padded[padded.count - 16 + index] ^= byte }
        return Array(try SM4.encryptCBC(padded, key: key, vector: [UInt8](repeating: 0, count: 16)).suffix(16))
    }

    @Test func `as CMAC is what the standard's steps give`() throws {
        for count in [0, 1, 15, 16, 17, 31, 32, 33, 200] {
            let key = SecretKey.random(count: 16)
            let message = (0..<count).map { UInt8($0 & 0xFF) }
            #expect(try SM4CMAC.code(key: key, message: message) == Self.cmac(key, message))
        }
    }

    /// Computed with gmssl 3.2.2, whose SM4 passes the known answer of GB/T 32907.
    @Test func `as UnionPay's folded MAC is what another implementation gives`() throws {
        let key = try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"))
        let message = try #require(
            Hex.bytes(
                "0200302004C020C0981100000000000000005100183402100006324392260009942820D1312101120084393136363838303134"
                    + "303030303030303030303030303031313536ACF46E73838A82F92600000000000000000822000001"))
        #expect(
            Hex.text(try UnionPayMAC.sm4LastBlock(key: key, message: message)) == "D0656CDC7A9D002263671B6D8DF5DACA")
        #expect(try UnionPayMAC.sm4Code(key: key, message: message) == Array("D0656CDC".utf8))
    }
}

@Suite struct `An offset` {
    @Test func `gives the PIN that has it, and none of a wrong length`() throws {
        let pvk = SecretKey.random(count: 16)
        let data = PINValidationData(pan: try #require(PANDigits("4111111111111111")))
        for count in 4...12 {
            let pin = ClearPIN.random(count: count)
            let offset = IBM3624.offset(pvk: pvk, validationData: data, table: .standard, pin: pin)
            let back = try require(
                IBM3624.pin(pvk: pvk, validationData: data, table: .standard, offset: offset))
            #expect(holds(back.equals(pin)))
        }
        for offset in [[1, 2, 3], [UInt8](repeating: 0, count: 13), [1, 2, 3, 10], []] as [[UInt8]] {
            #expect(holds(isNil(IBM3624.pin(pvk: pvk, validationData: data, table: .standard, offset: offset))))
        }
    }
}
