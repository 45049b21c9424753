// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A MAC` {
    @Test(arguments: Vector.load("mac", "iso9797_1_alg3"))
    func `of ISO 9797-1 algorithm 3 is the vector's`(vector: Vector) throws {
        let padding = try #require(vector.json["inputs"]?["padding"]?.integer.flatMap { MACPadding(rawValue: Int($0)) })
        let mac = RetailMAC.code(key: try vector.key("key"), message: try vector.message(), padding: padding)
        #expect(try Hex.text(mac) == vector.expected("mac"))
    }

    @Test(arguments: Vector.load("mac", "iso9797_1_alg1_tdes"))
    func `of ISO 9797-1 algorithm 1 is the vector's`(vector: Vector) throws {
        let padding = try #require(vector.json["inputs"]?["padding"]?.integer.flatMap { MACPadding(rawValue: Int($0)) })
        let key = try vector.key("key")
        let mac = try vector.message().withUnsafeBytes {
            RetailMAC.algorithm1(key: key, message: $0, padding: padding)
        }
        #expect(try Hex.text(mac) == vector.expected("mac"))
    }

    @Test(arguments: Vector.load("mac", "cmac_aes"))
    func `of AES-CMAC is the vector's`(vector: Vector) throws {
        let mac = AESCMAC(key: try vector.key("key"))
        let message = try vector.message()
        #expect(try Hex.text(mac.code(message)) == vector.expected("mac"))
        #expect(holds(mac.verify(mac.code(message), message: message)))
        #expect(holds(mac.verify(Array(mac.code(message).prefix(8)), message: message)))
        #expect(holds(!mac.verify(Array(mac.code(message).prefix(7)), message: message)))
        #expect(holds(!mac.verify(mac.code(message), message: message + [0])))
    }

    @Test(arguments: Vector.load("mac", "hmac_sha256"))
    func `of HMAC-SHA-256 is the vector's`(vector: Vector) throws {
        let key = try vector.key("key")
        let code = HMACSHA256.code(key: key, message: try vector.message())
        #expect(try Hex.text(code) == vector.expected("mac"))
        let mac = HMACSHA256(key: key)
        #expect(holds(mac.verify(code, message: try vector.message())))
        #expect(holds(mac.verify(Array(code.prefix(16)), message: try vector.message())))
        #expect(holds(!mac.verify(Array(code.prefix(15)), message: try vector.message())))
    }

    @Test func `of HMAC-SHA-256 hashes a key of more than a block (RFC 4231 case 6)`() throws {
        let key = SecretKey(count: 131) { for index in 0..<$0.count { $0[index] = 0xAA } }
        let code = HMACSHA256.code(
            key: key, message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
        #expect(Hex.text(code) == "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54")
    }

    @Test func `of AES-CMAC gives the same from many threads that share it`() async {
        let mac = AESCMAC(key: .random(count: 32))
        let shared = Shared(mac: mac)
        let messages = (0..<64).map { [UInt8](repeating: UInt8($0), count: $0 * 3) }
        let expected = messages.map { shared.mac.code($0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { _ in messages.map { shared.mac.code($0) } == expected }
                }
            }
            for await same in group { #expect(same) }
        }
    }

    final class Shared: Sendable {
        let mac: AESCMAC
        init(mac: consuming AESCMAC) { self.mac = mac }
    }
}

@Suite struct `A key check value` {
    @Test(arguments: Vector.load("kcv", "kcv_tdes_zeros"))
    func `of TDES is the vector's`(vector: Vector) throws {
        let expected = try vector.expected("kcv")
        #expect(try Hex.text(KCV.tdes(vector.key("key"))).hasPrefix(expected.prefix(6)))
    }

    @Test(arguments: Vector.load("kcv", "kcv_aes_cmac_zeros"))
    func `of AES is the vector's`(vector: Vector) throws {
        let expected = try vector.expected("kcv")
        #expect(try Hex.text(KCV.aes(vector.key("key"), count: expected.count / 2)) == expected)
    }

    @Test(arguments: Vector.load("kcv", "form_key_from_components"))
    func `belongs to the key that its components form`(vector: Vector) throws {
        let texts = try #require(vector.json["inputs"]?["components"]?.array).compactMap(\.string)
        var key = try require(SecretKey(hex: texts[0]))
        for text in texts.dropFirst() {
            key = try require(key.combined(with: try require(SecretKey(hex: text))))
        }
        #expect(try hex(key) == vector.expected("key_xor"))
        #expect(try hex(key.withOddParity()) == vector.expected("key_odd_parity"))
        #expect(try Hex.text(KCV.tdes(key)) == vector.expected("kcv"))
        #expect(holds(isNil(key.combined(with: .random(count: 8)))))
    }
}
