// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `AES DUKPT on the host` {
    static func length(_ name: String) -> AESKeyLength? {
        ["AES128": .aes128, "AES192": .aes192, "AES256": .aes256][name]
    }

    private func transactionKey(_ initial: borrowing SecretKey, _ ksn: AESKeySerialNumber) throws -> SecretKey {
        try AESDUKPT.transactionKey(initial, ksn, AESBlockCipher())
    }

    @Test(arguments: Vector.load("aes_dukpt", "derive_ik"))
    func `derives the published initial keys`(vector: Vector) throws {
        let id = try #require(UInt64(try vector.input("ikid"), radix: 16))
        let key = try AESDUKPT.initialKey(bdk: vector.key("bdk"), ksn: AESKeySerialNumber(initialKeyID: id))
        #expect(try hex(key) == vector.expected("ik"))
    }

    @Test(arguments: Vector.load("aes_dukpt", "transaction", "transaction_random", "derive_txn_key"))
    func `derives the transaction key of every vector`(vector: Vector) throws {
        let ksn = try #require(AESKeySerialNumber(try vector.inputBytes("ksn")))
        let initial = try AESDUKPT.initialKey(bdk: vector.key("bdk"), ksn: ksn)
        if vector.hasExpected("ik") { #expect(try hex(initial) == vector.expected("ik")) }
        #expect(try hex(transactionKey(initial, ksn)) == vector.expected("txn_key"))
    }

    @Test(arguments: Vector.load("aes_dukpt", "transaction"))
    func `derives the published working keys`(vector: Vector) throws {
        let ksn = try #require(AESKeySerialNumber(try vector.inputBytes("ksn")))
        for (suffix, length) in [("aes128", AESKeyLength.aes128), ("aes256", .aes256)] {
            guard vector.hasExpected("pin_key_" + suffix) else { continue }
            let keys = try AESDUKPT.transactionKeys(bdk: vector.key("bdk"), ksn: ksn, workingKeys: length)
            for (usage, name) in [
                (DUKPTUsage.pinEncryption, "pin_key_"), (.macGeneration, "mac_generation_key_"),
                (.dataEncryption, "data_encrypt_key_"),
            ] {
                #expect(try holds(keys.withKey(usage) { Hex.text(Array($0)) } == vector.expected(name + suffix)))
            }
        }
    }

    @Test(arguments: Vector.load("aes_dukpt", "transaction").filter { $0.hasExpected("encrypted_pinblock_fmt4") })
    func `encrypts the published PIN block`(vector: Vector) throws {
        let ksn = try #require(AESKeySerialNumber(try vector.inputBytes("ksn")))
        let keys = try AESDUKPT.transactionKeys(bdk: vector.key("bdk"), ksn: ksn)
        let field = try vector.inputBytes("pin_field").withUnsafeBytes { Block($0.baseAddress!) }
        let pin = try vector.pin(try vector.input("pin"))
        #expect(PINBlock.pinField4(pin, random: field.low) == field)
        let cipher = AESBlockCipher()
        let pan = try vector.pan()
        let block = keys.withKey(.pinEncryption) {
            PINBlock.encryptFormat4(pin, pan: pan, key: $0, cipher: cipher, random: field.low)
        }
        #expect(try Hex.text(block.bytes) == vector.expected("encrypted_pinblock_fmt4"))
        #expect(try holds(keys.decryptPINBlock(block.bytes, pan: pan).equals(pin)))
    }

    @Test(arguments: Vector.load("aes_dukpt", "transaction_random"))
    func `decrypts PIN block and data of every random vector`(vector: Vector) throws {
        let ksn = try #require(AESKeySerialNumber(try vector.inputBytes("ksn")))
        let working = try #require(Self.length(try vector.input("working_key_type")))
        let keys = try AESDUKPT.transactionKeys(bdk: vector.key("bdk"), ksn: ksn, workingKeys: working)
        #expect(try holds(keys.withKey(.pinEncryption) { Hex.text(Array($0)) } == vector.expected("pin_key")))
        let pin = try keys.decryptPINBlock(try vector.inputBytes("encrypted_pinblock_fmt4"), pan: vector.pan())
        #expect(holds(pin.equals(try vector.pin(try vector.expected("pin")))))
        let data = try vector.inputBytes("data_padded")
        let request = try require(keys.encryptRequestData(data))
        let response = try require(keys.encryptResponseData(data))
        #expect(try Hex.text(request) == vector.expected("data_request_cbc"))
        #expect(try Hex.text(response) == vector.expected("data_response_cbc"))
        #expect(holds(keys.decryptRequestData(request) == data))
        #expect(holds(keys.decryptResponseData(response) == data))
        #expect(holds(keys.encryptRequestData([1]) == nil))
    }

    @Test(arguments: Vector.load("aes_dukpt", "derive_working_key"))
    func `derives every usage and key type`(vector: Vector) throws {
        let ksn = try #require(AESKeySerialNumber(try vector.inputBytes("ksn")))
        let usage = try #require(UInt16(try vector.input("usage_code"), radix: 16).flatMap(DUKPTUsage.init))
        let type = try #require(DUKPTKeyType(rawValue: try vector.input("key_type")))
        let data = AESDUKPT.derivationData(usage, type, ksn: ksn)
        if vector.hasExpected("derivation_data_block1") {
            #expect(try Hex.text(data.bytes) == vector.expected("derivation_data_block1"))
        }
        let transaction = try transactionKey(vector.key("ik"), ksn)
        let key = try AESDUKPT.workingKey(transactionKey: transaction, ksn: ksn, usage: usage, type: type)
        #expect(try hex(key) == vector.expected("working_key"))
    }

    @Test(arguments: Vector.load("aes_dukpt", "derive_update_key"))
    func `derives the update keys, of AES and of TDES`(vector: Vector) throws {
        let id = try #require(UInt64(try vector.input("ikid"), radix: 16))
        let type = try #require(DUKPTKeyType(rawValue: try vector.input("key_type")))
        let update = try AESDUKPT.updateKey(initialKey: vector.key("ik"), initialKeyID: id, type: type)
        // The key itself does not come out: what it wraps opens under the published one, and the other way.
        let published = try require(SecretKey(hex: try vector.expected("update_key")))
        let header = KeyBlockHeader(
            version: type.isAES ? .d : .b, usage: .initialDUKPT, algorithm: .tdes, modeOfUse: .derive)
        let next = SecretKey.random(count: 16)
        #expect(try holds(KeyBlock.unwrap(update.wrap(next, header: header), under: published).key.equals(next)))
        let text = try KeyBlock.wrap(next, header: header, under: published)
        #expect(try holds(update.unwrap(text).key.equals(next)))
    }

    @Test(arguments: Vector.load("aes_dukpt", "ksn_next"))
    func `counts as the standard does`(vector: Vector) throws {
        let ksn = try #require(AESKeySerialNumber(try vector.inputBytes("ksn")))
        if vector.json["expected"]?["exhausted"]?.bool == true {
            #expect(ksn.next == nil)
        } else {
            #expect(try Hex.text(try #require(ksn.next).bytes) == vector.expected("next_ksn"))
        }
    }

    @Test func `ends with counter FFFF0000 and has the number of keys that combinatorics says`() {
        #expect(AESKeySerialNumber(initialKeyID: 1, counter: 0xFFFF_0000).next == nil)
        var (total, choose) = (0, 1)
        for ones in 1...16 {
            choose = choose * (33 - ones) / ones
            total += choose
        }
        #expect(total == AESKeySerialNumber.transactionsMax)
        #expect(
            Vector.load("aes_dukpt", "ksn_total").map { $0.json["expected"]?["valid_transactions"]?.integer }
                == [Int64(total)])
    }

    @Test func `refuses illegal counters, wrong lengths, and working keys stronger than their source`() throws {
        let bdk = try require(SecretKey(hex: "FEDCBA9876543210F1F1F1F1F1F1F1F1"))
        for counter: UInt32 in [0, 0x0001_FFFF, .max] {
            #expect(throws: DUKPTError.illegalCounter(counter)) {
                _ = try AESDUKPT.transactionKeys(
                    bdk: bdk.copy(), ksn: AESKeySerialNumber(initialKeyID: 1, counter: counter))
            }
        }
        let ksn = AESKeySerialNumber(initialKeyID: 1, counter: 1)
        #expect(throws: DUKPTError.wrongKeyLength(8)) {
            _ = try AESDUKPT.initialKey(bdk: .random(count: 8), ksn: ksn)
        }
        #expect(throws: DUKPTError.strongerThanParent(.aes256)) {
            _ = try AESDUKPT.transactionKeys(bdk: bdk.copy(), ksn: ksn, workingKeys: .aes256)
        }
    }

    @Test func `verifies MACs of 8 and of 16 bytes, each in its direction`() throws {
        let ksn = AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456, counter: 3)
        let keys = try AESDUKPT.transactionKeys(bdk: .random(count: 32), ksn: ksn)
        let message = Array("0200 purchase".utf8)
        let (request, response) = (keys.requestMAC(message), keys.responseMAC(message))
        #expect(request.count == 8 && keys.fullRequestMAC(message).prefix(8) == request[...])
        #expect(response.count == 8 && keys.fullResponseMAC(message).prefix(8) == response[...])
        #expect(request != response)
        #expect(holds(keys.verifyRequestMAC(request, message: message)))
        #expect(holds(keys.verifyRequestMAC(keys.fullRequestMAC(message), message: message)))
        #expect(holds(keys.verifyResponseMAC(response, message: message)))
        #expect(holds(!keys.verifyResponseMAC(request, message: message)))
        #expect(holds(!keys.verifyRequestMAC(request, message: message + [0])))
        for count in [0, 1, 4, 7, 9, 15] {
            #expect(holds(!keys.verifyRequestMAC(Array(keys.fullRequestMAC(message).prefix(count)), message: message)))
        }
        for bit in 0..<64 {
            var changed = request
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(holds(!keys.verifyRequestMAC(changed, message: message)))
        }
    }
}
