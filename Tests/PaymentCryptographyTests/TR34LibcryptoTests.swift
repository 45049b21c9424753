// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Testing
import Vocabulary

@testable import PaymentCryptography

/// The same messages through libcrypto's own CMS, which shares no code with the reader and writer under test.
@Suite struct `TR-34 tokens and libcrypto's CMS` {
    private let world = TR34World.shared
    private let now = TR34World.now

    private func decode(_ bytes: [UInt8]) throws -> OpaquePointer {
        try bytes.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            return try #require(d2i_CMS_ContentInfo(nil, &next, bytes.count))
        }
    }

    private func encode(_ message: OpaquePointer) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_CMS_ContentInfo(message, &start)
        defer { CRYPTO_free(start, nil, 0) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    private func contents(_ buffer: OpaquePointer) -> [UInt8] {
        var start: UnsafeMutableRawPointer?
        let count = BIO_ctrl(buffer, BIO_CTRL_INFO, 0, &start)
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    @Test func `It verifies and decrypts a token that was written here, and writes it back byte for byte`() throws {
        let token = try world.makeHost().keyToken(
            TR34World.makeKey(), header: TR34World.header, for: world.device, freshness: .signingTime(now),
            revocationList: world.list)
        let message = try decode(token)
        defer { CMS_ContentInfo_free(message) }
        #expect(encode(message) == token)

        let signer = world.host.makeHandle()
        defer { X509_free(signer) }
        let certificates = OPENSSL_sk_new_null()
        defer { OPENSSL_sk_free(certificates) }
        OPENSSL_sk_push(certificates, UnsafeRawPointer(signer))
        let inside = try #require(BIO_new(BIO_s_mem()))
        defer { BIO_free_all(inside) }
        let flags = UInt32(CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY)
        #expect(CMS_verify(message, certificates, nil, nil, inside, flags) == 1)

        let envelope = try decode(
            ASN1.sequence(
                ASN1.objectIdentifier(ObjectIdentifier.envelopedData),
                ASN1.element(ASN1.Tag.contextConstructed(0), contents(inside))))
        defer { CMS_ContentInfo_free(envelope) }
        let key = try world.devicePrivateKey()
        let recipient = world.device.makeHandle()
        defer { X509_free(recipient) }
        let clear = try #require(BIO_new(BIO_s_mem()))
        defer { BIO_free_all(clear) }
        let decrypted = CMS_decrypt(envelope, key.handle, recipient, nil, clear, UInt32(CMS_BINARY))
        #expect(decrypted == 1)
        let block = ClearKeyBlock.encoding(
            key: TR34World.makeKey(), header: try TransportedHeader.text(TR34World.header), host: world.host.id)
        let bytes = contents(clear)
        #expect(holds(block.withBytes { Array($0) == bytes }))
    }

    @Test func `Every token is DER to it`() throws {
        let host = try world.makeHost()
        let number = RandomBytes.bytes(16)
        for token in [
            try host.credentialToken(revocationList: world.list), try world.makeDevice().credentialToken(),
            try host.unbindToken(device: world.device.id, randomNumber: number, revocationList: world.list),
            try host.rebindToken(
                device: world.device.id, newHost: world.otherHost, randomNumber: number, revocationList: world.list),
            try world.deviceAuthority.unbindToken(device: world.device.id, host: world.host.id, at: now),
            try world.deviceAuthority.rebindToken(
                device: world.device.id, host: world.host.id, newHost: world.otherHost, revocationList: nil, at: now),
        ] {
            let message = try decode(token)
            defer { CMS_ContentInfo_free(message) }
            #expect(encode(message) == token)
        }
    }

    @Test func `A token that it wrote is read here`() throws {
        var device = try world.makeBoundDevice()
        let number = try TR34.randomNumber(readingToken: device.makeRandomNumberToken())
        let header = try TransportedHeader.text(TR34World.header)
        let block = ClearKeyBlock.encoding(key: TR34World.makeKey(), header: header, host: world.host.id)

        let recipient = world.device.makeHandle()
        defer { X509_free(recipient) }
        let flags = UInt32(CMS_BINARY | CMS_PARTIAL)
        let envelope = try #require(CMS_encrypt(nil, nil, EVP_aes_128_cbc(), flags))
        defer { CMS_ContentInfo_free(envelope) }
        let info = try #require(CMS_add1_recipient_cert(envelope, recipient, flags | UInt32(CMS_KEY_PARAM)))
        OAEPParameters.sha256.apply(to: try #require(CMS_RecipientInfo_get0_pkey_ctx(info)))
        let plain = try #require(block.withBytes { BIO_new_mem_buf($0.baseAddress, Int32($0.count)) })
        defer { BIO_free_all(plain) }
        #expect(CMS_final(envelope, plain, nil, UInt32(CMS_BINARY)) == 1)
        let whole = encode(envelope)
        var explicit = try ASN1Reader(whole[...]).nextElements(2)[1].reader
        let enveloped = Array(try explicit.next("enveloped data").encoding)

        let signer = world.host.makeHandle()
        defer { X509_free(signer) }
        let key = try world.hostPrivateKey()
        let message = try #require(CMS_sign(nil, nil, nil, nil, flags))
        defer { CMS_ContentInfo_free(message) }
        let type = OBJ_nid2obj(NID_pkcs7_enveloped)
        #expect(CMS_set1_eContentType(message, type) == 1)
        let signerInfo = CMS_add1_signer(
            message, signer, key.handle, EVP_sha256(), flags | UInt32(CMS_NOCERTS | CMS_NOSMIMECAP))
        let attributes = try #require(signerInfo)
        #expect(
            CMS_signed_add1_attr_by_txt(
                attributes, "1.2.840.113549.1.9.25.3", V_ASN1_OCTET_STRING, number, Int32(number.count)) == 1)
        #expect(
            CMS_signed_add1_attr_by_NID(
                attributes, NID_pkcs7_data, V_ASN1_OCTET_STRING, header, Int32(header.count)) == 1)
        let content = try #require(BIO_new(BIO_s_mem()))
        defer { BIO_free_all(content) }
        #expect(BIO_write(content, enveloped, Int32(enveloped.count)) == enveloped.count)
        #expect(CMS_final(message, content, nil, UInt32(CMS_BINARY)) == 1)

        let received = try device.receive(keyToken: encode(message), at: now)
        #expect(holds(received.key.equals(TR34World.makeKey())))
        #expect(received.header == TR34World.header)
    }
}

extension ASN1Reader {
    /// The elements inside the next one.
    func nextElements(_ count: Int) throws -> [ASN1Element<Bytes>] {
        var outer = self
        var inside = try outer.next("element").reader
        var output: [ASN1Element<Bytes>] = []
        for _ in 0..<count { output.append(try inside.next("element")) }
        return output
    }
}
