// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// An X.509 version 3 certificate on its way to its signature.
struct CertificateBuilder {
    private let certificate: OpaquePointer
    private let issuer: OpaquePointer

    /// - Parameter subject: a Name in DER.
    /// - Parameter issuer: the authority's certificate, which stays the caller's; nil for one that signs itself.
    /// - Parameter validity: first and last second, since 1970.
    init(subject: [UInt8], issuer: OpaquePointer?, key: OpaquePointer, validity: ClosedRange<Int64>) {
        certificate = LibCrypto.require(X509_new(), "X509_new")
        self.issuer = issuer ?? certificate
        LibCrypto.require(X509_set_version(certificate, 2), "X509_set_version")
        LibCrypto.require(
            ASN1_STRING_set(X509_get_serialNumber(certificate), Self.serialNumber(), 16), "ASN1_STRING_set")
        LibCrypto.require(
            ASN1_TIME_set(X509_getm_notBefore(certificate), Int(validity.lowerBound)), "ASN1_TIME_set")
        LibCrypto.require(ASN1_TIME_set(X509_getm_notAfter(certificate), Int(validity.upperBound)), "ASN1_TIME_set")
        LibCrypto.require(X509_set_pubkey(certificate, key), "X509_set_pubkey")
        DistinguishedName.withHandle(subject) { [certificate] in
            LibCrypto.require(X509_set_subject_name(certificate, $0), "X509_set_subject_name")
        }
        LibCrypto.require(
            X509_set_issuer_name(certificate, X509_get_subject_name(self.issuer)), "X509_set_issuer_name")
    }

    /// Adds an extension in libcrypto's syntax; whatever goes into it has been checked.
    func add(_ extensionID: Int32, _ value: String) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        let item = LibCrypto.require(X509V3_EXT_conf_nid(nil, &context, extensionID, value), "X509V3_EXT_conf_nid")
        defer { X509_EXTENSION_free(item) }
        LibCrypto.require(X509_add_ext(certificate, item, -1), "X509_add_ext")
    }

    /// The finished certificate, signed with SHA-256, which the caller frees.
    func signed(by key: OpaquePointer) -> OpaquePointer {
        LibCrypto.require(X509_sign(certificate, key, DigestAlgorithm.sha256.fetched), "X509_sign")
        return certificate
    }

    /// 126 random bits behind 01, so that the number is positive and always as long (CA/Browser Forum wants 64).
    private static func serialNumber() -> [UInt8] {
        var bytes = RandomBytes.bytes(16)
        bytes[0] = bytes[0] & 0x3F | 0x40
        return bytes
    }
}
