// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Which certificate: its issuer and the serial number there (RFC 5652 10.2.4, IssuerAndSerialNumber).
public struct CertificateID: Equatable, Sendable {
    /// The issuer's Name in DER.
    public let issuer: [UInt8]
    /// The serial number, big-endian, without leading zeros.
    public let serialNumber: [UInt8]

    init(issuer: [UInt8], serialNumber: [UInt8]) {
        self.issuer = issuer
        self.serialNumber = Array(serialNumber.drop { $0 == 0 })
    }

    /// The issuer in the text form of RFC 2253, for people.
    public var issuerText: String { DistinguishedName.text(issuer) }

    /// Whether both name the same certificate: names are compared as RFC 5280 7.1 wants, so that a name encoded with
    /// another string type is the same name.
    public static func == (left: CertificateID, right: CertificateID) -> Bool {
        left.serialNumber == right.serialNumber && DistinguishedName.areEqual(left.issuer, right.issuer)
    }

    /// The IssuerAndSerialNumber.
    var encoding: [UInt8] {
        let padding: [UInt8] = serialNumber.first.map { $0 >= 0x80 } ?? true ? [0] : []
        return ASN1.sequence(issuer, ASN1.element(ASN1.Tag.integer, padding + serialNumber))
    }

    /// Reads an IssuerAndSerialNumber.
    init<Bytes: ASN1Bytes>(reading element: ASN1Element<Bytes>) throws(TR34Error) {
        guard element.tag == ASN1.Tag.sequence else { throw .malformed("issuer and serial number") }
        var reader = element.reader
        let issuer = try reader.next(ASN1.Tag.sequence, "issuer")
        let serialNumber = try reader.next(ASN1.Tag.integer, "serial number")
        try reader.end("issuer and serial number")
        guard (1...64).contains(serialNumber.content.count) else { throw .malformed("serial number") }
        self.init(issuer: Array(issuer.encoding), serialNumber: serialNumber.bytes)
    }
}

/// Names of X.500 through libcrypto.
enum DistinguishedName {
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
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509_NAME(name, &start)
        LibCrypto.require(count, "i2d_X509_NAME")
        defer { CRYPTO_free(start, nil, 0) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
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
