// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing

@Suite struct `The SM2 algorithm` {
    @Test func `verifies what it signed, and nothing changed`() throws {
        let privateKey = SM2.generatePrivateKey()
        let publicKey = try SM2.publicKey(privateKey: privateKey)
        let message = Array("sign-on".utf8)
        let signature = try SM2.sign(message, privateKey: privateKey)
        #expect(signature.count == SM2.signatureCount)
        #expect(try SM2.verify(signature, message: message, publicKey: publicKey))
        #expect(try !SM2.verify(signature, message: message + [0], publicKey: publicKey))
        #expect(try !SM2.verify(signature, message: message, publicKey: publicKey, identifier: [1]))
        for place in signature.indices {
            var changed = signature
            changed[place] ^= 1
            #expect(try !SM2.verify(changed, message: message, publicKey: publicKey))
        }
        #expect(try !SM2.verify([], message: message, publicKey: publicKey))
        #expect(try !SM2.verify([UInt8](repeating: 0, count: 64), message: message, publicKey: publicKey))
        let other = try SM2.publicKey(privateKey: SM2.generatePrivateKey())
        #expect(try !SM2.verify(signature, message: message, publicKey: other))
    }

    @Test(arguments: [1, 16, 31, 32, 33, 127, 128, 300, 4_096])
    func `decrypts what it encrypted, and nothing changed`(count: Int) throws {
        let privateKey = SM2.generatePrivateKey()
        let publicKey = try SM2.publicKey(privateKey: privateKey)
        let message = SecretKey.random(count: count)
        let text = try SM2.encrypt(message, publicKey: publicKey)
        #expect(text.count == count + SM2.ciphertextOverhead)
        let back = try SM2.decrypt(text, privateKey: privateKey)
        let same = back.equals(message)
        #expect(same)
        for place in stride(from: 0, to: text.count, by: 13) {
            var changed = text
            changed[place] ^= 1
            #expect(throws: CurveError.notAuthentic) {
                _ = try SM2.decrypt(changed, privateKey: privateKey.copy())
            }
        }
        #expect(throws: CurveError.notAuthentic) {
            _ = try SM2.decrypt(Array(text.prefix(97)), privateKey: privateKey.copy())
        }
    }

    @Test func `refuses points off the curve and scalars out of range`() throws {
        let good = try SM2.publicKey(privateKey: SM2.generatePrivateKey())
        var bad = good
        bad[64] ^= 1
        for point in [bad, [], [4], Array(good.dropLast()), [UInt8(0)] + Array(good.dropFirst())] as [[UInt8]] {
            #expect(throws: CurveError.invalidPoint) { _ = try SM2.encrypt(.random(count: 4), publicKey: point) }
            #expect(throws: CurveError.invalidPoint) {
                _ = try SM2.verify([UInt8](repeating: 1, count: 64), message: [], publicKey: point)
            }
        }
        for scalar in [UInt8(0), 0xFF] {
            #expect(throws: CurveError.invalidScalar) {
                _ = try SM2.sign([], privateKey: SecretKey(count: 32) { for i in 0..<32 { $0[i] = scalar } })
            }
        }
        #expect(throws: CurveError.invalidScalar) { _ = try SM2.publicKey(privateKey: .random(count: 31)) }
        #expect(throws: CurveError.wrongLength(8_192)) {
            _ = try SM2.sign([], privateKey: SM2.generatePrivateKey(), identifier: [UInt8](repeating: 0, count: 8_192))
        }
    }
}

