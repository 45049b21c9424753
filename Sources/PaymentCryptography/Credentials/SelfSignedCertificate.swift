// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Why no certificate was made.
public enum CertificateError: Error, Equatable, Sendable {
    /// Empty, longer than 64 characters, or with a control character.
    case commonName
    /// Not a DNS name of letters, digits, hyphens and dots, a first label `*` allowed.
    case dnsName(String)
    /// Not an IPv4 or IPv6 address.
    case ipAddress(String)
    /// Neither a DNS name nor an address.
    case noSubjectName
    /// Not between 1 and 3650 days.
    case validDays(Int)
}

/// A self-signed certificate for TLS where there is no authority yet: ECDSA on P-256 with SHA-256, X.509 version 3.
public enum SelfSignedCertificate {
    /// The certificate and its key in PEM.
    ///
    /// - Parameter dnsNames: names it is valid for.
    /// - Parameter ipAddresses: addresses it is valid for, in text.
    /// - Parameter validDays: 1–3650.
    /// - Parameter nowSeconds: the time now in seconds since 1970; valid from an hour earlier, for clocks that lag.
    public static func make(
        commonName: String, dnsNames: [String], ipAddresses: [String], validDays: Int, nowSeconds: Int64
    ) throws(CertificateError) -> (certificatePEM: String, privateKeyPEM: String) {
        try check(commonName, dnsNames, ipAddresses, validDays)
        let key = makeKey()
        defer { EVP_PKEY_free(key) }
        let certificate = LibCrypto.require(X509_new(), "X509_new")
        defer { X509_free(certificate) }

        LibCrypto.require(X509_set_version(certificate, 2), "X509_set_version")
        setSerialNumber(certificate)
        let (start, end) = (nowSeconds - 3_600, nowSeconds + Int64(validDays) * 86_400)
        LibCrypto.require(ASN1_TIME_set(X509_getm_notBefore(certificate), Int(start)), "ASN1_TIME_set")
        LibCrypto.require(ASN1_TIME_set(X509_getm_notAfter(certificate), Int(end)), "ASN1_TIME_set")
        LibCrypto.require(X509_set_pubkey(certificate, key), "X509_set_pubkey")

        let name = LibCrypto.require(X509_get_subject_name(certificate), "X509_get_subject_name")
        LibCrypto.require(
            X509_NAME_add_entry_by_NID(
                name, NID_commonName, MBSTRING_UTF8, Array(commonName.utf8), Int32(commonName.utf8.count), -1, 0),
            "X509_NAME_add_entry_by_NID")
        LibCrypto.require(X509_set_issuer_name(certificate, name), "X509_set_issuer_name")

        add(NID_basic_constraints, "critical,CA:FALSE", to: certificate)
        // No key usage: without keyCertSign some clients would not take the certificate as its own trust anchor, and
        // with it others would not take it as a server's.
        add(NID_ext_key_usage, "serverAuth", to: certificate)
        add(NID_subject_key_identifier, "hash", to: certificate)
        let names = dnsNames.map { "DNS:" + $0 } + ipAddresses.map { "IP:" + $0 }
        add(NID_subject_alt_name, names.joined(separator: ","), to: certificate)
        LibCrypto.require(X509_sign(certificate, key, EVP_sha256()), "X509_sign")

        let certificatePEM = pem { PEM_write_bio_X509($0, certificate) }
        let keyPEM = pem { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
        return (certificatePEM, keyPEM)
    }

    /// Whatever goes into libcrypto's extension syntax is checked first: a comma in a name would make it two.
    private static func check(
        _ commonName: String, _ dnsNames: [String], _ ipAddresses: [String], _ validDays: Int
    ) throws(CertificateError) {
        guard (1...64).contains(commonName.utf8.count), commonName.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .commonName
        }
        guard !dnsNames.isEmpty || !ipAddresses.isEmpty else { throw .noSubjectName }
        for name in dnsNames where !isDNSName(name) { throw .dnsName(name) }
        for address in ipAddresses {
            guard let octets = a2i_IPADDRESS(address) else { throw .ipAddress(address) }
            ASN1_OCTET_STRING_free(octets)
        }
        guard (1...3_650).contains(validDays) else { throw .validDays(validDays) }
    }

    static func isDNSName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        for (index, label) in name.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            if index == 0, label == "*", name.utf8.count > 2 { continue }
            guard (1...63).contains(label.utf8.count), label.utf8.first != 0x2D, label.utf8.last != 0x2D,
                label.utf8.allSatisfy({
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D
                })
            else { return false }
        }
        return true
    }

    private static func makeKey() -> OpaquePointer {
        let context = LibCrypto.require(EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil), "EVP_PKEY_CTX_new_id")
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        LibCrypto.require(EVP_PKEY_keygen_init(context), "EVP_PKEY_keygen_init")
        LibCrypto.require(
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1),
            "EVP_PKEY_CTX_set_ec_paramgen_curve_nid")
        LibCrypto.require(EVP_PKEY_keygen(context, &key), "EVP_PKEY_keygen")
        return LibCrypto.require(key, "EVP_PKEY_keygen")
    }

    /// 127 random bits (CA/Browser Forum wants 64).
    private static func setSerialNumber(_ certificate: OpaquePointer) {
        var bytes = RandomBytes.bytes(16)
        bytes[0] = bytes[0] & 0x7F | 0x40
        let number = LibCrypto.require(BN_bin2bn(bytes, Int32(bytes.count), nil), "BN_bin2bn")
        defer { BN_free(number) }
        LibCrypto.require(
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)), "BN_to_ASN1_INTEGER")
    }

    private static func add(_ extensionID: Int32, _ value: String, to certificate: OpaquePointer) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
        let item = LibCrypto.require(X509V3_EXT_conf_nid(nil, &context, extensionID, value), "X509V3_EXT_conf_nid")
        defer { X509_EXTENSION_free(item) }
        LibCrypto.require(X509_add_ext(certificate, item, -1), "X509_add_ext")
    }

    /// What `write` puts into a memory buffer that libcrypto wipes.
    private static func pem(_ write: (OpaquePointer) -> Int32) -> String {
        let buffer = LibCrypto.require(BIO_new(BIO_s_secmem()), "BIO_new")
        defer { BIO_free_all(buffer) }
        LibCrypto.require(write(buffer), "PEM_write_bio")
        var start: UnsafeMutableRawPointer?
        let count = BIO_ctrl(buffer, BIO_CTRL_INFO, 0, &start)
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
