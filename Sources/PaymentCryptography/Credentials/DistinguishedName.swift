// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Names of X.500 through libcrypto.
enum DistinguishedName {
    /// A Name of one common name, in DER.
    ///
    /// - Returns: nil unless 1 to 64 bytes without control characters.
    static func encoding(commonName: String) -> [UInt8]? {
        guard (1...64).contains(commonName.utf8.count), commonName.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return nil
        }
        let name = LibCrypto.require(X509_NAME_new(), "X509_NAME_new")
        defer { X509_NAME_free(name) }
        LibCrypto.require(
            X509_NAME_add_entry_by_NID(
                name, NID_commonName, MBSTRING_UTF8, Array(commonName.utf8), Int32(commonName.utf8.count), -1, 0),
            "X509_NAME_add_entry_by_NID")
        return encoding(name)
    }

    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        if left == right { return true }
        guard let first = decode(left) else { return false }
        defer { X509_NAME_free(first) }
        guard let second = decode(right) else { return false }
        defer { X509_NAME_free(second) }
        return X509_NAME_cmp(first, second) == 0
    }

    /// RFC 2253 with quoted controls; empty for what is no name.
    static func text(_ bytes: [UInt8]) -> String {
        guard let name = decode(bytes) else { return "" }
        defer { X509_NAME_free(name) }
        let buffer = LibCrypto.require(BIO_new(BIO_s_mem()), "BIO_new")
        defer { BIO_free_all(buffer) }
        let strings = ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT
        let flags = UInt(strings | XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_DN_REV)
        guard X509_NAME_print_ex(buffer, name, 0, flags) >= 0 else {
            ERR_clear_error()
            return ""
        }
        var start: UnsafeMutableRawPointer?
        let count = BIO_ctrl(buffer, BIO_CTRL_INFO, 0, &start)
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    static func encoding(_ name: OpaquePointer?) -> [UInt8] {
        LibCrypto.der { i2d_X509_NAME(name, $0) }
    }

    /// Lends `body` a name that was encoded by libcrypto.
    static func withHandle(_ name: [UInt8], _ body: (OpaquePointer) -> Void) {
        let handle = LibCrypto.require(decode(name), "d2i_X509_NAME")
        defer { X509_NAME_free(handle) }
        body(handle)
    }

    private static func decode(_ bytes: [UInt8]) -> OpaquePointer? {
        bytes.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            let name = d2i_X509_NAME(nil, &next, bytes.count)
            if name == nil { ERR_clear_error() }
            return name
        }
    }
}
