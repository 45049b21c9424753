// SPDX-License-Identifier: Apache-2.0

/// SignedData (RFC 5652 5) as TR-34 uses it: at most one signer, or none for what only carries certificates.
struct SignedMessage {
    /// The object identifier of the content's type.
    let contentType: [UInt8]
    /// The content; empty when it is absent.
    let content: [UInt8]
    /// Certificates in the order as they stand, in DER.
    let certificates: [[UInt8]]
    /// Revocation lists in the order as they stand, in DER.
    let revocationLists: [[UInt8]]
    let signer: SignerInfo?

    /// Reads a token: ContentInfo, or SignedData without it.
    init(reading bytes: [UInt8]) throws(TR34Error) {
        guard bytes.count <= ASN1.messageCountMax else { throw .malformed("length of the token") }
        var outer = ASN1Reader(bytes[...])
        let whole = try outer.next(ASN1.Tag.sequence, "token")
        try outer.end("end of the token")
        guard whole.reader.tag == ASN1.Tag.objectIdentifier else {
            try self.init(content: whole.content)
            return
        }
        var info = whole.reader
        guard try info.next("content type").bytes == ObjectIdentifier.signedData else {
            throw .malformed("signed data")
        }
        let explicit = try info.next(ASN1.Tag.contextConstructed(0), "content of the token")
        try info.end("end of the token")
        var inside = explicit.reader
        let signedData = try inside.next(ASN1.Tag.sequence, "signed data")
        try inside.end("end of the signed data")
        try self.init(content: signedData.content)
    }

    /// Reads the SignedData inside a rebind token. TR-34's own sample leaves its SEQUENCE away and begins with the
    /// version.
    init(readingInner bytes: [UInt8]) throws(TR34Error) {
        if bytes.first == ASN1.Tag.integer {
            try self.init(content: bytes[...])
        } else {
            try self.init(reading: bytes)
        }
    }

    private init(content bytes: ArraySlice<UInt8>) throws(TR34Error) {
        var reader = ASN1Reader(bytes)
        // 3 where the content is not plain data, by the letter of RFC 5652 5.1; the samples have 1 throughout.
        let version = try reader.next(ASN1.Tag.integer, "version of the signed data").bytes
        guard version == [1] || version == [3] else { throw .malformed("version of the signed data") }
        var digests: [[UInt8]] = []
        var algorithms = try reader.next(ASN1.Tag.set, "digest algorithms").reader
        while !algorithms.isAtEnd {
            digests.append(try AlgorithmIdentifier.simple(try algorithms.next("digest algorithm"), "digest algorithm"))
        }
        var encapsulated = try reader.next(ASN1.Tag.sequence, "encapsulated content").reader
        contentType = try encapsulated.next(ASN1.Tag.objectIdentifier, "content type").bytes
        if let explicit = try encapsulated.nextIf(ASN1.Tag.contextConstructed(0), "content") {
            var inside = explicit.reader
            content = try inside.nextOctets("content")
            try inside.end("end of the content")
        } else {
            content = []
        }
        try encapsulated.end("end of the content")

        // The sample of the host's credential has its revocation list behind the signers.
        var certificates: [[UInt8]]?
        var revocationLists: [[UInt8]]?
        var signers: ASN1Element<ArraySlice<UInt8>>?
        while !reader.isAtEnd {
            let element = try reader.next("part of the signed data")
            switch element.tag {
            case ASN1.Tag.contextConstructed(0) where certificates == nil:
                certificates = try Self.encodings(element)
            case ASN1.Tag.contextConstructed(1) where revocationLists == nil:
                revocationLists = try Self.encodings(element)
            case ASN1.Tag.set where signers == nil: signers = element
            default: throw .malformed("part of the signed data")
            }
        }
        guard let signers else { throw .malformed("signers") }
        self.certificates = certificates ?? []
        self.revocationLists = revocationLists ?? []
        var infos = signers.reader
        signer = infos.isAtEnd ? nil : try SignerInfo(reading: try infos.next(ASN1.Tag.sequence, "signer"))
        guard infos.isAtEnd else { throw .malformed("one signer") }
        if let signer, !digests.contains(where: { ObjectIdentifier.digest($0) == signer.digest }) {
            throw .malformed("digest algorithms")
        }
    }

    private static func encodings(_ element: ASN1Element<ArraySlice<UInt8>>) throws(TR34Error) -> [[UInt8]] {
        var output: [[UInt8]] = []
        var reader = element.reader
        while !reader.isAtEnd { output.append(Array(try reader.next("certificate or revocation list").encoding)) }
        return output
    }

    // MARK: Checking

    /// The signer, whose signature over the content is the certificate's.
    func verify(by certificate: Certificate) throws(TR34Error) -> SignerInfo {
        guard let signer else { throw .malformed("signer") }
        guard signer.isSigned(contentType: contentType, content: content, by: certificate.publicKey) else {
            throw .notAuthentic
        }
        return signer
    }

    /// The newest revocation list of the certificate's issuer; nil when there are no lists at all. Lists are not signed
    /// with the message, so one whose issuer was changed is not to pass for one that was never there.
    func revocationList(of certificate: Certificate) throws(TR34Error) -> RevocationList? {
        let list = try revocationList(ifOf: certificate)
        guard list != nil || revocationLists.isEmpty else { throw .certificate(.revocationListMissing) }
        return list
    }

    /// The newest revocation list of the certificate's issuer, if there is one.
    func revocationList(ifOf certificate: Certificate) throws(TR34Error) -> RevocationList? {
        var newest: RevocationList?
        for bytes in revocationLists {
            let list: RevocationList
            do { list = try RevocationList(der: bytes) } catch { throw .certificate(error) }
            guard list.isOf(certificate) else { continue }
            if let newest, newest.thisUpdate >= list.thisUpdate { continue }
            newest = list
        }
        return newest
    }

    /// The one certificate that is no authority's, and the authorities that come with it.
    func credential() throws(TR34Error) -> (certificate: Certificate, authorities: [Certificate]) {
        var (leaves, authorities): ([Certificate], [Certificate]) = ([], [])
        guard certificates.count <= TrustedAuthorities.chainCountMax else { throw .malformed("one certificate") }
        for bytes in certificates {
            let certificate: Certificate
            do { certificate = try Certificate(der: bytes) } catch { throw .certificate(error) }
            if certificate.isAuthority { authorities.append(certificate) } else { leaves.append(certificate) }
        }
        guard leaves.count == 1 else { throw .malformed("one certificate") }
        return (leaves[0], authorities)
    }
}

/// AlgorithmIdentifier (RFC 5280 4.1.1.2) without parameters, or with NULL.
enum AlgorithmIdentifier {
    /// The object identifier.
    static func simple<Bytes: ASN1Bytes>(
        _ element: ASN1Element<Bytes>, _ part: StaticString
    ) throws(TR34Error) -> [UInt8] {
        guard element.tag == ASN1.Tag.sequence else { throw .malformed("\(part)") }
        var reader = element.reader
        let identifier = try reader.next(ASN1.Tag.objectIdentifier, part).bytes
        if !reader.isAtEnd {
            let parameters = try reader.next(ASN1.Tag.null, part)
            guard parameters.content.isEmpty else { throw .malformed("\(part)") }
        }
        try reader.end(part)
        return identifier
    }
}
