// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// What the other end of a connection says of itself in its certificate, once its chain has been verified.
public enum PeerCertificate {
    /// The common name of the subject; nil for no certificate, none or several names, or one that is no text.
    ///
    /// - Parameter bytes: the certificate in DER.
    public static func commonName(der bytes: [UInt8]) -> String? {
        let certificate: OpaquePointer? = bytes.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            return d2i_X509(nil, &next, bytes.count)
        }
        guard let certificate else {
            ERR_clear_error()
            return nil
        }
        defer { X509_free(certificate) }
        guard let name = X509_get_subject_name(certificate) else { return nil }
        let first = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard first >= 0, X509_NAME_get_index_by_NID(name, NID_commonName, first) < 0 else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, first)))
        guard count >= 0, let text else { return nil }
        defer { CRYPTO_free(text, nil, 0) }
        return String(validating: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
    }
}
