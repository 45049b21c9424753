// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Public things in PEM (RFC 7468).
enum PEM {
    /// What `write` puts into a buffer.
    static func text(_ write: (OpaquePointer) -> Int32) -> String {
        let buffer = LibCrypto.require(BIO_new(BIO_s_mem()), "BIO_new")
        defer { BIO_free_all(buffer) }
        LibCrypto.require(write(buffer), "PEM_write_bio")
        var start: UnsafeMutableRawPointer?
        let count = BIO_ctrl(buffer, BIO_CTRL_INFO, 0, &start)
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The DER that `read` makes of the text; it answers with the count, or with -1.
    static func bytes(
        _ text: String, _ read: (OpaquePointer, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
    ) -> [UInt8]? {
        let text = Array(text.utf8)
        guard !text.isEmpty, text.count <= 2 * ASN1.messageCountMax else { return nil }
        return text.withUnsafeBytes { text -> [UInt8]? in
            let buffer = LibCrypto.require(BIO_new_mem_buf(text.baseAddress, Int32(text.count)), "BIO_new_mem_buf")
            defer { BIO_free_all(buffer) }
            var start: UnsafeMutablePointer<UInt8>?
            let count = read(buffer, &start)
            guard count > 0 else {
                ERR_clear_error()
                return nil
            }
            defer { CRYPTO_free(start, nil, 0) }
            return Array(UnsafeBufferPointer(start: start, count: Int(count)))
        }
    }
}
