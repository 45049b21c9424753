// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The authorities that a party trusts for one role of its peers. Hosts and devices under one authority could pose as
/// each other, so each role gets its own value, and key usage is checked on top.
public struct TrustedAuthorities: Equatable, Sendable {
    /// Certificates that end a chain: roots, or authorities below a root that are trusted by themselves.
    public let anchors: [Certificate]
    /// Certificates that may stand between a peer and an anchor.
    public let intermediates: [Certificate]

    /// Trusts the anchors and what they certify.
    public init(anchors: [Certificate], intermediates: [Certificate] = []) {
        self.anchors = anchors
        self.intermediates = intermediates
    }

    /// These, and what a token brought along to stand in between.
    func adding(intermediates: [Certificate]) -> TrustedAuthorities {
        TrustedAuthorities(anchors: anchors, intermediates: self.intermediates + intermediates)
    }

    /// The longest chain, leaf and anchor included.
    public static let chainCountMax = 6

    /// Accepts the certificate for a role at a time: chain, signatures of at least 112 bits, validity of every link,
    /// key usage, and the revocation list when there is one (RFC 5280 6).
    ///
    /// - Parameter role: nil leaves the key usage unchecked.
    /// - Parameter seconds: the time, in seconds since 1970.
    /// - Parameter revocationList: of the certificate's own issuer; nil when the caller does without.
    public func validate(
        _ certificate: Certificate, as role: CertificateRole?, at seconds: Int64,
        revocationList: RevocationList? = nil
    ) throws(CertificateProblem) {
        guard UnixTime.range.contains(seconds) else { throw .notYetValid }
        if let revocationList {
            guard revocationList.isOf(certificate) else { throw .revocationListMissing }
            // Without a date the list would be good for ever; RFC 5280 5.1.2.5 wants one.
            guard revocationList.nextUpdate != nil else { throw .revocationListNotCurrent }
        }
        let problem = verify(certificate, seconds, revocationList)
        ERR_clear_error()
        if let problem { throw problem }
        if let role, !certificate.permits(role) { throw .wrongUsage }
    }

    private func verify(
        _ certificate: Certificate, _ seconds: Int64, _ revocationList: RevocationList?
    ) -> CertificateProblem? {
        let store = LibCrypto.require(X509_STORE_new(), "X509_STORE_new")
        defer { X509_STORE_free(store) }
        for anchor in anchors {
            let handle = anchor.makeHandle()
            defer { X509_free(handle) }
            LibCrypto.require(X509_STORE_add_cert(store, handle), "X509_STORE_add_cert")
        }
        let untrusted = CertificateStack(intermediates)
        let leaf = certificate.makeHandle()
        defer { X509_free(leaf) }
        let context = LibCrypto.require(X509_STORE_CTX_new(), "X509_STORE_CTX_new")
        defer { X509_STORE_CTX_free(context) }
        LibCrypto.require(X509_STORE_CTX_init(context, store, leaf, untrusted.handle), "X509_STORE_CTX_init")

        let parameters = X509_STORE_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_time(parameters, Int(seconds))
        X509_VERIFY_PARAM_set_depth(parameters, Int32(Self.chainCountMax - 2))
        X509_VERIFY_PARAM_set_auth_level(parameters, 2)
        var flags = UInt(X509_V_FLAG_PARTIAL_CHAIN)
        let lists = OPENSSL_sk_new_null()
        defer { OPENSSL_sk_free(lists) }
        let list = revocationList?.makeHandle()
        defer { X509_CRL_free(list) }
        if let list {
            flags |= UInt(X509_V_FLAG_CRL_CHECK)
            LibCrypto.require(OPENSSL_sk_push(lists, UnsafeRawPointer(list)), "OPENSSL_sk_push")
            X509_STORE_CTX_set0_crls(context, lists)
        }
        X509_VERIFY_PARAM_set_flags(parameters, flags)
        if X509_verify_cert(context) == 1 { return nil }
        return Self.problem(X509_STORE_CTX_get_error(context))
    }

    /// The finer reasons of libcrypto are of no use to a caller, except these.
    private static func problem(_ code: Int32) -> CertificateProblem {
        switch code {
        case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired
        case X509_V_ERR_CERT_REVOKED: .revoked
        case X509_V_ERR_CRL_NOT_YET_VALID, X509_V_ERR_CRL_HAS_EXPIRED: .revocationListNotCurrent
        // The first: the list bears the issuer's name, but names another key.
        case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_SIGNATURE_FAILURE,
            X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,
            X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
            .revocationListUntrusted
        default: .untrusted
        }
    }
}

/// A stack of certificates of libcrypto's, freed with what is on it.
private struct CertificateStack: ~Copyable {
    let handle: OpaquePointer
    private let certificates: [OpaquePointer]

    init(_ certificates: [Certificate]) {
        handle = LibCrypto.require(OPENSSL_sk_new_null(), "OPENSSL_sk_new_null")
        self.certificates = certificates.map { $0.makeHandle() }
        for certificate in self.certificates {
            LibCrypto.require(OPENSSL_sk_push(handle, UnsafeRawPointer(certificate)), "OPENSSL_sk_push")
        }
    }

    deinit {
        OPENSSL_sk_free(handle)
        for certificate in certificates { X509_free(certificate) }
    }
}
