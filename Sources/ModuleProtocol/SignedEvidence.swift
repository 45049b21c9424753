// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Evidence as a module gives it (DE 57), but for the CMAC behind it: the claims and, where they name an identity key,
/// that key's signature.
public struct SignedEvidence: Equatable, Sendable {
    /// The bytes of a signature: ECDSA on P-256, `r ‖ s`.
    public static let signatureLength = 64
    /// Signed and authenticated bytes are told apart by what they are for.
    private static let purpose = Array("module evidence\0".utf8)

    public var claims: EvidenceClaims
    /// Empty where the claims name no identity key.
    public var signature: [UInt8]

    public init(_ claims: EvidenceClaims, signature: [UInt8] = []) {
        (self.claims, self.signature) = (claims, signature)
    }

    public func encoded() -> [UInt8] { claims.encoded() + signature }

    /// What the identity key signs: SHA-256 of this.
    public static func signedBytes(_ claims: EvidenceClaims) -> [UInt8] { purpose + claims.encoded() }

    /// - Throws: `CodecError` for anything but claims and, where they name a key, a signature. Says nothing about
    ///   authenticity.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        claims = try EvidenceClaims(from: &reader)
        signature = claims.identity == nil ? [] : try reader.raw(Self.signatureLength)
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of evidence") }
    }
}
