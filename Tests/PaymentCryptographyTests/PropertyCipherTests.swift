// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `A cipher, on random inputs` {
    @Test func `of TDES, AES and SM4 gives back its plaintext, block by block and chained`() {
        forAll(150) { draw in
            let tdes = draw.tdesKey()
            let aes = draw.aesKey()
            let sm4 = draw.key(16)
            let chained = draw.below(2) == 0
            let (short, long) = (draw.bytes(8 * draw.below(20)), draw.bytes(16 * draw.below(20)))
            let (shortVector, longVector) = (chained ? draw.bytes(8) : nil, chained ? draw.bytes(16) : nil)
            let first = CipherCalculator.tdes(short, key: tdes, vector: shortVector, encrypting: true)
            let back = CipherCalculator.tdes(try #require(first), key: tdes, vector: shortVector, encrypting: false)
            try hold(back == short, "TDES")
            let second = CipherCalculator.aes(long, key: aes, vector: longVector, encrypting: true)
            let again = CipherCalculator.aes(try #require(second), key: aes, vector: longVector, encrypting: false)
            try hold(again == long, "AES")
            if let vector = longVector {
                let encrypted = try SM4.encryptCBC(long, key: sm4, vector: vector)
                try hold(try SM4.decryptCBC(encrypted, key: sm4, vector: vector) == long, "SM4-CBC")
            } else {
                try hold(try SM4.decryptECB(try SM4.encryptECB(long, key: sm4), key: sm4) == long, "SM4-ECB")
            }
        }
    }

    @Test func `refuses parts of a block, and keys and vectors of a wrong length`() {
        forAll(100) { draw in
            let key = draw.key(draw.count(1...40))
            let data = draw.bytes(draw.below(64))
            let vector = draw.below(2) == 0 ? draw.bytes(draw.below(24)) : nil
            let tdes = [16, 24].contains(key.count) && data.count % 8 == 0 && (vector?.count ?? 8) == 8
            try hold((CipherCalculator.tdes(data, key: key, vector: vector, encrypting: true) != nil) == tdes, "TDES")
            let aes = [16, 24, 32].contains(key.count) && data.count % 16 == 0 && (vector?.count ?? 16) == 16
            try hold((CipherCalculator.aes(data, key: key, vector: vector, encrypting: true) != nil) == aes, "AES")
            let sm4 = key.count == 16 && data.count % 16 == 0 && (vector?.count ?? 16) == 16
            let encrypted =
                vector.map { vector in try? SM4.encryptCBC(data, key: key, vector: vector) }
                ?? (try? SM4.encryptECB(data, key: key))
            try hold((encrypted != nil) == sm4, "SM4")
        }
    }

    @Test func `that authenticates gives back its plaintext, and nothing for any change`() {
        forAll(100) { draw in
            let cipher = AuthenticatedCipher(key: draw.aesKey())
            let (plaintext, nonce, data) = (draw.bytes(draw.below(200)), draw.bytes(12), draw.bytes(draw.below(40)))
            let sealed = cipher.seal(plaintext: plaintext, nonce: nonce, associatedData: data)
            try hold(cipher.open(sealed, nonce: nonce, associatedData: data) == plaintext, "another plaintext")
            try hold(cipher.open(draw.flipped(sealed), nonce: nonce, associatedData: data) == nil, "changed")
            try hold(cipher.open(sealed, nonce: draw.flipped(nonce), associatedData: data) == nil, "another nonce")
            try hold(cipher.open(sealed, nonce: nonce, associatedData: data + [0]) == nil, "other data")
        }
    }
}

@Suite struct `SM2, on random inputs` {
    @Test func `decrypts what it encrypted, and refuses any change`() {
        forAll(25) { draw in
            let privateKey = SM2.generatePrivateKey()
            let publicKey = try SM2.publicKey(privateKey: privateKey)
            let message = draw.key(draw.count(1...200))
            let ciphertext = try SM2.encrypt(message, publicKey: publicKey)
            try hold(ciphertext.count == message.count + SM2.ciphertextOverhead, "\(ciphertext.count) bytes")
            try hold(try SM2.decrypt(ciphertext, privateKey: privateKey).equals(message), "another message")
            let changed = draw.flipped(ciphertext)
            try hold(isRefused { try SM2.decrypt(changed, privateKey: privateKey) }, "a changed ciphertext")
            let other = SM2.generatePrivateKey()
            try hold(isRefused { try SM2.decrypt(ciphertext, privateKey: other) }, "another key")
        }
    }

    @Test func `verifies what it signed, and nothing else`() {
        forAll(25) { draw in
            let privateKey = SM2.generatePrivateKey()
            let publicKey = try SM2.publicKey(privateKey: privateKey)
            let (message, name) = (draw.bytes(draw.count(1...100)), draw.bytes(draw.count(1...30)))
            let signature = try SM2.sign(message, privateKey: privateKey, identifier: name)
            func verify(_ signature: [UInt8], _ message: [UInt8], _ name: [UInt8]) throws -> Bool {
                try SM2.verify(signature, message: message, publicKey: publicKey, identifier: name)
            }
            try hold(try verify(signature, message, name), "not verified")
            try hold(try !verify(draw.flipped(signature), message, name), "a changed signature")
            try hold(try !verify(signature, draw.flipped(message), name), "a changed message")
            try hold(try !verify(signature, message, draw.flipped(name)), "another signer")
        }
    }
}

@Suite struct `A MAC, on random inputs` {
    @Test func `is verified in every length that is allowed, and for no change`() {
        forAll(150) { draw in
            let key = draw.key(16)
            let message = draw.bytes(draw.count(1...100))
            let padding = draw.element(MACPadding.allCases)
            let code = RetailMAC.code(key: key, message: message, padding: padding)
            for count in 0...9 {
                let part = count > 8 ? code + [0] : Array(code.prefix(count))
                let verified = RetailMAC.verify(part, key: key, message: message, padding: padding)
                try hold(verified == (4...8).contains(count), "\(count) bytes")
            }
            let (otherCode, otherMessage) = (draw.flipped(code), draw.flipped(message))
            try hold(!RetailMAC.verify(otherCode, key: key, message: message, padding: padding), "a changed code")
            try hold(!RetailMAC.verify(code, key: key, message: otherMessage, padding: padding), "a changed message")
        }
    }

    @Test func `is made of a message in whole blocks that method 2 gives back`() {
        forAll(200) { draw in
            let (message, size) = (draw.bytes(draw.below(60)), draw.element([8, 16]))
            for padding in MACPadding.allCases {
                try hold(padding.padded(message, blockCount: size).count % size == 0, "no whole blocks")
            }
            let padded = MACPadding.method2.padded(message, blockCount: size)
            let end = try #require(padded.lastIndex(of: 0x80))
            try hold(Array(padded[..<end]) == message && padded[(end + 1)...].allSatisfy { $0 == 0 }, "another message")
        }
    }
}