@Suite struct `The SM4 cipher` {
    @Test func `comes back in both modes and refuses what is not whole`() throws {
        let key = SecretKey.random(count: 16)
        let vector = [UInt8](0..<16)
        for count in [0, 16, 32, 160] {
            let data = (0..<count).map { UInt8($0) }
            #expect(try SM4.decryptECB(SM4.encryptECB(data, key: key), key: key) == data)
            #expect(
                try SM4.decryptCBC(SM4.encryptCBC(data, key: key, vector: vector), key: key, vector: vector) == data)
        }
        #expect(throws: SM4Error.partialBlock(15)) {
            _ = try SM4.encryptECB([UInt8](repeating: 0, count: 15), key: .random(count: 16))
        }
        #expect(throws: SM4Error.wrongKeyLength(24)) { _ = try SM4.encryptECB([], key: .random(count: 24)) }
        #expect(throws: SM4Error.wrongVectorLength(8)) {
            _ = try SM4.encryptCBC([], key: .random(count: 16), vector: [UInt8](repeating: 0, count: 8))
        }
    }

    @Test func `has a MAC that is the last block of CBC, and a check value of the zero block`() throws {
        let key = SecretKey.random(count: 16)
        let one = [UInt8](1...16)
        #expect(try SM4.mac(one, key: key) == SM4.encryptECB(one, key: key))
        let padded = one + [9] + [UInt8](repeating: 0, count: 15)
        let chained = try SM4.encryptCBC(padded, key: key, vector: [UInt8](repeating: 0, count: 16))
        #expect(try SM4.mac(one + [9], key: key) == Array(chained.suffix(16)))
        #expect(try SM4.mac(one, key: key) != SM4.mac(one, key: key, padding: .method2))
        let zero = try SM4.encryptECB([UInt8](repeating: 0, count: 16), key: key)
        #expect(try SM4.kcv(key) == Array(zero.prefix(3)))
    }
}

@Suite struct `Key agreement` {
    @Test(arguments: EllipticCurve.allCases.filter { $0 != .sm2 })
    func `gives both sides the same secret on every curve`(curve: EllipticCurve) throws {
        for _ in 0..<4 {
            let one = ECDH.generatePrivateKey(curve: curve)
            let other = ECDH.generatePrivateKey(curve: curve)
            let mine = try ECDH.sharedSecret(
                curve: curve, privateKey: one, peer: ECDH.publicKey(curve: curve, privateKey: other))
            let yours = try ECDH.sharedSecret(
                curve: curve, privateKey: other, peer: ECDH.publicKey(curve: curve, privateKey: one))
            let same = mine.equals(yours)
            #expect(same && mine.count == curve.coordinateCount)
        }
        #expect(throws: CurveError.invalidPoint) {
            let key = ECDH.generatePrivateKey(curve: curve)
            _ = try ECDH.sharedSecret(
                curve: curve, privateKey: key, peer: [UInt8](repeating: 4, count: curve.pointCount))
        }
    }

    @Test func `in counter mode is the derivation that the journal's keys use`() throws {
        let master = SecretKey.random(count: 32)
        let input = Array("label".utf8) + [0, 7, 0, 0, 1, 0x40]
        let one = try CounterKDF.derive(key: master, fixedInput: input, function: .aesCMAC, count: 40)
        let same = one.equals(KDF.derive(master: master, label: "label", context: [7], count: 40))
        #expect(same)
        for (counter, count) in [(1, 16 * 256), (0, 16), (5, 16), (4, 0)] {
            #expect(throws: CounterKDFError.self) {
                _ = try CounterKDF.derive(
                    key: .random(count: 16), fixedInput: [], function: .aesCMAC, counterBytes: counter, count: count)
            }
        }
        #expect(throws: CounterKDFError.wrongKeyLength(20)) {
            _ = try CounterKDF.derive(key: .random(count: 20), fixedInput: [], function: .aesCMAC, count: 16)
        }
    }

    @Test func `hashes as published for the text abc`() {
        #expect(DigestAlgorithm.sha1.hash(Array("abc".utf8)).prefix(4) == [0xA9, 0x99, 0x3E, 0x36])
        #expect(DigestAlgorithm.sha512.hash(Array("abc".utf8)).prefix(4) == [0xDD, 0xAF, 0x35, 0xA1])
        #expect(SM3.hash(Array("abc".utf8)).prefix(4) == [0x66, 0xC7, 0xF0, 0xF4])
    }
}
