// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Certificates and private keys as PEM (RFC 7468), through buffers that libcrypto wipes.
enum PEMText {
    /// The certificate's text.
    static func text(of certificate: OpaquePointer) -> String {
        written({ PEM_write_bio_X509($0, certificate) }) { String(decoding: $0, as: UTF8.self) }
    }

    /// The private key's text (PKCS #8, not encrypted).
    static func secret(of key: OpaquePointer) -> SecretKey {
        written({ PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }) { text in
            SecretKey(count: text.count) { $0.copyMemory(from: text) }
        }
    }

    /// The first certificate in the text, which the caller frees.
    static func certificate(_ text: String) -> OpaquePointer? {
        var text = text
        return text.withUTF8 { read(UnsafeRawBufferPointer($0)) { PEM_read_bio_X509($0, nil, nil, nil) } }
    }

    /// The first private key in the text, which the caller frees.
    static func privateKey(_ text: UnsafeRawBufferPointer) -> OpaquePointer? {
        // Without a call-back libcrypto would ask for a pass phrase at the terminal.
        read(text) { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
    }

    private static func read(_ text: UnsafeRawBufferPointer, _ read: (OpaquePointer) -> OpaquePointer?)
        -> OpaquePointer?
    {
        guard !text.isEmpty, let buffer = BIO_new_mem_buf(text.baseAddress, Int32(clamping: text.count)) else {
            return nil
        }
        defer { BIO_free_all(buffer) }
        defer { ERR_clear_error() }
        return read(buffer)
    }

    private static func written<R: ~Copyable>(
        _ write: (OpaquePointer) -> Int32, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R {
        let buffer = LibCrypto.require(BIO_new(BIO_s_secmem()), "BIO_new")
        defer { BIO_free_all(buffer) }
        LibCrypto.require(write(buffer), "PEM_write_bio")
        var start: UnsafeMutableRawPointer?
        let count = BIO_ctrl(buffer, BIO_CTRL_INFO, 0, &start)
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

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
