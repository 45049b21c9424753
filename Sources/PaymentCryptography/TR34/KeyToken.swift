// SPDX-License-Identifier: Apache-2.0

extension TR34 {
    /// A key token (KT_KDH; TR-34 B.8 one-pass, B.9 two-pass) taken apart. Nothing of it is proved before `open`.
    public struct KeyToken: Sendable {
        private let message: SignedMessage
        private let envelope: EnvelopedMessage
        private let attributes: SignedAttributes
        private let headerText: [UInt8]

        /// The attributes of the key as the token claims them.
        public let header: KeyBlockHeader
        /// The random number of a two-pass token.
        public var randomNumber: [UInt8]? { attributes.randomNumber }
        /// The time of signing, in seconds since 1970; a one-pass token has it.
        public var signingTime: Int64? { attributes.signingTime }
        /// The cipher of the inside.
        public var cipher: ContentCipher { envelope.cipher }

        /// Reads a token, in DER or BER.
        public init(reading bytes: [UInt8]) throws(TR34Error) {
            message = try SignedMessage(reading: bytes)
            guard message.contentType == ObjectIdentifier.envelopedData else { throw .malformed("enveloped data") }
            guard let attributes = message.signer?.attributes else { throw .malformed("signed attributes") }
            self.attributes = attributes
            guard let headerText = attributes.keyBlockHeader else { throw .malformed("key block header") }
            self.headerText = headerText
            header = try TransportedHeader.header(headerText)
            envelope = try EnvelopedMessage(reading: message.content)
        }

        /// Whether the token names the certificate's owner as its signer.
        public func isSigned(by host: Certificate) -> Bool { message.signer?.id.names(host) == true }

        /// The newest revocation list of the host's issuer in the token; nil when the token has no list.
        public func revocationList(of host: Certificate) throws(TR34Error) -> RevocationList? {
            try message.revocationList(of: host)
        }

        /// Checks that the host signed the token.
        public func verify(host: Certificate) throws(TR34Error) {
            guard isSigned(by: host) else { throw .wrongHost }
            _ = try message.verify(by: host)
        }

        /// Verifies the host's signature, decrypts, and compares inside and outside. Whether the host is still to be
        /// trusted and the token is new is the caller's to check; `KeyReceivingDevice` does.
        ///
        /// - Parameter acceptingMixedMasks: also tries the OAEP of TR-34's own samples, whose two masks are of different
        ///   hashes.
        public func open(
            device: Certificate, privateKey: borrowing RSAPrivateKey, host: Certificate,
            strength: KeyTransportRule = .strict, acceptingMixedMasks: Bool = false
        ) throws(TR34Error) -> ReceivedKey {
            try verify(host: host)
            let content = try envelope.open(
                device: device, privateKey: privateKey, acceptingMixedMasks: acceptingMixedMasks)
            let key = try ClearKeyBlock.key(
                in: content, blockCount: envelope.cipher.blockCount, header: headerText, host: host)
            let algorithm = try TransportedHeader.algorithm(header)
            do { try KeyGuard.check(key, for: algorithm) } catch { throw .unusableKey(error) }
            try Transport(device: device, host: host, cipher: envelope.cipher, strength: strength)
                .check(algorithm, keyCount: key.count)
            return ReceivedKey(header: header, key: key)
        }
    }

    /// What stands between a key and an attacker: the device's RSA key, the cipher, and the host's signature.
    struct Transport {
        let device: Certificate
        let host: Certificate
        let cipher: ContentCipher
        let strength: KeyTransportRule

        /// Refuses a key that is stronger than any part of the transport.
        func check(_ algorithm: KeyAlgorithm, keyCount: Int) throws(TR34Error) {
            let modulusBits = min(device.publicKey.modulusBits, host.publicKey.modulusBits)
            guard strength.permits(algorithm, keyCount: keyCount, modulusBits: modulusBits),
                let key = KeyStrength(algorithm, byteCount: keyCount), cipher.strength.mayProtect(key)
            else { throw .weakerThanKey }
        }
    }
}
