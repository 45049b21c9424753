// SPDX-License-Identifier: Apache-2.0

extension TR34 {
    /// An unbind or rebind token (UBT_CA, UBT_KDH, RBT_CA, RBT_KDH; TR-34 B.10, B.11, B.13, B.14) taken apart. Nothing
    /// of it is proved before `verify`.
    public struct BindingToken: Sendable {
        private let message: SignedMessage

        /// The device that is meant.
        public let device: CertificateID
        /// The host that is to go; a host's own token does not name it.
        public let host: CertificateID?
        /// The host that is to come, in a rebind token, with the revocation list of its issuer when there is one.
        public let newHost: Credential?

        /// The device's random number, in a host's token.
        public var randomNumber: [UInt8]? { message.signer?.attributes?.randomNumber }
        /// The time of signing, in seconds since 1970, in an authority's token.
        public var signingTime: Int64? { message.signer?.attributes?.signingTime }

        /// Reads a token, in DER or BER.
        public init(reading bytes: [UInt8]) throws(TR34Error) {
            message = try SignedMessage(reading: bytes)
            guard message.signer != nil else { throw .malformed("signer") }
            let parties: [CertificateID]
            switch message.contentType {
            case ObjectIdentifier.data:
                parties = try Self.parties(message.content)
                newHost = nil
            case ObjectIdentifier.signedData:
                let inner = try SignedMessage(readingInner: message.content)
                guard inner.signer == nil, inner.contentType == ObjectIdentifier.data else {
                    throw .malformed("inside of the rebind token")
                }
                parties = try Self.parties(inner.content)
                let (certificate, authorities) = try inner.credential()
                var list = try inner.revocationList(ifOf: certificate)
                if list == nil { list = try message.revocationList(of: certificate) }
                newHost = Credential(certificate: certificate, authorities: authorities, revocationList: list)
            default: throw .malformed("unbind or rebind token")
            }
            device = parties[0]
            host = parties.count == 2 ? parties[1] : nil
        }

        /// Whether the token names the certificate's owner as its signer.
        public func isSigned(by signer: Certificate) -> Bool { message.signer?.id.names(signer) == true }

        /// Checks that the host or the authority signed the token.
        public func verify(signer: Certificate) throws(TR34Error) {
            guard isSigned(by: signer) else { throw .wrongHost }
            _ = try message.verify(by: signer)
        }

        /// The newest revocation list of the signing host's issuer, if there is one.
        func revocationList(ifOf host: Certificate) throws(TR34Error) -> RevocationList? {
            try message.revocationList(ifOf: host)
        }

        /// The identifiers of the device, and of the host when the authority signs: one after the other as in the
        /// samples, or both in a SEQUENCE.
        private static func parties(_ bytes: [UInt8]) throws(TR34Error) -> [CertificateID] {
            var elements = try elements(ASN1Reader(bytes[...]))
            if elements.count == 1, elements[0].tag == ASN1.Tag.sequence {
                let inside = try Self.elements(elements[0].reader)
                // An identifier has a name and a number, two identifiers have two of their kind.
                if inside.count == 2, inside[1].tag == ASN1.Tag.sequence { elements = inside }
            }
            guard (1...2).contains(elements.count) else { throw .malformed("identifiers of the parties") }
            var output: [CertificateID] = []
            for element in elements { output.append(try CertificateID(reading: element)) }
            return output
        }

        private static func elements(
            _ reader: ASN1Reader<ArraySlice<UInt8>>
        ) throws(TR34Error) -> [ASN1Element<ArraySlice<UInt8>>] {
            var reader = reader
            var output: [ASN1Element<ArraySlice<UInt8>>] = []
            while !reader.isAtEnd, output.count <= 2 { output.append(try reader.next("identifiers of the parties")) }
            return output
        }
    }
}
