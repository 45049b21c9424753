// SPDX-License-Identifier: Apache-2.0

/// The signed attributes of a token (RFC 5652 11, TR-34 5.4), each at most once.
struct SignedAttributes {
    var contentType: [UInt8] = []
    var messageDigest: [UInt8] = []
    /// pkcs-9-at-randomNonce.
    var randomNumber: [UInt8]?
    /// In seconds since 1970.
    var signingTime: Int64?
    /// The key block header, under the identifier of plain data.
    var keyBlockHeader: [UInt8]?

    /// Bytes of a random number: the samples have 8 and 16.
    static let randomNumberCounts = 8...64

    /// Unknown attributes are signed with the rest and say nothing here.
    init(reading element: ASN1Element<ArraySlice<UInt8>>) throws(TR34Error) {
        var reader = element.reader
        var seen: [[UInt8]] = []
        while !reader.isAtEnd {
            var attribute = try reader.next(ASN1.Tag.sequence, "attribute").reader
            let type = try attribute.next(ASN1.Tag.objectIdentifier, "type of an attribute").bytes
            var values = try attribute.next(ASN1.Tag.set, "values of an attribute").reader
            try attribute.end("end of an attribute")
            guard !seen.contains(type) else { throw .malformed("an attribute once") }
            seen.append(type)
            switch type {
            case ObjectIdentifier.contentType:
                contentType = try values.next(ASN1.Tag.objectIdentifier, "content type").bytes
            case ObjectIdentifier.messageDigest: messageDigest = try values.nextOctets("message digest")
            case ObjectIdentifier.randomNonce: randomNumber = try Self.randomNumber(&values)
            case ObjectIdentifier.signingTime:
                let time = try values.next("signing time")
                guard let seconds = UnixTime.seconds(tag: time.tag, time.bytes) else {
                    throw .malformed("signing time")
                }
                signingTime = seconds
            case ObjectIdentifier.data: keyBlockHeader = try values.nextOctets("key block header")
            default: continue
            }
            try values.end("one value of an attribute")
        }
        guard !contentType.isEmpty, !messageDigest.isEmpty else {
            throw .malformed("content type and message digest")
        }
    }

    private static func randomNumber(_ values: inout ASN1Reader<ArraySlice<UInt8>>) throws(TR34Error) -> [UInt8] {
        let number = try values.nextOctets("random number")
        guard randomNumberCounts.contains(number.count) else { throw .malformed("random number") }
        return number
    }

    // MARK: The random number token

    /// RT_KRD (TR-34 B.12): the attribute by itself.
    static func randomNumber(readingToken bytes: [UInt8]) throws(TR34Error) -> [UInt8] {
        var outer = ASN1Reader(bytes[...])
        var attribute = try outer.next(ASN1.Tag.sequence, "random number token").reader
        try outer.end("end of the random number token")
        guard try attribute.next("random number token").bytes == ObjectIdentifier.randomNonce else {
            throw .malformed("random number token")
        }
        var values = try attribute.next(ASN1.Tag.set, "random number token").reader
        try attribute.end("end of the random number token")
        let number = try randomNumber(&values)
        try values.end("end of the random number token")
        return number
    }

    // MARK: Writing

    static func attribute(_ type: [UInt8], _ value: [UInt8]) -> [UInt8] {
        ASN1.sequence(ASN1.objectIdentifier(type), ASN1.element(ASN1.Tag.set, value))
    }
}
