// SPDX-License-Identifier: Apache-2.0

/// DER (ITU-T X.690) on writing, BER on reading: the frame of CMS messages (RFC 5652).
///
/// The messages are taken apart here and not by libcrypto's CMS reader, because the samples of TR-34 and devices built
/// after them bend ASN.1 in ways that it refuses, because it falls back to PKCS #1 v1.5 when OAEP parameters are
/// malformed, and because the decrypted key block is to lie in wiped memory only. All cryptography is libcrypto's.
enum ASN1 {
    enum Tag {
        static let integer: UInt8 = 0x02
        static let octets: UInt8 = 0x04
        static let null: UInt8 = 0x05
        static let objectIdentifier: UInt8 = 0x06
        static let utcTime: UInt8 = 0x17
        static let generalizedTime: UInt8 = 0x18
        static let sequence: UInt8 = 0x30
        static let set: UInt8 = 0x31
        /// Context-specific, primitive.
        static func context(_ number: UInt8) -> UInt8 { 0x80 | number }
        /// Context-specific, constructed.
        static func contextConstructed(_ number: UInt8) -> UInt8 { 0xA0 | number }
        static let constructed: UInt8 = 0x20
    }

    /// The largest message read, in bytes; certificates and revocation lists included.
    static let messageCountMax = 1 << 18
    /// The deepest nesting of indefinite lengths.
    static let depthMax = 24

    /// An element with the shortest length.
    static func element(_ tag: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
        header(tag, count: content.count) + content
    }

    /// Tag and length of an element.
    static func header(_ tag: UInt8, count: Int) -> [UInt8] {
        guard count >= 0x80 else { return [tag, UInt8(count)] }
        var length: [UInt8] = []
        var rest = count
        while rest > 0 {
            length.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length
    }

    static func sequence(_ elements: [UInt8]...) -> [UInt8] { element(Tag.sequence, elements.flatMap { $0 }) }

    /// A SET OF in the order that DER wants (X.690 11.6).
    static func set(_ elements: [[UInt8]], tag: UInt8 = Tag.set) -> [UInt8] {
        element(tag, elements.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 })
    }

    static func octets(_ bytes: some Collection<UInt8>) -> [UInt8] { element(Tag.octets, bytes) }

    /// A version number.
    static func integer(_ value: UInt8) -> [UInt8] { element(Tag.integer, [value]) }

    static func objectIdentifier(_ content: [UInt8]) -> [UInt8] { element(Tag.objectIdentifier, content) }

    static let null: [UInt8] = [Tag.null, 0]
}

/// The contents of object identifiers.
enum ObjectIdentifier {
    // pkcs-7
    static let data: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
    static let signedData: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
    static let envelopedData: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03]
    // pkcs-9
    static let contentType: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03]
    static let messageDigest: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]
    static let signingTime: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05]
    /// pkcs-9-at-randomNonce (RFC 2985 5.3.4): 1.2.840.113549.1.9.25.3.
    static let randomNonce: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x19, 0x03]
    // pkcs-1
    static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
    static let rsaesOAEP: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x07]
    static let mgf1: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08]
    static let pSpecified: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x09]
    static let sha256WithRSA: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B]
    static let sha384WithRSA: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C]
    static let sha512WithRSA: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D]
    // hashes
    static let sha1: [UInt8] = [0x2B, 0x0E, 0x03, 0x02, 0x1A]
    static let sha256: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
    static let sha384: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02]
    static let sha512: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03]
    // ciphers
    static let tdesCBC: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x03, 0x07]
    static let aes128CBC: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02]
    static let aes192CBC: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16]
    static let aes256CBC: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2A]

    /// The hash of an identifier.
    static func digest(_ identifier: [UInt8]) -> DigestAlgorithm? {
        switch identifier {
        case sha1: .sha1
        case sha256: .sha256
        case sha384: .sha384
        case sha512: .sha512
        default: nil
        }
    }
}
