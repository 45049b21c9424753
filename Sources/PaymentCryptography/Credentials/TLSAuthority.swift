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
        try SubjectNames(commonName: commonName).check()
        let key = CertificateBuilder.newKey()
        let builder = CertificateBuilder(
            commonName: commonName, key: key, validDays: 7_305, nowSeconds: nowSeconds, issuer: nil)
        builder.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        builder.add(NID_key_usage, "critical,keyCertSign,cRLSign")
        builder.add(NID_subject_key_identifier, "hash")
        return TLSAuthority(certificate: builder.signed(by: key), key: key)
    }

    /// The authority of what `certificatePEM` and `privateKeyPEM` gave.
    ///
    /// - Returns: nil unless they are a certificate and its key.
    public init?(certificatePEM: String, privateKeyPEM: borrowing SecretKey) {
        guard let certificate = PEMText.certificate(certificatePEM) else { return nil }
        guard let key = privateKeyPEM.withBytes({ PEMText.privateKey($0) }) else {
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
    public var certificatePEM: String { PEMText.text(of: certificate) }

    /// The authority's private key, for a file that only its owner reads.
    public var privateKeyPEM: SecretKey { PEMText.secret(of: key) }

    /// A server's certificate with a new key.
    ///
    /// - Parameter dnsNames: names it is valid for.
    /// - Parameter ipAddresses: addresses it is valid for, in text.
    /// - Parameter validDays: 1–3650.
    public borrowing func issueServer(
        commonName: String, dnsNames: [String], ipAddresses: [String], validDays: Int, nowSeconds: Int64
    ) throws(CertificateError) -> Credential {
        let names = SubjectNames(commonName: commonName, dnsNames: dnsNames, ipAddresses: ipAddresses)
        try names.check()
        guard let alternatives = names.alternatives else { throw .noSubjectName }
        return try issue(commonName, usage: "serverAuth", alternatives, validDays, nowSeconds)
    }

    /// A client's certificate with a new key; the common name says who it is.
    ///
    /// - Parameter validDays: 1–3650.
    public borrowing func issueClient(
        commonName: String, validDays: Int, nowSeconds: Int64
    ) throws(CertificateError) -> Credential {
        try SubjectNames(commonName: commonName).check()
        return try issue(commonName, usage: "clientAuth", nil, validDays, nowSeconds)
    }

    private borrowing func issue(
        _ commonName: String, usage: String, _ alternatives: String?, _ validDays: Int, _ nowSeconds: Int64
    ) throws(CertificateError) -> Credential {
        guard (1...Self.validDaysMax).contains(validDays) else { throw .validDays(validDays) }
        let endKey = CertificateBuilder.newKey()
        defer { EVP_PKEY_free(endKey) }
        let builder = CertificateBuilder(
            commonName: commonName, key: endKey, validDays: validDays, nowSeconds: nowSeconds, issuer: certificate)
        builder.add(NID_basic_constraints, "critical,CA:FALSE")
        builder.add(NID_key_usage, "critical,digitalSignature")
        builder.add(NID_ext_key_usage, usage)
        builder.add(NID_subject_key_identifier, "hash")
        builder.add(NID_authority_key_identifier, "keyid")
        if let alternatives { builder.add(NID_subject_alt_name, alternatives) }
        let issued = builder.signed(by: key)
        defer { X509_free(issued) }
        return Credential(certificatePEM: PEMText.text(of: issued), privateKeyPEM: PEMText.secret(of: endKey))
    }
}
