// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A certificate of TR-34's three roles in the making.
struct CertificateWriter {
    /// The common name.
    let name: String
    let publicKey: RSAPublicKey
    let role: CertificateRole
    let validity: ClosedRange<Int64>

    /// Signs it; without an issuer's certificate it is a root's.
    func sign(
        issuer: Certificate?, with privateKey: borrowing RSAPrivateKey
    ) throws(CertificateProblem) -> Certificate {
        guard let subject = DistinguishedName.encoding(commonName: name) else { throw .unwritable("name") }
        guard UnixTime.range.contains(validity.lowerBound), UnixTime.range.contains(validity.upperBound) else {
            throw .unwritable("validity")
        }
        let issuerHandle = issuer?.makeHandle()
        defer { X509_free(issuerHandle) }
        let builder = publicKey.withHandle {
            CertificateBuilder(subject: subject, issuer: issuerHandle, key: $0, validity: validity)
        }
        switch role {
        case .authority:
            builder.add(NID_basic_constraints, "critical,CA:TRUE")
            builder.add(NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign")
        case .keyDistributionHost:
            builder.add(NID_basic_constraints, "critical,CA:FALSE")
            builder.add(NID_key_usage, "critical,digitalSignature")
        case .keyReceivingDevice:
            builder.add(NID_basic_constraints, "critical,CA:FALSE")
            builder.add(NID_key_usage, "critical,keyEncipherment")
        }
        builder.add(NID_subject_key_identifier, "hash")
        // A root names no other key, and an issuer without an identifier has none to name.
        if issuer?.subjectKeyIdentifier.isEmpty == false {
            builder.add(NID_authority_key_identifier, "keyid:always")
        }
        let certificate = builder.signed(by: privateKey.handle)
        defer { X509_free(certificate) }
        return try Certificate(der: LibCrypto.der { i2d_X509(certificate, $0) })
    }
}
