// SPDX-License-Identifier: Apache-2.0

/// ANSI X9 TR-34: symmetric keys from a key distribution host (KDH) to key receiving devices (KRD) under RSA, and the
/// binding of a device to its host.
///
/// Tokens are written as TR-34-2019 and RFC 5652 want them, in DER. Reading also takes BER, and what the samples of
/// the standard and devices built after them do: unsorted signed attributes, OAEP parameters without tags, data without
/// its SEQUENCE, a revocation list behind the signers.
///
/// - `KeyDistributionHost` writes key, unbind and rebind tokens.
/// - `KeyReceivingDevice` asks, binds, receives, unbinds and rebinds.
/// - `CertificateAuthority` certifies both, revokes, and unbinds or rebinds a device whose host is gone.
/// - `TR34.Credential`, `TR34.KeyToken` and `TR34.BindingToken` take one token apart by itself.
public enum TR34 {
    /// What shows that a key token is new.
    public enum Freshness: Equatable, Sendable {
        /// Two-pass: the random number of the device's token, 8 to 64 bytes.
        case randomNumber([UInt8])
        /// One-pass: the time of signing, in seconds since 1970.
        case signingTime(Int64)
    }

    /// A key that came in a token, with its attributes, both authenticated.
    public struct ReceivedKey: ~Copyable, Sendable {
        /// What the key may be used for.
        public let header: KeyBlockHeader
        /// The key.
        public let key: SecretKey

        /// The key alone.
        public consuming func takeKey() -> SecretKey { key }
    }

    /// What a credential token (CT_KDH, CT_KRD; TR-34 B.6, B.7) carries. Nothing of it is proved.
    public struct Credential: Equatable, Sendable {
        /// The party's certificate.
        public let certificate: Certificate
        /// Authorities that came along.
        public let authorities: [Certificate]
        /// The revocation list of the certificate's issuer.
        public let revocationList: RevocationList?

        init(certificate: Certificate, authorities: [Certificate], revocationList: RevocationList?) {
            self.certificate = certificate
            self.authorities = authorities
            self.revocationList = revocationList
        }

        /// Reads a token, in DER or BER.
        public init(reading token: [UInt8]) throws(TR34Error) {
            let message = try SignedMessage(reading: token)
            guard message.signer == nil, message.contentType == ObjectIdentifier.data, message.content.isEmpty else {
                throw .malformed("credential token")
            }
            (certificate, authorities) = try message.credential()
            revocationList = try message.revocationList(of: certificate)
        }

        /// CT_KRD or CT_KDH in DER: the certificate, and for a host the revocation list of its issuer.
        public static func token(certificate: Certificate, revocationList: RevocationList? = nil) -> [UInt8] {
            SignedMessage.contentInfo(
                SignedMessage.unsigned(certificate: certificate, revocationList: revocationList))
        }
    }

    /// The random number of a device's token (RT_KRD; TR-34 B.12), in DER or BER.
    public static func randomNumber(readingToken token: [UInt8]) throws(TR34Error) -> [UInt8] {
        try SignedAttributes.randomNumber(readingToken: token)
    }

    /// RT_KRD in DER.
    ///
    /// - Parameter randomNumber: 8 to 64 bytes.
    public static func token(randomNumber: [UInt8]) throws(TR34Error) -> [UInt8] {
        try attribute(randomNumber: randomNumber)
    }

    static func attribute(randomNumber: [UInt8]) throws(TR34Error) -> [UInt8] {
        guard SignedAttributes.randomNumberCounts.contains(randomNumber.count) else {
            throw .malformed("random number")
        }
        return SignedAttributes.attribute(ObjectIdentifier.randomNonce, ASN1.octets(randomNumber))
    }

    static func attribute(signingTime: Int64) throws(TR34Error) -> [UInt8] {
        SignedAttributes.attribute(ObjectIdentifier.signingTime, try UnixTime.encoding(signingTime))
    }
}
