// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A revocation list in the making.
struct RevocationListWriter {
    let issuer: Certificate
    let serialNumbers: [[UInt8]]
    let number: UInt32
    let validity: ClosedRange<Int64>

    /// The most entries written.
    static let entryCountMax = 4_096

    func sign(with privateKey: borrowing RSAPrivateKey) throws(CertificateProblem) -> RevocationList {
        guard UnixTime.range.contains(validity.lowerBound), UnixTime.range.contains(validity.upperBound) else {
            throw .unwritable("validity")
        }
        guard serialNumbers.count <= Self.entryCountMax, serialNumbers.allSatisfy({ (1...20).contains($0.count) })
        else { throw .unwritable("serial number") }
        let list = LibCrypto.require(X509_CRL_new(), "X509_CRL_new")
        defer { X509_CRL_free(list) }
        LibCrypto.require(X509_CRL_set_version(list, 1), "X509_CRL_set_version")
        DistinguishedName.withHandle(issuer.subject) {
            LibCrypto.require(X509_CRL_set_issuer_name(list, $0), "X509_CRL_set_issuer_name")
        }
        let made = LibCrypto.time(validity.lowerBound)
        defer { ASN1_STRING_free(made) }
        let due = LibCrypto.time(validity.upperBound)
        defer { ASN1_STRING_free(due) }
        LibCrypto.require(X509_CRL_set1_lastUpdate(list, made), "X509_CRL_set1_lastUpdate")
        LibCrypto.require(X509_CRL_set1_nextUpdate(list, due), "X509_CRL_set1_nextUpdate")
        for serialNumber in serialNumbers { add(serialNumber, to: list, at: made) }
        addExtensions(list)
        LibCrypto.require(X509_CRL_sort(list), "X509_CRL_sort")
        LibCrypto.require(X509_CRL_sign(list, privateKey.handle, DigestAlgorithm.sha256.fetched), "X509_CRL_sign")

        return try RevocationList(der: LibCrypto.der { i2d_X509_CRL(list, $0) })
    }

    private func add(_ serialNumber: [UInt8], to list: OpaquePointer, at time: UnsafeMutablePointer<ASN1_TIME>?) {
        let entry = LibCrypto.require(X509_REVOKED_new(), "X509_REVOKED_new")
        let digits = BigNumber(serialNumber)
        let number = BN_to_ASN1_INTEGER(digits.handle, nil)
        LibCrypto.require(number, "BN_to_ASN1_INTEGER")
        defer { ASN1_STRING_free(number) }
        LibCrypto.require(X509_REVOKED_set_serialNumber(entry, number), "X509_REVOKED_set_serialNumber")
        LibCrypto.require(X509_REVOKED_set_revocationDate(entry, time), "X509_REVOKED_set_revocationDate")
        // The list owns the entry from here.
        LibCrypto.require(X509_CRL_add0_revoked(list, entry), "X509_CRL_add0_revoked")
    }

    private func addExtensions(_ list: OpaquePointer) {
        let authority = issuer.makeHandle()
        defer { X509_free(authority) }
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, authority, nil, nil, list, 0)
        if !issuer.subjectKeyIdentifier.isEmpty {
            let identifier = LibCrypto.require(
                X509V3_EXT_conf_nid(nil, &context, NID_authority_key_identifier, "keyid:always"),
                "X509V3_EXT_conf_nid")
            defer { X509_EXTENSION_free(identifier) }
            LibCrypto.require(X509_CRL_add_ext(list, identifier, -1), "X509_CRL_add_ext")
        }
        let number = ASN1_INTEGER_new()
        LibCrypto.require(number, "ASN1_INTEGER_new")
        defer { ASN1_STRING_free(number) }
        LibCrypto.require(ASN1_INTEGER_set_uint64(number, UInt64(self.number)), "ASN1_INTEGER_set_uint64")
        LibCrypto.require(X509_CRL_add1_ext_i2d(list, NID_crl_number, number, 0, 0), "X509_CRL_add1_ext_i2d")
    }
}

extension LibCrypto {
    /// A time within `UnixTime.range`; the caller frees it.
    static func time(_ seconds: Int64) -> UnsafeMutablePointer<ASN1_TIME>? {
        let time = ASN1_TIME_set(nil, Int(seconds))
        require(time, "ASN1_TIME_set")
        return time
    }
}
