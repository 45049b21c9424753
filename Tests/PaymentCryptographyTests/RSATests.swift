// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `RSA keys and key wrap` {
    private let world = TR34World.shared

    @Test(arguments: [OAEPParameters.sha256, .sha512, OAEPParameters(hash: .sha256, label: [1, 2, 3])])
    func `A wrapped key comes back, under the same parameters only`(parameters: OAEPParameters) throws {
        let key = TR34World.makeKey()
        let privateKey = try world.devicePrivateKey()
        let cryptogram = try RSAKeyWrap.wrap(key, for: .tdes, under: privateKey.publicKey, parameters: parameters)
        #expect(cryptogram.count == 256)
        let back = try RSAKeyWrap.unwrap(cryptogram, with: privateKey, parameters: parameters)
        #expect(holds(back.equals(key)))
        for other in [OAEPParameters.sha1, .sha256, .sha512, OAEPParameters(hash: .sha256, maskHash: .sha1)]
        where other != parameters {
            #expect(
                thrown(RSAKeyError.self) {
                    _ = try RSAKeyWrap.unwrap(cryptogram, with: privateKey, parameters: other)
                } == .notAuthentic)
        }
        #expect(
            thrown(RSAKeyError.self) {
                _ = try RSAKeyWrap.unwrap(cryptogram, with: world.hostPrivateKey(), parameters: parameters)
            } == .notAuthentic)
        let ones = [UInt8](repeating: 0xFF, count: 256)
        for wrong in [[], [0], Array(cryptogram.dropLast()), cryptogram + [0], ones] {
            #expect(
                thrown(RSAKeyError.self) {
                    _ = try RSAKeyWrap.unwrap(wrong, with: privateKey, parameters: parameters)
                } == .notAuthentic)
        }
    }

    @Test func `SHA-1 is read, not written`() throws {
        let publicKey = world.device.publicKey
        for parameters in [OAEPParameters.sha1, OAEPParameters(hash: .sha256, maskHash: .sha1)] {
            #expect(
                thrown(RSAKeyError.self) {
                    _ = try RSAKeyWrap.wrap(TR34World.makeKey(), for: .tdes, under: publicKey, parameters: parameters)
                } == .readOnlyHash)
        }
        let cryptogram = RSAOperation.encrypt(TR34World.makeKey(), parameters: .sha1, for: publicKey)
        let back = try RSAKeyWrap.unwrap(cryptogram, with: world.devicePrivateKey(), parameters: .sha1)
        #expect(holds(back.equals(TR34World.makeKey())))
    }

    @Test func `RSA-2048 carries TDES, RSA-3072 AES-128, and more by name only`() throws {
        let (small, large) = (world.device.publicKey, world.strongDevice.publicKey)
        func problem(
            _ count: Int, _ algorithm: KeyAlgorithm, _ key: RSAPublicKey, _ strength: KeyTransportRule
        ) -> RSAKeyError? {
            thrown(RSAKeyError.self) {
                _ = try RSAKeyWrap.wrap(
                    SecretKey.random(count: count), for: algorithm, under: key, strength: strength)
            }
        }
        #expect(problem(24, .tdes, small, .strict) == nil)
        #expect(problem(16, .aes, small, .strict) == .weakerThanKey)
        #expect(problem(16, .aes, small, .waivingAES128UnderRSA2048) == nil)
        #expect(problem(24, .aes, small, .waivingAES128UnderRSA2048) == .weakerThanKey)
        #expect(problem(16, .aes, small, .waivingAnyKeyUnderRSA3072) == .weakerThanKey)
        #expect(problem(16, .aes, large, .strict) == nil)
        #expect(problem(32, .aes, large, .strict) == .weakerThanKey)
        #expect(problem(32, .aes, large, .waivingAnyKeyUnderRSA3072) == nil)
        #expect(problem(17, .aes, large, .strict) == .unusableKey(.wrongLength(17)))
        #expect(KeyTransportRule.strict.permits(.aes, keyCount: 24, modulusBits: 8_192))
        #expect(!KeyTransportRule.strict.permits(.aes, keyCount: 24, modulusBits: 4_096))
    }

    @Test func `A private key survives its encodings`() throws {
        let key = try world.hostPrivateKey()
        let publicKey = key.publicKey
        #expect(publicKey.modulusBits == 2_048)
        let (fromDER, fromPEM) = (
            try RSAPrivateKey(der: key.der()).publicKey, try RSAPrivateKey(pem: key.pem()).publicKey
        )
        #expect(fromDER == publicKey)
        #expect(fromPEM == publicKey)
        #expect(holds(world.host.matches(key)))
        let again = try RSAPublicKey(subjectPublicKeyInfo: publicKey.subjectPublicKeyInfo)
        #expect(again == publicKey)
        #expect(again.modulusCount == 256)
    }

    @Test func `What is no RSA key of an allowed size is refused`() throws {
        let der = try world.hostPrivateKey().der()
        let long = der.withBytes { bytes in
            SecretKey(count: bytes.count + 1) { $0.copyMemory(from: bytes) }
        }
        #expect(thrown(RSAKeyError.self) { _ = try RSAPrivateKey(der: long) } == .malformedKey)
        #expect(thrown(RSAKeyError.self) { _ = try RSAPrivateKey(der: SecretKey.random(count: 40)) } == .malformedKey)
        #expect(thrown(RSAKeyError.self) { _ = try RSAPrivateKey(pem: SecretKey.random(count: 40)) } == .malformedKey)
        #expect(thrown(RSAKeyError.self) { _ = try RSAPrivateKey.generate(modulusBits: 1_024) } == .modulusBits(1_024))
        #expect(throws: RSAKeyError.malformedKey) { try RSAPublicKey(subjectPublicKeyInfo: []) }
        #expect(throws: RSAKeyError.malformedKey) { try RSAPublicKey(pem: "") }
        #expect(throws: RSAKeyError.malformedKey) { try RSAPublicKey(pem: world.host.pem) }

        let curve = try TLSAuthority.make(commonName: "x", nowSeconds: TR34World.now)
        let certificate = curve.certificatePEM
        #expect(throws: CertificateProblem.key(.malformedKey)) { try Certificate(pem: certificate) }
        let pem = curve.privateKeyPEM
        #expect(thrown(RSAKeyError.self) { _ = try RSAPrivateKey(pem: pem) } == .malformedKey)
    }

    @Test func `An encrypted private key is refused without asking anybody`() throws {
        let key = try world.hostPrivateKey()
        let buffer = try #require(BIO_new(BIO_s_mem()))
        defer { BIO_free_all(buffer) }
        let written = PEM_write_bio_PKCS8PrivateKey(buffer, key.handle, EVP_aes_128_cbc(), "secret", 6, nil, nil)
        #expect(written == 1)
        var start: UnsafeMutableRawPointer?
        let count = BIO_ctrl(buffer, BIO_CTRL_INFO, 0, &start)
        let pem = SecretKey(count: count) { $0.copyMemory(from: UnsafeRawBufferPointer(start: start, count: count)) }
        #expect(thrown(RSAKeyError.self) { _ = try RSAPrivateKey(pem: pem) } == .malformedKey)
    }
}
