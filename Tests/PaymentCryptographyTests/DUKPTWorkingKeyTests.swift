// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A DUKPT working key` {
    private static let ksn = AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456, counter: 0x1A5)

    /// Makes something with the key of a usage and type; nil where the usage has no typed key.
    private func make(
        _ transaction: borrowing AESDUKPTTransaction, _ usage: DUKPTUsage, _ type: DUKPTKeyType
    ) throws(DUKPTError) {
        switch usage {
        case .keyEncryption: _ = try transaction.keyEncryptionKey(type: type).type
        case .pinEncryption: _ = try transaction.pinKey(type: type).type
        case .macGeneration: _ = try transaction.macKey(.request, type: type).algorithm
        case .macVerification: _ = try transaction.macKey(.response, type: type).algorithm
        case .macBothWays: _ = try transaction.macKey(.bothWays, type: type).algorithm
        case .dataEncryption: _ = try transaction.dataKey(.request, type: type).type
        case .dataDecryption: _ = try transaction.dataKey(.response, type: type).type
        case .dataBothWays: _ = try transaction.dataKey(.bothWays, type: type).type
        case .keyDerivation, .initialKey: break
        }
    }

    @Test(arguments: AESKeyLength.allCases)
    func `is never stronger than its parent, and of a type that its usage has`(length: AESKeyLength) throws {
        let transaction = try AESDUKPT.transaction(initialKey: .random(count: length.rawValue), ksn: Self.ksn)
        for type in DUKPTKeyType.allCases {
            let isStronger = type.byteCount > length.rawValue && type != .tdes3
            #expect(isStronger == (type.strength > KeyStrength(bits: length.rawValue * 8)))
            for usage in DUKPTUsage.allCases where usage.rawValue < 0x8000 {
                var error: DUKPTError?
                do throws(DUKPTError) { try make(transaction, usage, type) } catch let refusal { error = refusal }
                let isMAC = usage.rawValue >> 12 == 2
                let expected: DUKPTError? =
                    type.isHMAC && !isMAC ? .unsuitableType(type) : isStronger ? .strongerThanParent(type) : nil
                #expect(error == expected, "\(usage) of \(type) from \(length)")
            }
        }
    }

    @Test func `of any usage and type has the published bytes`() throws {
        for vector in Vector.load("aes_dukpt", "derive_working_key") {
            let ksn = try #require(AESKeySerialNumber(try vector.inputBytes("ksn")))
            let type = try #require(DUKPTKeyType(rawValue: try vector.input("key_type")))
            let usage = try #require(UInt16(try vector.input("usage_code"), radix: 16).flatMap(DUKPTUsage.init))
            let published = try require(SecretKey(hex: try vector.expected("working_key")))
            // The same key on the side that may make something with it.
            let initial = try vector.key("ik")
            let key = try AESDUKPT.transactionKey(initial, ksn, AESBlockCipher())
            let isTheHosts = [.macVerification, .dataDecryption].contains(usage)
            let transaction = AESDUKPTTransaction(
                ksn: ksn, transactionKey: key, party: isTheHosts ? .host : .device)
            let message = [UInt8](repeating: 0x5A, count: 48)
            switch usage {
            case .macGeneration, .macVerification, .macBothWays:
                let direction: DUKPTDirection =
                    usage == .macGeneration ? .request : usage == .macVerification ? .response : .bothWays
                let code = try transaction.macKey(direction, type: type).code(message)
                let expected =
                    type.isHMAC
                    ? DigestAlgorithm.sha256.hmac(key: published, message: message)
                    : type.isAES
                        ? AESCMAC(key: published).code(message) : TDESCMAC.code(key: published, message: message)
                #expect(code == expected, "\(vector.id)")
            case .dataEncryption, .dataDecryption, .dataBothWays:
                let direction: DUKPTDirection =
                    usage == .dataEncryption ? .request : usage == .dataDecryption ? .response : .bothWays
                let vectors = [UInt8](repeating: 3, count: type.isAES ? 16 : 8)
                let data = try transaction.dataKey(direction, type: type).encrypt(message, vector: vectors)
                let expected =
                    type.isAES
                    ? CipherCalculator.aes(message, key: published, vector: vectors, encrypting: true)
                    : CipherCalculator.tdes(message, key: published, vector: vectors, encrypting: true)
                #expect(data == expected, "\(vector.id)")
            case .pinEncryption:
                let pan = try #require(PANDigits("4111111111111111"))
                let pin = try require(makePIN("123456"))
                let format = type.isAES ? PINBlockFormat.format4 : .format0
                let block = try transaction.pinKey(type: type).encrypt(pin, pan: pan, format: format)
                let back = try PINBlock.decrypt(block, pan: pan, format: format, key: published)
                #expect(holds(back.equals(pin)), "\(vector.id)")
            case .keyEncryption:
                let header = KeyBlockHeader(
                    version: type.isAES ? .d : .b, usage: .dataEncryption, algorithm: .tdes, modeOfUse: .both)
                let secret = SecretKey.random(count: 16)
                let text = try transaction.keyEncryptionKey(type: type).wrap(secret, header: header)
                #expect(try holds(KeyBlock.unwrap(text, under: published).key.equals(secret)), "\(vector.id)")
            case .keyDerivation, .initialKey: Issue.record("\(vector.id)")
            }
        }
    }

    @Test func `does for each party what its direction says, and nothing else`() throws {
        let initial = SecretKey.random(count: 32)
        let storage = SecretKey.random(count: 32)
        var device = try AESDUKPTDevice(initialKey: initial, ksn: AESKeySerialNumber(initialKeyID: 3))
        try device.confirm(stored: device.reserve(1, under: storage))
        let terminal = try device.beginTransaction()
        let host = try AESDUKPT.transaction(initialKey: initial, ksn: terminal.ksn)
        let data = [UInt8](repeating: 9, count: 32)
        for type in DUKPTKeyType.allCases {
            for direction in DUKPTDirection.allCases {
                let (ours, theirs) = (direction != .response, direction != .request)
                let mine = try terminal.macKey(direction, type: type)
                let yours = try host.macKey(direction, type: type)
                let code = try ours ? mine.code(data) : yours.code(data)
                #expect(refuses { _ = try mine.code(data) } == !ours)
                #expect(refuses { _ = try yours.code(data) } == !theirs)
                #expect(refuses { _ = try mine.verify(code, message: data) } == !theirs)
                #expect(refuses { _ = try yours.verify(code, message: data) } == !ours)
                let verdict = try ours ? yours.verify(code, message: data) : mine.verify(code, message: data)
                #expect(verdict, "\(type) \(direction)")
                let other = try ours ? yours.verify(code, message: [1]) : mine.verify(code, message: [1])
                #expect(!other)
                let short = Array(code.dropLast(code.count == 32 ? 17 : 1))
                let truncated = try ours ? yours.verify(short, message: data) : mine.verify(short, message: data)
                #expect(!truncated)
                guard !type.isHMAC else { continue }
                let sealing = try terminal.dataKey(direction, type: type)
                let opening = try host.dataKey(direction, type: type)
                let sealed = try ours ? sealing.encrypt(data) : opening.encrypt(data)
                let opened = try ours ? opening.decrypt(sealed) : sealing.decrypt(sealed)
                #expect(opened == data && sealed != data)
                #expect(refuses { _ = try sealing.encrypt(data) } == !ours)
                #expect(refuses { _ = try opening.encrypt(data) } == !theirs)
                #expect(refuses { _ = try sealing.decrypt(data) } == !theirs)
                #expect(refuses { _ = try opening.decrypt(data) } == !ours)
                #expect(throws: DUKPTError.partialBlocks) {
                    _ = try ours ? sealing.encrypt([1, 2, 3]) : opening.encrypt([1, 2, 3])
                }
            }
        }
    }

    @Test func `of a PIN encrypts at the device and decrypts at the host, in the formats of its type`() throws {
        let initial = SecretKey.random(count: 16)
        let pan = try #require(PANDigits("4111111111111111"))
        let pin = try require(makePIN("1234"))
        let key = try AESDUKPT.transactionKey(initial, Self.ksn, AESBlockCipher())
        let terminal = AESDUKPTTransaction(ksn: Self.ksn, transactionKey: key, party: .device)
        let host = try AESDUKPT.transaction(initialKey: initial, ksn: Self.ksn)
        for type in [DUKPTKeyType.tdes2, .tdes3, .aes128] {
            let sending = try terminal.pinKey(type: type)
            let receiving = try host.pinKey(type: type)
            for format in PINBlockFormat.allCases {
                let fits = type.isAES ? format == .format4 : [.format0, .format1, .format3].contains(format)
                #expect(refuses { _ = try receiving.encrypt(pin, pan: pan, format: format) })
                guard fits else {
                    #expect(refuses { _ = try sending.encrypt(pin, pan: pan, format: format) })
                    continue
                }
                let block = try sending.encrypt(pin, pan: pan, format: format)
                #expect(try holds(receiving.decrypt(block, pan: pan, format: format).equals(pin)))
                #expect(throws: PINBlockError()) { _ = try sending.decrypt(block, pan: pan, format: format).count }
            }
        }
    }

    @Test func `of TDES DUKPT is the variant of its usage, the request's for both ways`() throws {
        for vector in Vector.load("tdes_dukpt", "transaction") {
            let ksn = try #require(TDESKeySerialNumber(try vector.inputBytes("ksn")))
            let initial = try TDESDUKPT.initialKey(bdk: vector.key("bdk"), ksn: ksn)
            let message = Array(try vector.input("data_ascii").utf8)
            let host = try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
            let response = try host.macKey(.response).code(message)
            let both = try host.macKey(.bothWays).code(message)
            #expect(try Hex.text(response.prefix(4)) == vector.expected("response_mac4_x919"))
            #expect(try Hex.text(both.prefix(4)) == vector.expected("request_mac4_x919"))
            #expect(try holds(host.macKey(.request).verify(both, message: message)))
            #expect(refuses { _ = try host.macKey(.request).code(message) })
            let padded = message + [UInt8](repeating: 0, count: 7)
            let sealed = try host.dataKey(.bothWays).encrypt(padded)
            #expect(try Hex.text(sealed) == vector.expected("data_request_cbc_zero_padded"))
            #expect(try holds(host.dataKey(.request).decrypt(sealed) == padded))
            #expect(refuses { _ = try host.dataKey(.request).encrypt(padded) })
            let block = try #require(Hex.bytes(try vector.expected("encrypted_pinblock")))
            let pin = try host.pinKey().decrypt(block, pan: vector.pan(), format: .format0)
            #expect(holds(pin.equals(try vector.pin(try vector.input("pin")))))
        }
    }

    @Test func `protects keys in blocks of its own algorithm, and none stronger than itself`() throws {
        let initial = SecretKey.random(count: 16)
        let transaction = try AESDUKPT.transaction(initialKey: initial, ksn: Self.ksn)
        let secret = SecretKey.random(count: 16)
        let strong = SecretKey.random(count: 32)
        for type in [DUKPTKeyType.tdes2, .tdes3, .aes128] {
            let key = try transaction.keyEncryptionKey(type: type)
            var header = KeyBlockHeader(
                version: type.isAES ? .d : .b, usage: .dataEncryption, algorithm: .tdes, modeOfUse: .both)
            let text = try key.wrap(secret, header: header)
            let unwrapped = try key.unwrap(text)
            #expect(holds(unwrapped.key.equals(secret) && unwrapped.header.usage == .dataEncryption))
            header.algorithm = .aes
            #expect(throws: KeyBlockError.weakerThanKey) { _ = try key.wrap(strong, header: header) }
            header.version = type.isAES ? .b : .d
            let refusal = KeyBlockError.wrongProtectionKey(version: header.version, byteCount: type.byteCount)
            #expect(throws: refusal) { _ = try key.wrap(secret, header: header) }
            let other = type.isAES ? DUKPTKeyType.tdes2 : .aes128
            #expect(throws: KeyBlockError.self) {
                _ = try transaction.keyEncryptionKey(type: other).unwrap(text).header
            }
        }
    }

    @Test func `and an initial key too is never stronger than the base derivation key`() throws {
        for base in AESKeyLength.allCases {
            let bdk = SecretKey.random(count: base.rawValue)
            for length in AESKeyLength.allCases {
                if length.rawValue <= base.rawValue {
                    let key = try AESDUKPT.initialKey(bdk: bdk, ksn: Self.ksn, length: length)
                    #expect(holds(key.count == length.rawValue))
                } else {
                    #expect(throws: DUKPTError.strongerThanParent(DUKPTKeyType(length))) {
                        _ = try AESDUKPT.initialKey(bdk: bdk, ksn: Self.ksn, length: length).count
                    }
                }
            }
            for type in [DUKPTKeyType.hmac128, .hmac256] {
                #expect(throws: DUKPTError.unsuitableType(type)) {
                    _ = try AESDUKPT.updateKey(initialKey: bdk, initialKeyID: 1, type: type).type
                }
            }
        }
    }

    private func refuses(_ step: () throws -> Void) -> Bool {
        do {
            try step()
            return false
        } catch { return error as? DUKPTError == .notPermitted }
    }
}
