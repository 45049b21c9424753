// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `TDES DUKPT on the host` {
    @Test(arguments: Vector.load("tdes_dukpt", "derive_ik"))
    func `derives the published initial key`(vector: Vector) throws {
        let ksn = try #require(TDESKeySerialNumber(try vector.inputBytes("iksn")))
        let key = try TDESDUKPT.initialKey(bdk: vector.key("bdk"), ksn: ksn)
        #expect(try hex(key) == vector.expected("ik"))
    }

    @Test(arguments: Vector.load("tdes_dukpt", "transaction", "transaction_random"))
    func `derives the working keys of every vector`(vector: Vector) throws {
        let ksn = try #require(TDESKeySerialNumber(try vector.inputBytes("ksn")))
        let initial = try TDESDUKPT.initialKey(bdk: vector.key("bdk"), ksn: ksn)
        if vector.hasExpected("ik") { #expect(try hex(initial) == vector.expected("ik")) }
        var scratch = TDESDUKPTScratch()
        initial.withBytes { scratch.load($0) }
        scratch.descend(ksn)
        #expect(try scratch.withKey { Hex.text(Array($0)) } == vector.expected("txn_key"))

        let keys = try TDESDUKPT.transactionKeys(bdk: vector.key("bdk"), ksn: ksn)
        #expect(holds(keys.ksn == ksn))
        if vector.hasExpected("pin_key") {
            #expect(try holds(keys.withKey(.pin) { Hex.text(Array($0)) } == vector.expected("pin_key")))
            #expect(try hex(keys.dataKey(.requestData)) == vector.expected("data_request_key"))
        }
    }

    @Test(arguments: Vector.load("tdes_dukpt", "transaction", "transaction_random"))
    func `encrypts and decrypts the PIN block of every vector`(vector: Vector) throws {
        let ksn = try #require(TDESKeySerialNumber(try vector.inputBytes("ksn")))
        let keys = try TDESDUKPT.transactionKeys(bdk: vector.key("bdk"), ksn: ksn)
        let name = vector.hasExpected("encrypted_pinblock") ? "encrypted_pinblock" : "encrypted_pinblock_fmt0"
        let block = try vector.expected(name)
        let pin = try vector.pin(try vector.input("pin"))
        #expect(Hex.text(keys.encryptPINBlock(pin, pan: try vector.pan())) == block)
        let back = try keys.decryptPINBlock(try #require(Hex.bytes(block)), pan: try vector.pan())
        #expect(holds(back.equals(pin)))
    }

    @Test(arguments: Vector.load("tdes_dukpt", "transaction"))
    func `gives the published MACs and data of request and response`(vector: Vector) throws {
        let ksn = try #require(TDESKeySerialNumber(try vector.inputBytes("ksn")))
        let keys = try TDESDUKPT.transactionKeys(bdk: vector.key("bdk"), ksn: ksn)
        let message = Array(try vector.input("data_ascii").utf8)
        let request = keys.requestMAC(message)
        let response = keys.responseMAC(message)
        #expect(try Hex.text(request.prefix(4)) == vector.expected("request_mac4_x919"))
        #expect(try Hex.text(response.prefix(4)) == vector.expected("response_mac4_x919"))
        #expect(holds(keys.verifyRequestMAC(request, message: message)))
        #expect(holds(keys.verifyResponseMAC(response, message: message)))
        #expect(holds(!keys.verifyRequestMAC(response, message: message)))
        #expect(holds(!keys.verifyResponseMAC(request, message: message)))
        #expect(holds(!keys.verifyRequestMAC(Array(request.prefix(4)), message: message)))
        #expect(holds(!keys.verifyRequestMAC([], message: message)))
        let padded = message + [UInt8](repeating: 0, count: (8 - message.count % 8) % 8)
        let encrypted = try require(keys.encryptRequestData(padded))
        #expect(try Hex.text(encrypted) == vector.expected("data_request_cbc_zero_padded"))
        #expect(holds(keys.decryptRequestData(encrypted) == padded))
    }

    @Test(arguments: Vector.load("tdes_dukpt", "transaction_random"))
    func `encrypts data both ways`(vector: Vector) throws {
        let ksn = try #require(TDESKeySerialNumber(try vector.inputBytes("ksn")))
        let keys = try TDESDUKPT.transactionKeys(bdk: vector.key("bdk"), ksn: ksn)
        let data = try vector.inputBytes("data_padded")
        #expect(try Hex.text(try require(keys.encryptRequestData(data))) == vector.expected("data_request_cbc"))
        let response = try require(keys.encryptResponseData(data))
        #expect(try Hex.text(response) == vector.expected("data_response_cbc"))
        #expect(holds(keys.decryptResponseData(response) == data))
        #expect(holds(keys.encryptRequestData([1]) == nil))
    }

    @Test(arguments: Vector.load("tdes_dukpt", "ksn_next"))
    func `counts as the standard does`(vector: Vector) throws {
        let ksn = try #require(TDESKeySerialNumber(try vector.inputBytes("ksn")))
        if vector.json["expected"]?["exhausted"]?.bool == true {
            #expect(ksn.next == nil)
        } else {
            #expect(try Hex.text(try #require(ksn.next).bytes) == vector.expected("next_ksn"))
        }
    }

    @Test func `has exactly 1,048,575 legal counters, and next visits each`() throws {
        var ksn = try #require(TDESKeySerialNumber(initialKeyID: 0xFFFF_9876_5432_10E0))
        var count = 0
        while let next = ksn.next {
            if !next.isLegal || next.counter <= ksn.counter { Issue.record("\(next.counter)") }
            ksn = next
            count += 1
        }
        #expect(count == TDESKeySerialNumber.transactionsMax)
        #expect(ksn.counter == 0x1FF800)
        var (total, choose) = (0, 1)
        for ones in 1...10 {
            choose = choose * (22 - ones) / ones
            total += choose
        }
        #expect(total == count)
        #expect(
            Vector.load("tdes_dukpt", "ksn_total").map { $0.json["expected"]?["valid_transactions"]?.integer }
                == [Int64(count)])
    }

    @Test func `refuses illegal counters and wrong key lengths`() throws {
        let bdk = try require(SecretKey(hex: "0123456789ABCDEFFEDCBA9876543210"))
        let id: UInt64 = 0xFFFF_9876_5432_10E0
        let illegal = [0, 0x7FF, 0x1F_FFFF].compactMap { TDESKeySerialNumber(initialKeyID: id, counter: $0) }
        #expect(illegal.count == 3)
        for ksn in illegal {
            #expect(throws: DUKPTError.illegalCounter(ksn.counter)) {
                _ = try TDESDUKPT.transactionKeys(bdk: bdk.copy(), ksn: ksn)
            }
        }
        let ksn = try #require(TDESKeySerialNumber(initialKeyID: id, counter: 1))
        for count in [8, 24] {
            #expect(throws: DUKPTError.wrongKeyLength(count)) {
                _ = try TDESDUKPT.initialKey(bdk: .random(count: count), ksn: ksn)
            }
            #expect(throws: DUKPTError.wrongKeyLength(count)) {
                _ = try TDESDUKPT.transactionKeys(initialKey: .random(count: count), ksn: ksn)
            }
        }
    }

    @Test func `reads a KSN by its length and writes it back`() throws {
        let tdes = try #require(Hex.bytes("FFFF9876543210E00ABC"))
        let aes = try #require(Hex.bytes("123456789012345600000ABC"))
        #expect(KSN(bytes: tdes)?.bytes == tdes)
        #expect(KSN(bytes: tdes)?.counter == 0xABC)
        #expect(KSN(bytes: tdes)?.initialKeyID == 0xFFFF_9876_5432_10E0)
        #expect(KSN(bytes: aes)?.bytes == aes)
        #expect(KSN(bytes: aes)?.counter == 0xABC)
        #expect(KSN(bytes: aes)?.initialKeyID == 0x1234_5678_9012_3456)
        for count in [0, 9, 11, 13] { #expect(KSN(bytes: [UInt8](repeating: 0, count: count)) == nil) }
        #expect(TDESKeySerialNumber(initialKeyID: 1) == nil)
        #expect(TDESKeySerialNumber(initialKeyID: 0x20, counter: 1 << 21) == nil)
    }
}
