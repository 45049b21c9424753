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

/// The names of a certificate. Whatever goes into libcrypto's extension syntax is checked first: a comma in a name would
/// make it two.
struct SubjectNames {
    var commonName: String
    var dnsNames: [String] = []
    var ipAddresses: [String] = []

    func check() throws(CertificateError) {
        guard (1...64).contains(commonName.utf8.count), commonName.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .commonName
        }
        for name in dnsNames where !Self.isDNSName(name) { throw .dnsName(name) }
        for address in ipAddresses {
            guard let octets = a2i_IPADDRESS(address) else { throw .ipAddress(address) }
            ASN1_OCTET_STRING_free(octets)
        }
    }

    /// The extension's text; nil without any.
    var alternatives: String? {
        let names = dnsNames.map { "DNS:" + $0 } + ipAddresses.map { "IP:" + $0 }
        return names.isEmpty ? nil : names.joined(separator: ",")
    }

    private static func isDNSName(_ name: String) -> Bool {
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
}

/// A certificate on its way to its signature. The names have been checked.
struct CertificateBuilder {
    private let certificate: OpaquePointer
    private let issuer: OpaquePointer

    /// - Parameter issuer: the authority's certificate; nil for one that signs itself.
    init(commonName: String, key: OpaquePointer, validDays: Int, nowSeconds: Int64, issuer: OpaquePointer?) {
        certificate = LibCrypto.require(X509_new(), "X509_new")
        self.issuer = issuer ?? certificate
        LibCrypto.require(X509_set_version(certificate, 2), "X509_set_version")
        setSerialNumber()
        let (start, end) = (nowSeconds - 3_600, nowSeconds + Int64(validDays) * 86_400)
        LibCrypto.require(ASN1_TIME_set(X509_getm_notBefore(certificate), Int(start)), "ASN1_TIME_set")
        LibCrypto.require(ASN1_TIME_set(X509_getm_notAfter(certificate), Int(end)), "ASN1_TIME_set")
        LibCrypto.require(X509_set_pubkey(certificate, key), "X509_set_pubkey")
        let name = LibCrypto.require(X509_get_subject_name(certificate), "X509_get_subject_name")
        LibCrypto.require(
            X509_NAME_add_entry_by_NID(
                name, NID_commonName, MBSTRING_UTF8, Array(commonName.utf8), Int32(commonName.utf8.count), -1, 0),
            "X509_NAME_add_entry_by_NID")
        LibCrypto.require(
            X509_set_issuer_name(certificate, X509_get_subject_name(self.issuer)), "X509_set_issuer_name")
    }

    func add(_ extensionID: Int32, _ value: String) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        let item = LibCrypto.require(X509V3_EXT_conf_nid(nil, &context, extensionID, value), "X509V3_EXT_conf_nid")
        defer { X509_EXTENSION_free(item) }
        LibCrypto.require(X509_add_ext(certificate, item, -1), "X509_add_ext")
    }

    /// The finished certificate, which the caller frees.
    func signed(by key: OpaquePointer) -> OpaquePointer {
        LibCrypto.require(X509_sign(certificate, key, EVP_sha256()), "X509_sign")
        return certificate
    }

    /// A new key on P-256, which the caller frees.
    static func newKey() -> OpaquePointer {
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
    private func setSerialNumber() {
        var bytes = RandomBytes.bytes(16)
        bytes[0] = bytes[0] & 0x7F | 0x40
        let number = LibCrypto.require(BN_bin2bn(bytes, Int32(bytes.count), nil), "BN_bin2bn")
        defer { BN_free(number) }
        LibCrypto.require(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)), "BN_to_ASN1_INTEGER")
    }
}
