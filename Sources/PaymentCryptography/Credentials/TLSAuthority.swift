// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A certificate and the private key that belongs to it.
public struct Credential: ~Copyable, Sendable {
    /// X.509 version 3.
    public let certificatePEM: String
    /// PKCS #8 in PEM, ASCII.
    public let privateKeyPEM: SecretKey
}

/// The estate's own authority: it certifies the host and every terminal for TLS with mutual authentication. ECDSA on
/// P-256 with SHA-256; it certifies ends only, no further authority (RFC 5280 4.2.1.9).
public struct TLSAuthority: ~Copyable {
    private let certificate: OpaquePointer
    private let key: OpaquePointer

    /// The longest a certificate of an end is valid.
    public static let validDaysMax = 3_650

    /// A new authority with a new key, valid for twenty years.
    ///
    /// - Parameter nowSeconds: the time now in seconds since 1970; valid from an hour earlier, for clocks that lag.
    public static func make(commonName: String, nowSeconds: Int64) throws(CertificateError) -> TLSAuthority {
        let subject = try SubjectNames(commonName: commonName).checked()
        let key = newKey()
        let builder = CertificateBuilder(
            subject: subject, issuer: nil, key: key, validity: validity(7_305, nowSeconds))
        builder.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        builder.add(NID_key_usage, "critical,keyCertSign,cRLSign")
        builder.add(NID_subject_key_identifier, "hash")
        return TLSAuthority(certificate: builder.signed(by: key), key: key)
    }

    /// The authority of what `certificatePEM` and `privateKeyPEM` gave.
    ///
    /// - Returns: nil unless they are a certificate and its key.
    public init?(certificatePEM: String, privateKeyPEM: borrowing SecretKey) {
        guard let certificate = PEM.certificate(certificatePEM) else { return nil }
        guard let key = PEM.privateKey(privateKeyPEM) else {
            X509_free(certificate)
            return nil
        }
        guard X509_check_private_key(certificate, key) == 1 else {
            X509_free(certificate)
            EVP_PKEY_free(key)
            return nil
        }
        self.init(certificate: certificate, key: key)
    }

    private init(certificate: OpaquePointer, key: OpaquePointer) {
        self.certificate = certificate
        self.key = key
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// The authority's own certificate: the trust anchor of both ends.
    public var certificatePEM: String { PEM.text { PEM_write_bio_X509($0, certificate) } }

    /// The authority's private key, for a file that only its owner reads.
    public var privateKeyPEM: SecretKey { Self.pem(key) }

    /// A server's certificate with a new key.
    ///
    /// - Parameter dnsNames: names it is valid for.
    /// - Parameter ipAddresses: addresses it is valid for, in text.
    /// - Parameter validDays: 1–3650.
    public borrowing func issueServer(
        commonName: String, dnsNames: [String], ipAddresses: [String], validDays: Int, nowSeconds: Int64
    ) throws(CertificateError) -> Credential {
        let names = SubjectNames(commonName: commonName, dnsNames: dnsNames, ipAddresses: ipAddresses)
        let subject = try names.checked()
        guard let alternatives = names.alternatives else { throw .noSubjectName }
        return try issue(subject, usage: "serverAuth", alternatives, validDays, nowSeconds)
    }

    /// A client's certificate with a new key; the common name says who it is.
    ///
    /// - Parameter validDays: 1–3650.
    public borrowing func issueClient(
        commonName: String, validDays: Int, nowSeconds: Int64
    ) throws(CertificateError) -> Credential {
        let subject = try SubjectNames(commonName: commonName).checked()
        return try issue(subject, usage: "clientAuth", nil, validDays, nowSeconds)
    }

    private borrowing func issue(
        _ subject: [UInt8], usage: String, _ alternatives: String?, _ validDays: Int, _ nowSeconds: Int64
    ) throws(CertificateError) -> Credential {
        guard (1...Self.validDaysMax).contains(validDays) else { throw .validDays(validDays) }
        let endKey = Self.newKey()
        defer { EVP_PKEY_free(endKey) }
        let builder = CertificateBuilder(
            subject: subject, issuer: certificate, key: endKey, validity: Self.validity(validDays, nowSeconds))
        builder.add(NID_basic_constraints, "critical,CA:FALSE")
        builder.add(NID_key_usage, "critical,digitalSignature")
        builder.add(NID_ext_key_usage, usage)
        builder.add(NID_subject_key_identifier, "hash")
        builder.add(NID_authority_key_identifier, "keyid")
        if let alternatives { builder.add(NID_subject_alt_name, alternatives) }
        let issued = builder.signed(by: key)
        defer { X509_free(issued) }
        return Credential(
            certificatePEM: PEM.text { PEM_write_bio_X509($0, issued) }, privateKeyPEM: Self.pem(endKey))
    }

    /// From an hour ago, for clocks that lag.
    private static func validity(_ days: Int, _ nowSeconds: Int64) -> ClosedRange<Int64> {
        nowSeconds - 3_600...nowSeconds + Int64(days) * 86_400
    }

    /// PKCS #8, not encrypted.
    private static func pem(_ key: OpaquePointer) -> SecretKey {
        PEM.secret { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
    }

    /// A new key on P-256, which the caller frees.
    private static func newKey() -> OpaquePointer {
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
}
