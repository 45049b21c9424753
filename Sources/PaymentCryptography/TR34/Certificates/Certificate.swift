// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// What a certificate is used for in TR-34.
public enum CertificateRole: Sendable, CaseIterable {
    /// Signs key, unbind and rebind tokens: digital signature.
    case keyDistributionHost
    /// Keys are encrypted for it: key encipherment.
    case keyReceivingDevice
    /// Signs certificates, revocation lists, and the tokens of the higher authority.
    case authority
}

/// An X.509 certificate of an RSA key (RFC 5280). Reading it proves nothing; `TrustedAuthorities.validate` does.
public struct Certificate: Equatable, Sendable {
    /// The certificate in DER, as it was read.
    public let der: [UInt8]
    /// Issuer and serial number.
    public let id: CertificateID
    /// The subject's Name in DER.
    public let subject: [UInt8]
    /// The key that is certified.
    public let publicKey: RSAPublicKey
    /// The first second of the validity, since 1970.
    public let notBefore: Int64
    /// The last second of the validity, since 1970.
    public let notAfter: Int64
    /// Whether its extensions make it an authority.
    public let isAuthority: Bool
    /// The SubjectKeyIdentifier, empty when there is none.
    public let subjectKeyIdentifier: [UInt8]
    /// The bits of keyUsage (RFC 5280 4.2.1.3) as libcrypto counts them; all of them when the extension is absent, none
    /// when the extensions contradict each other.
    let keyUsage: UInt32

    /// A certificate from DER.
    public init(der: [UInt8]) throws(CertificateProblem) {
        guard let certificate = Self.decode(der) else { throw .malformed }
        defer { X509_free(certificate) }
        try self.init(certificate, der: der)
    }

    /// The first certificate of a PEM text.
    public init(pem: String) throws(CertificateProblem) {
        guard let certificate = PEM.certificate(pem) else { throw .malformed }
        defer { X509_free(certificate) }
        try self.init(der: LibCrypto.der { i2d_X509(certificate, $0) })
    }

    private init(_ certificate: OpaquePointer, der: [UInt8]) throws(CertificateProblem) {
        guard let key = X509_get0_pubkey(certificate) else {
            ERR_clear_error()
            throw .key(.malformedKey)
        }
        do { publicKey = try RSAPublicKey(checking: key) } catch { throw .key(error) }
        guard let notBefore = UnixTime.seconds(X509_get0_notBefore(certificate)),
            let notAfter = UnixTime.seconds(X509_get0_notAfter(certificate)),
            let serial = X509_get0_serialNumber(certificate), ASN1_STRING_type(serial) == V_ASN1_INTEGER
        else { throw .malformed }
        self.der = der
        self.notBefore = notBefore
        self.notAfter = notAfter
        let number = UnsafeBufferPointer(start: ASN1_STRING_get0_data(serial), count: Int(ASN1_STRING_length(serial)))
        id = CertificateID(
            issuer: DistinguishedName.encoding(X509_get_issuer_name(certificate)), serialNumber: Array(number))
        subject = DistinguishedName.encoding(X509_get_subject_name(certificate))
        isAuthority = X509_check_ca(certificate) == 1
        keyUsage = X509_get_key_usage(certificate)
        if let identifier = X509_get0_subject_key_id(certificate) {
            let count = Int(ASN1_STRING_length(identifier))
            subjectKeyIdentifier = Array(
                UnsafeBufferPointer(start: ASN1_STRING_get0_data(identifier), count: count))
        } else {
            subjectKeyIdentifier = []
        }
        // Extensions that contradict each other leave an error behind; the usage is none then.
        ERR_clear_error()
    }

    /// Equal when the bytes are.
    public static func == (left: Certificate, right: Certificate) -> Bool { left.der == right.der }

    /// The subject in the text form of RFC 2253, for people.
    public var subjectText: String { DistinguishedName.text(subject) }

    /// The certificate in PEM.
    public var pem: String {
        let certificate = makeHandle()
        defer { X509_free(certificate) }
        return PEM.text { PEM_write_bio_X509($0, certificate) }
    }

    /// Whether key usage allows the role. A certificate without that extension allows every role but the authority's.
    public func permits(_ role: CertificateRole) -> Bool {
        switch role {
        case .keyDistributionHost: keyUsage & UInt32(KU_DIGITAL_SIGNATURE) != 0 && !isAuthority
        case .keyReceivingDevice: keyUsage & UInt32(KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT) != 0 && !isAuthority
        case .authority: isAuthority && keyUsage & UInt32(KU_KEY_CERT_SIGN) != 0
        }
    }

    /// Whether the private key is this certificate's.
    public func matches(_ privateKey: borrowing RSAPrivateKey) -> Bool { privateKey.publicKey == publicKey }

    /// A handle that the caller frees.
    func makeHandle() -> OpaquePointer {
        // Safe: the bytes were read when this value was made.
        LibCrypto.require(Self.decode(der), "d2i_X509")
    }

    private static func decode(_ bytes: [UInt8]) -> OpaquePointer? {
        guard bytes.count <= ASN1.messageCountMax, ASN1.namesOneAlgorithm(bytes) else { return nil }
        return bytes.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var next = bytes.baseAddress
            guard let certificate = d2i_X509(nil, &next, bytes.count) else {
                ERR_clear_error()
                return nil
            }
            guard let start = bytes.baseAddress, let next, next - start == bytes.count else {
                X509_free(certificate)
                return nil
            }
            return certificate
        }
    }
}
