// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing

/// Transactions, PINs and public keys. One suite, since a search would see what another one reads.
extension `The memory of the process` {
    private static let ksn = TDESKeySerialNumber(initialKeyID: 0xFFFF_9876_5432_10E0, counter: 0x1A5)
    private static let pan = PANDigits("4012345678909")

    @Test func `holds nothing of TDES DUKPT, from the base key to the working keys`() throws {
        let memory = MemoryScan()
        let base = memory.plant("base derivation key", count: 16)
        memory.remember("masked base key", of: base) { $0 % 8 < 4 ? $1 ^ 0xC0 : $1 }
        let (ksn, pan) = (try #require(Self.ksn), try #require(Self.pan))
        memory.expectNothing {
            do {
                let initial = try TDESDUKPT.initialKey(bdk: memory.key(base), ksn: ksn)
                memory.remember("initial key", initial)
                // Every key on the way down, with the counter's lower bits cleared.
                for count in 0...8 {
                    let counter = (ksn.counter >> UInt32(count)) << UInt32(count)
                    guard let step = TDESKeySerialNumber(initialKeyID: ksn.initialKeyID, counter: counter), step.isLegal
                    else { continue }
                    memory.remember(
                        "key \(counter)", try DUKPTCalculator.transactionKey(initialKey: initial, ksn: step))
                }
                let keys = try TDESDUKPT.transactionKeys(bdk: memory.key(base), ksn: ksn)
                for usage in DUKPTUsage.allCases {
                    let key = DUKPTCalculator.workingKey(usage, of: keys)
                    if let key { memory.remember("\(usage) key", key) }
                }
                var scratch = TDESDUKPT.Scratch()
                var nodes = TDESDUKPT.NodeCache(capacity: 1)
                try scratch.derive(bdk: memory.key(base), ksn: ksn, nodes: &nodes)
                _ = try keys.macKey(.request).verify(keys.macKey(.bothWays).code([1]), message: [1])
                let message = [UInt8](repeating: 0x41, count: 24)
                _ = (keys.requestMAC(message), keys.responseMAC(message))
                _ = keys.encryptRequestData(message).flatMap { keys.decryptResponseData($0) }
                let block = keys.encryptPINBlock(.random(count: 4), pan: pan)
                _ = try keys.decryptPINBlock(block, pan: pan)
            } catch { Issue.record("\(error)") }
        }
    }

    @Test(arguments: AESKeyLength.allCases)
    func `holds nothing of AES DUKPT, from the base key to the working keys`(length: AESKeyLength) throws {
        let memory = MemoryScan()
        let base = memory.plant("base derivation key", count: length.rawValue)
        let ksn = AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456, counter: 0x1A5)
        let pan = try #require(Self.pan)
        memory.expectNothing {
            do {
                let initial = try AESDUKPT.initialKey(bdk: memory.key(base), ksn: ksn)
                memory.remember("initial key", initial)
                for count in 0...8 {
                    let counter = (ksn.counter >> UInt32(count)) << UInt32(count)
                    let step = AESKeySerialNumber(initialKeyID: ksn.initialKeyID, counter: counter)
                    guard step.isLegal else { continue }
                    let key = try DUKPTCalculator.transactionKey(initialKey: initial, ksn: step)
                    memory.remember("key \(counter)", key)
                    guard step == ksn else { continue }
                    for usage in DUKPTUsage.allCases where usage != .initialKey {
                        memory.remember(
                            "\(usage) key",
                            try DUKPTCalculator.workingKey(
                                transactionKey: key, ksn: ksn, usage: usage, type: .aes128))
                    }
                }
                let keys = try AESDUKPT.transactionKeys(bdk: memory.key(base), ksn: ksn, workingKeys: .aes128)
                let message = [UInt8](repeating: 0x41, count: 32)
                _ = (keys.requestMAC(message), keys.responseMAC(message))
                _ = keys.encryptRequestData(message).flatMap { keys.decryptResponseData($0) }
                let block = keys.encryptPINBlock(.random(count: 4), pan: pan)
                _ = try keys.decryptPINBlock(block, pan: pan)
                var scratch = AESDUKPT.Scratch()
                var nodes = AESDUKPT.NodeCache(capacity: 1)
                try scratch.derive(bdk: memory.key(base), ksn: ksn, nodes: &nodes)
                _ = try scratch.transaction().macKey(.bothWays, type: .hmac128).code(message)
                let last = AESKeySerialNumber(initialKeyID: ksn.initialKeyID, counter: .max)
                let update = try DUKPTCalculator.transactionKey(initialKey: initial, ksn: last)
                memory.remember(
                    "update key",
                    try DUKPTCalculator.workingKey(
                        transactionKey: update, ksn: last, usage: .keyEncryption, type: .aes128))
                let next = SecretKey.random(count: 16)
                let header = KeyBlockHeader(version: .d, usage: .initialDUKPT, algorithm: .aes, modeOfUse: .derive)
                _ = try AESDUKPT.updateKey(initialKey: initial, initialKeyID: ksn.initialKeyID, type: .aes128)
                    .wrap(next, header: header)
            } catch { Issue.record("\(error)") }
        }
    }

