// SPDX-License-Identifier: Apache-2.0

/// What a TPM attests of its platform: registers, clock and restarts, with the nonce that was asked over.
public struct TPMQuote: Equatable, Sendable {
    /// A TPMS_ATTEST (TPM 2.0 library, part 2, 10.12.8), as it was signed.
    public var attested: [UInt8]
    /// ECDSA over the SHA-256 of `attested`: r and s.
    public var signature: [UInt8]
    /// The attestation key: 65 bytes, an uncompressed point of P-256.
    public var publicKey: [UInt8]
}
