// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Certificates, revocation lists and private keys in PEM (RFC 7468), through buffers that libcrypto wipes.
enum PEM {
    /// What `write` puts into a buffer, for what is public.
    static func text(_ write: (OpaquePointer) -> Int32) -> String {
        written(write) { String(decoding: $0, as: UTF8.self) }
    }

    /// What `write` puts into a buffer, for what is secret.
    static func secret(_ write: (OpaquePointer) -> Int32) -> SecretKey {
        written(write) { text in SecretKey(count: text.count) { $0.copyMemory(from: text) } }
    }

    /// The first certificate in the text, which the caller frees.
    static func certificate(_ text: String) -> OpaquePointer? {
        read(text) { PEM_read_bio_X509($0, nil, noPassPhrase, nil) }
    }

    /// The first revocation list in the text, which the caller frees.
    static func revocationList(_ text: String) -> OpaquePointer? {
        read(text) { PEM_read_bio_X509_CRL($0, nil, noPassPhrase, nil) }
    }

    /// The first private key in the text, which the caller frees; nil for an encrypted one.
    static func privateKey(_ text: borrowing SecretKey) -> OpaquePointer? {
        text.withBytes { read($0) { PEM_read_bio_PrivateKey($0, nil, noPassPhrase, nil) } }
    }

    private static func read(_ text: String, _ body: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        guard text.utf8.count <= 2 * ASN1.messageCountMax else { return nil }
        var text = text
        return text.withUTF8 { read(UnsafeRawBufferPointer($0), body) }
    }

    private static func read(
        _ text: UnsafeRawBufferPointer, _ body: (OpaquePointer) -> OpaquePointer?
    ) -> OpaquePointer? {
        guard !text.isEmpty else { return nil }
        let buffer = LibCrypto.require(BIO_new_mem_buf(text.baseAddress, Int32(text.count)), "BIO_new_mem_buf")
        defer { BIO_free_all(buffer) }
        defer { ERR_clear_error() }
        return body(buffer)
    }

    private static func written<R: ~Copyable>(
        _ write: (OpaquePointer) -> Int32, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R {
        let buffer = LibCrypto.require(BIO_new(BIO_s_secmem()), "BIO_new")
        defer { BIO_free_all(buffer) }
        LibCrypto.require(write(buffer), "BIO_write")
        var start: UnsafeMutableRawPointer?
        let count = BIO_ctrl(buffer, BIO_CTRL_INFO, 0, &start)
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// Says that there is no pass phrase; without it libcrypto would ask for one at the terminal.
private func noPassPhrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }
