// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A certificate of TR-34's three roles in the making: X.509 version 3, SHA-256 with RSA.
struct CertificateWriter {
    /// Names in DER.
    let subject: [UInt8]
    let issuer: [UInt8]
    let publicKey: RSAPublicKey
    let role: CertificateRole
    let validity: ClosedRange<Int64>

    /// A Name of one common name.
    static func name(_ commonName: String) throws(CertificateProblem) -> [UInt8] {
        guard (1...64).contains(commonName.utf8.count), commonName.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .unwritable("name")
        }
        let name = LibCrypto.require(X509_NAME_new(), "X509_NAME_new")
        defer { X509_NAME_free(name) }
        LibCrypto.require(
            X509_NAME_add_entry_by_NID(
                name, NID_commonName, MBSTRING_UTF8, Array(commonName.utf8), Int32(commonName.utf8.count), -1, 0),
            "X509_NAME_add_entry_by_NID")
        return DistinguishedName.encoding(name)
    }

    /// Signs it; without an issuer's certificate it is a root's.
    func sign(
        issuerCertificate: Certificate?, with privateKey: borrowing RSAPrivateKey
    ) throws(CertificateProblem) -> Certificate {
        guard UnixTime.range.contains(validity.lowerBound), UnixTime.range.contains(validity.upperBound) else {
            throw .unwritable("validity")
        }
        let certificate = LibCrypto.require(X509_new(), "X509_new")
        defer { X509_free(certificate) }
        LibCrypto.require(X509_set_version(certificate, 2), "X509_set_version")
        LibCrypto.require(
            ASN1_STRING_set(X509_get_serialNumber(certificate), Self.serialNumber(), 16), "ASN1_STRING_set")
        LibCrypto.require(
            ASN1_TIME_set(X509_getm_notBefore(certificate), Int(validity.lowerBound)), "ASN1_TIME_set")
        LibCrypto.require(ASN1_TIME_set(X509_getm_notAfter(certificate), Int(validity.upperBound)), "ASN1_TIME_set")
        LibCrypto.require(publicKey.withHandle { X509_set_pubkey(certificate, $0) }, "X509_set_pubkey")
        DistinguishedName.withHandle(subject) {
            LibCrypto.require(X509_set_subject_name(certificate, $0), "X509_set_subject_name")
        }
        DistinguishedName.withHandle(issuer) {
            LibCrypto.require(X509_set_issuer_name(certificate, $0), "X509_set_issuer_name")
        }
        addExtensions(certificate, issuerCertificate)
        LibCrypto.require(X509_sign(certificate, privateKey.handle, DigestAlgorithm.sha256.fetched), "X509_sign")

        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &start)
        LibCrypto.require(count, "i2d_X509")
        defer { CRYPTO_free(start, nil, 0) }
        return try Certificate(der: Array(UnsafeBufferPointer(start: start, count: Int(count))))
    }

    private func addExtensions(_ certificate: OpaquePointer, _ issuerCertificate: Certificate?) {
        let issuer = issuerCertificate?.makeHandle()
        defer { X509_free(issuer) }
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer ?? certificate, certificate, nil, nil, 0)
        func add(_ identifier: Int32, _ value: String) {
            let item = LibCrypto.require(
                X509V3_EXT_conf_nid(nil, &context, identifier, value), "X509V3_EXT_conf_nid")
            defer { X509_EXTENSION_free(item) }
            LibCrypto.require(X509_add_ext(certificate, item, -1), "X509_add_ext")
        }
        switch role {
        case .authority:
            add(NID_basic_constraints, "critical,CA:TRUE")
            add(NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign")
        case .keyDistributionHost:
            add(NID_basic_constraints, "critical,CA:FALSE")
            add(NID_key_usage, "critical,digitalSignature")
        case .keyReceivingDevice:
            add(NID_basic_constraints, "critical,CA:FALSE")
            add(NID_key_usage, "critical,keyEncipherment")
        }
        add(NID_subject_key_identifier, "hash")
        // A root names no other key, and an issuer without an identifier has none to name.
        if issuerCertificate?.subjectKeyIdentifier.isEmpty == false {
            add(NID_authority_key_identifier, "keyid:always")
        }
    }

    /// 126 random bits behind 01, so that the number is positive and always as long.
    private static func serialNumber() -> [UInt8] {
        var bytes = RandomBytes.bytes(16)
        bytes[0] = bytes[0] & 0x7F | 0x40
        return bytes
    }
}