    @Test func `holds nothing of a device's keys, nor of its sealed state`() throws {
        let memory = MemoryScan()
        let (initial, sealing) = (memory.plant("initial key", count: 16), memory.plant("sealing key", count: 32))
        let tdes = try #require(TDESKeySerialNumber(initialKeyID: 0xFFFF_9876_5432_10E0))
        let aes = AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456)
        memory.expectNothing {
            do {
                for counter in [UInt32(1), 2, 4, 0x100] {
                    guard let step = TDESKeySerialNumber(initialKeyID: tdes.initialKeyID, counter: counter) else {
                        return
                    }
                    memory.remember(
                        "TDES key \(counter)",
                        try DUKPTCalculator.transactionKey(initialKey: memory.key(initial), ksn: step))
                    let other = AESKeySerialNumber(initialKeyID: aes.initialKeyID, counter: counter)
                    memory.remember(
                        "AES key \(counter)",
                        try DUKPTCalculator.transactionKey(initialKey: memory.key(initial), ksn: other))
                }
                var device = try TDESDUKPTDevice(initialKey: memory.key(initial), ksn: tdes)
                try device.confirm(stored: device.reserve(2, under: memory.key(sealing)))
                _ = try device.nextTransaction().ksn
                let restored = TDESDUKPTDevice(
                    record: device.record(under: memory.key(sealing)), under: memory.key(sealing))
                #expect(holds(!isNil(restored)))
                var other = try AESDUKPTDevice(initialKey: memory.key(initial), ksn: aes)
                try other.confirm(stored: other.reserve(2, under: memory.key(sealing)))
                _ = try other.nextTransaction().ksn
                let again = AESDUKPTDevice(record: other.record(under: memory.key(sealing)), under: memory.key(sealing))
                #expect(holds(!isNil(again)))
            } catch { Issue.record("\(error)") }
        }
    }

    @Test(arguments: PINBlockFormat.allCases)
    func `holds nothing of a PIN in a block of any format`(format: PINBlockFormat) throws {
        let memory = MemoryScan()
        let digits = memory.plant("PIN digits", count: 12, below: 10)
        memory.remember("PIN in ASCII", of: digits) { 0x30 | $1 }
        memory.remember("PIN field", count: 8) { field in
            field[0] = format.rawValue << 4 | 12
            for index in 0..<6 {
                field[index + 1] = memory.bytes(digits)[2 * index] << 4 | memory.bytes(digits)[2 * index + 1]
            }
            field[7] = format == .format4 ? 0xAA : 0xFF
        }
        let key = memory.plant("PIN key", count: 16)
        memory.rememberSchedule(of: key)
        let pan = try #require(Self.pan)
        memory.expectNothing {
            do {
                guard let pin = Self.pin(memory, digits) else {
                    Issue.record("no PIN")
                    return
                }
                let block = PINBlock.encrypt(pin, pan: pan, format: format, key: memory.key(key))
                let back = try PINBlock.decrypt(block, pan: pan, format: format, key: memory.key(key))
                #expect(holds(back.equals(pin)))
                if format == .format0 {
                    memory.remember("clear block", PINCalculator.clearBlock(pin, pan: pan, format: format))
                }
            } catch { Issue.record("\(error)") }
        }
    }

    @Test func `holds nothing of a PIN that was keyed in and verified`() throws {
        let memory = MemoryScan()
        let digits = memory.plant("PIN digits", count: 12, below: 10)
        let key = memory.plant("PIN verification key", count: 16)
        let pan = try #require(Self.pan)
        memory.expectNothing {
            var entry = PINEntry()
            for digit in memory.bytes(digits) { entry.press(digit) }
            guard let pin = entry.finish() else {
                Issue.record("no PIN")
                return
            }
            let offset = IBM3624.offset(pvk: memory.key(key), pan: pan, table: .standard, pin: pin)
            #expect(holds(IBM3624.verify(offset, pvk: memory.key(key), pan: pan, table: .standard, pin: pin)))
            let value = VisaPVV.value(pvk: memory.key(key), pan: pan, pvki: 1, pin: pin)
            #expect(holds(VisaPVV.verify(value, pvk: memory.key(key), pan: pan, pvki: 1, pin: pin)))
        }
    }

    @Test func `holds nothing of an issuer's key, a card's key and a session's`() throws {
        let memory = MemoryScan()
        let issuer = memory.plant("issuer master key", count: 16)
        let pan = try #require(Self.pan)
        let sequence = try #require(PANSequenceNumber("01"))
        memory.expectNothing {
            do {
                for option in [MasterKeyOption.a, .b] {
                    let card = try ICCMasterKey(
                        issuerMasterKey: memory.key(issuer), pan: pan, sequence: sequence, option: option)
                    memory.remember("card key", card.key)
                    let context = TransactionContext(transactionCounter: 7, unpredictableNumber: 0xABCD_EF12)
                    for scheme in CryptogramSpecification.all {
                        memory.remember(scheme.name, scheme.cryptogramKey(master: card, context: context).key)
                        _ = scheme.cryptogram(master: card, context: context, input: [UInt8](repeating: 5, count: 40))
                    }
                }
            } catch { Issue.record("\(error)") }
        }
    }

    @Test func `holds nothing of an SM2 key, an SM4 key and a shared secret`() throws {
        let memory = MemoryScan()
        let cipher = memory.plant("SM4 key", count: 16)
        let message = memory.plant("message", count: 32)
        memory.expectNothing(lookingAtStack: false) {
            do {
                let own = SM2.generatePrivateKey()
                memory.remember("SM2 private key", own)
                let point = try SM2.publicKey(privateKey: own)
                let signature = try SM2.sign([1, 2, 3], privateKey: own)
                #expect(try SM2.verify(signature, message: [1, 2, 3], publicKey: point))
                let sealed = try SM2.encrypt(memory.key(message), publicKey: point)
                #expect(holds(try SM2.decrypt(sealed, privateKey: own).equals(memory.key(message))))
                let block = [UInt8](repeating: 9, count: 16)
                _ = try SM4.decryptCBC(
                    SM4.encryptCBC(block, key: memory.key(cipher), vector: block), key: memory.key(cipher),
                    vector: block)
                for curve in [EllipticCurve.p256, .p384, .p521] {
                    let mine = ECDH.generatePrivateKey(curve: curve)
                    memory.remember("\(curve) private key", mine)
                    let peer = try ECDH.publicKey(curve: curve, privateKey: ECDH.generatePrivateKey(curve: curve))
                    memory.remember(
                        "\(curve) secret", try ECDH.sharedSecret(curve: curve, privateKey: mine, peer: peer))
                }
            } catch { Issue.record("\(error)") }
        }
    }

    @Test func `holds nothing of a P-256 key, what it agreed on, and what was sealed for it`() throws {
        let memory = MemoryScan()
        let scalar = memory.plant("P-256 private key", count: 32)
        memory.bytes(scalar)[0] = 1
        memory.expectNothing(lookingAtStack: false) {
            do {
                let key = try P256PrivateKey(scalar: memory.key(scalar))
                let signature = try key.signature(of: [1, 2, 3])
                #expect(key.publicKey.verifies(signature, of: [1, 2, 3]))
                var session = try SealSession(for: key.publicKey)
                #expect(try SealedBox.open(session.seal([7]), with: key) == [7])
                let wrapping = SecretKey.random(count: 32)
                _ = P256PrivateKey(unwrapping: key.wrapped(under: wrapping), under: wrapping)
            } catch { Issue.record("\(error)") }
        }
    }

    /// A chain that goes on living while memory is searched.
    private final class Held: @unchecked Sendable {
        // Unchecked: one thread at a time; the search hands it over.
        var chain: ForwardMAC
        init(_ chain: consuming ForwardMAC) { self.chain = chain }
    }

    @Test func `holds no key of a forward-secure MAC that was used, but the one of now`() {
        let memory = MemoryScan()
        let first = memory.plant("key 1", count: ForwardMAC.keyCount)
        let held = Held(ForwardMAC(firstKey: memory.key(first)))
        @Sendable func key(_ number: Int) -> SecretKey {
            var key = memory.key(first)
            for _ in 1..<number {
                key = X963KDF.derive(secret: key, sharedInfo: Array("forward MAC".utf8), digest: .sha256, count: 32)
            }
            return key
        }
        memory.expectNothing(lookingAtStack: false) {
            for number in 2...20 { memory.remember("key \(number)", key(number)) }
            for number in 1...20 { _ = held.chain.code([UInt8(number)]) }
        }
        // The search would have seen one: it sees the key of now.
        let hits = memory.residue { memory.remember("key 21", key(21)) }
        #expect(hits.contains { $0.secret.hasPrefix("key 21") && !$0.isOnStack })
        #expect(holds(held.chain.index == 21))
    }

    private static func pin(_ memory: MemoryScan, _ digits: MemoryScan.Secret) -> ClearPIN? {
        let ascii = SecretKey(count: digits.count) { block in
            for (index, digit) in memory.bytes(digits).enumerated() { block[index] = 0x30 | digit }
        }
        return ClearPIN(digits: ascii)
    }
}
