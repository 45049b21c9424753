// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A certificate revocation list (RFC 5280 5). Reading it proves nothing; `TrustedAuthorities.validate` does.
public struct RevocationList: Equatable, Sendable {
    /// The list in DER, as it was read.
    public let der: [UInt8]
    /// The issuer's Name in DER.
    public let issuer: [UInt8]
    /// When it was made, in seconds since 1970.
    public let thisUpdate: Int64
    /// When the next one is due, in seconds since 1970; nil when the list does not say.
    public let nextUpdate: Int64?

    /// A list from DER.
    public init(der: [UInt8]) throws(CertificateProblem) {
        guard let list = Self.decode(der) else { throw .malformed }
        defer { X509_CRL_free(list) }
        guard let thisUpdate = UnixTime.seconds(X509_CRL_get0_lastUpdate(list)) else { throw .malformed }
        let due = X509_CRL_get0_nextUpdate(list)
        nextUpdate = UnixTime.seconds(due)
        guard due == nil || nextUpdate != nil else { throw .malformed }
        self.der = der
        self.thisUpdate = thisUpdate
        issuer = DistinguishedName.encoding(X509_CRL_get_issuer(list))
    }

    /// The first list of a PEM text.
    public init(pem: String) throws(CertificateProblem) {
        guard let list = PEM.revocationList(pem) else { throw .malformed }
        defer { X509_CRL_free(list) }
        try self.init(der: LibCrypto.der { i2d_X509_CRL(list, $0) })
    }

    /// Equal when the bytes are.
    public static func == (left: RevocationList, right: RevocationList) -> Bool { left.der == right.der }

    /// The list in PEM.
    public var pem: String {
        let list = makeHandle()
        defer { X509_CRL_free(list) }
        return PEM.text { PEM_write_bio_X509_CRL($0, list) }
    }

    /// Whether the list is of the certificate's issuer.
    func isOf(_ certificate: Certificate) -> Bool { DistinguishedName.areEqual(issuer, certificate.id.issuer) }

    /// Whether the certificate's serial number is on the list. The caller has checked whose list it is.
    func revokes(_ certificate: Certificate) -> Bool {
        let list = makeHandle()
        defer { X509_CRL_free(list) }
        let leaf = certificate.makeHandle()
        defer { X509_free(leaf) }
        // 2 stands for an entry that takes a revocation back (removeFromCRL).
        return X509_CRL_get0_by_cert(list, nil, leaf) == 1
    }

    /// A handle that the caller frees.
    func makeHandle() -> OpaquePointer {
        // Safe: the bytes were read when this value was made.
        LibCrypto.require(Self.decode(der), "d2i_X509_CRL")
    }

    private static func decode(_ bytes: [UInt8]) -> OpaquePointer? {
        guard bytes.count <= ASN1.messageCountMax, ASN1.namesOneAlgorithm(bytes) else { return nil }
        return bytes.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var next = bytes.baseAddress
            guard let list = d2i_X509_CRL(nil, &next, bytes.count) else {
                ERR_clear_error()
                return nil
            }
            guard let start = bytes.baseAddress, let next, next - start == bytes.count else {
                X509_CRL_free(list)
                return nil
            }
            return list
        }
    }
}
