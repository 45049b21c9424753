// SPDX-License-Identifier: Apache-2.0

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
