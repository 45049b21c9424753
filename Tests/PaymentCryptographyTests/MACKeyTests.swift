// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A MAC of old` {
    private func padding(_ vector: Vector) throws -> MACPadding {
        try #require(MACPadding(rawValue: try vector.integer("padding")))
    }

    @Test(arguments: Vector.load("mac", "iso9797_1_alg3_two_double_length_keys"))
    func `of ISO 9797-1 algorithm 3 with two double-length keys is the vector's`(vector: Vector) throws {
        let mac = RetailMAC.code(
            first: try vector.key("key1"), second: try vector.key("key2"), message: try vector.message(),
            padding: try padding(vector))
        #expect(try Hex.text(mac) == vector.expected("mac"))
    }

    @Test(arguments: Vector.load("mac", "iso9797_1_alg1_tdes"))
    func `of ISO 9797-1 algorithm 1 is verified, and so are its first four bytes`(vector: Vector) throws {
        let key = try vector.key("key")
        let (message, padding) = (try vector.message(), try padding(vector))
        let mac = RetailMAC.algorithm1(key: key, message: message, padding: padding)
        #expect(try Hex.text(mac) == vector.expected("mac"))
        for count in 0...8 {
            let verified = RetailMAC.verifyAlgorithm1(
                Array(mac.prefix(count)), key: key, message: message, padding: padding)
            #expect(holds(verified == (count >= 4)))
        }
    }

    @Test(arguments: Vector.load("mac", "iso9797_1_alg3"))
    func `of ISO 9797-1 algorithm 3 is verified, and so are its first four bytes`(vector: Vector) throws {
        let key = try vector.key("key")
        let (message, padding) = (try vector.message(), try padding(vector))
        let mac = try #require(Hex.bytes(try vector.expected("mac")))
        for count in 0...8 {
            let verified = RetailMAC.verify(Array(mac.prefix(count)), key: key, message: message, padding: padding)
            #expect(holds(verified == (count >= 4)))
        }
        #expect(holds(!RetailMAC.verify(mac, key: key, message: message + [1], padding: padding)))
        #expect(holds(!RetailMAC.verify(mac, key: .random(count: 24), message: message, padding: padding)))
    }

    @Test(arguments: Vector.load("mac", "padding"))
    func `pads as the vector says`(vector: Vector) throws {
        let (message, count) = (try vector.message(), try vector.integer("block_length"))
        for padding in MACPadding.allCases {
            #expect(
                try Hex.text(padding.padded(message, blockCount: count))
                    == vector.expected("method\(padding.rawValue)"))
        }
    }

    @Test(arguments: MACPadding.allCases, 0...33)
    func `pads to whole blocks that give the same code as the whole message`(padding: MACPadding, count: Int) {
        let message = (0..<count).map { UInt8($0 + 1) }
        let key = SecretKey.random(count: 16)
        let padded = padding.padded(message)
        #expect(padded.count % 8 == 0 && !padded.isEmpty)
        // Padded by hand, a message of whole blocks needs no more.
        #expect(
            RetailMAC.code(key: key, message: padded, padding: .method1)
                == RetailMAC.code(key: key, message: message, padding: padding))
    }

    @Test func `of X9.9 is that of FIPS 113 appendix 2`() throws {
        let key = try require(SecretKey(hex: "0123456789ABCDEF"))
        let message = Array("7654321 Now is the time for ".utf8)
        let mac = X99MAC.code(key: key, message: message)
        #expect(Hex.text(mac) == "F1D30F6849312CA4")
        #expect(holds(X99MAC.verify(Array(mac.prefix(4)), key: key, message: message)))
        #expect(holds(!X99MAC.verify(Array(mac.prefix(3)), key: key, message: message)))
        #expect(holds(!X99MAC.verify(mac, key: key, message: message + [1])))
        #expect(holds(!X99MAC.verify(mac, key: .random(count: 16), message: message)))
    }

    @Test(arguments: Vector.load("sm_unionpay", "unionpay_mac_ecb"))
    func `of UnionPay is the vector's`(vector: Vector) throws {
        let key = try vector.key("mak")
        let message = try vector.inputBytes("mac_block_data")
        #expect(try Hex.text(UnionPayMAC.lastBlock(key: key, message: message)) == vector.expected("after_second_des"))
        let code = UnionPayMAC.code(key: key, message: message)
        #expect(try String(decoding: code, as: UTF8.self) == vector.expected("mac_field64_ascii"))
        #expect(holds(UnionPayMAC.verify(code, key: key, message: message)))
        #expect(holds(!UnionPayMAC.verify(Array(code.prefix(4)), key: key, message: message)))
        #expect(holds(!UnionPayMAC.verify(code, key: key, message: message + [1])))
        #expect(holds(!UnionPayMAC.verify(code, key: .random(count: 32), message: message)))
    }

    @Test func `of UnionPay under a single-length key is that of the key written twice`() throws {
        let single = try require(SecretKey(hex: "0123456789ABCDEF"))
        let double = try require(SecretKey(hex: "0123456789ABCDEF0123456789ABCDEF"))
        let message = Array("field by field".utf8)
        #expect(UnionPayMAC.code(key: single, message: message) == UnionPayMAC.code(key: double, message: message))
    }
}
